"""The parameter study of the GAN-AE: a grid over latent size, adversarial weight and learning rate, and a sweep.

Each finished run is a row of `results.csv`; a study that was stopped goes on behind the last one. At the end stand
`study/report.md` with a plot for each parameter, the best configuration trained for longer in `best/`, and in `sweep/`
what that makes of the same digits and the same noise under each adversarial weight.
"""

import argparse
import csv
import sys
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path
from statistics import median

import matplotlib
from gan_ae import Config, draw, load_data, measure, train

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PARAMETERS = ("latent_dim", "adversarial_weight", "learning_rate")
MEASURES = ("test_reconstruction", "test_frechet", "cost")
SETTINGS = (*PARAMETERS, "epochs", "seed", "pictures")


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latent-dims", type=int, nargs="+", default=[4, 16, 32])
    parser.add_argument("--adversarial-weights", type=float, nargs="+", default=[0.001, 0.01, 0.1, 1.0])
    parser.add_argument("--learning-rates", type=float, nargs="+", default=[4e-3, 1.6e-2, 6.4e-2])
    parser.add_argument("--sweep", type=float, nargs="+", default=[0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0])
    parser.add_argument("--epochs", type=int, default=25, help="of each run of the grid")
    parser.add_argument("--best-epochs", type=int, default=60, help="of the best one and of the sweep")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", help="a folder with MNIST's IDX files")
    parser.add_argument("--out", type=Path, default=Path("."))
    return parser.parse_args()


def finished(path):
    """The rows that are there, by their settings. A last line that was cut off while it was written is taken away."""
    if not path.exists():
        return {}
    lines = path.read_text().splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    path.write_text("".join(whole))
    rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(whole)]
    return {key(row): row for row in rows}


def key(row):
    return tuple(row[name] for name in SETTINGS)


def run_all(configs, data, path, pictures=None):
    """Train each configuration that has no row yet and add it; gives the rows of all, in order."""
    rows = finished(path)
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, (*SETTINGS, *MEASURES), extrasaction="ignore", lineterminator="\n")
        if file.tell() == 0:
            writer.writeheader()
        for done, config in enumerate(configs):
            row = {**asdict(config), "pictures": len(data[0])}
            if key(row) not in rows:
                show_progress(done, len(configs), ", ".join(f"{name} {row[name]:g}" for name in PARAMETERS))
                encoder, decoder = train(config, *data)
                if pictures:
                    name = f"adversarial_weight={config.adversarial_weight:.2f}.png"
                    draw(encoder, decoder, data[1], pictures / name)
                row |= {name: round(value, 4) for name, value in measure(encoder, decoder, data[1]).items()}
                writer.writerow(row)
                file.flush()
                rows[key(row)] = row
    show_progress(len(configs), len(configs), path.name)
    return [rows[key({**asdict(config), "pictures": len(data[0])})] for config in configs]


def show_progress(done, total, what):
    """A bar on stderr."""
    bar = "#" * (30 * done // total)
    print(f"\r[{bar:30}] {done}/{total} {what:60}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def plot_effect(rows, name, path):
    """How each measure depends on one parameter: each run a dot, a line through the best ones."""
    values = sorted({row[name] for row in rows})
    figure, axes = plt.subplots(1, len(MEASURES), figsize=(10, 3), sharex=True, layout="constrained")
    for axis, column in zip(axes, MEASURES, strict=True):
        axis.plot([row[name] for row in rows], [row[column] for row in rows], ".", color="0.6")
        axis.plot(values, [min(row[column] for row in rows if row[name] == value) for value in values], "o-")
        axis.set(
            xscale="log",
            yscale="log",
            xlabel=name,
            title=column,
            xticks=values,
            xticklabels=[f"{value:g}" for value in values],
        )
        axis.minorticks_off()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def table(rows, columns):
    """Rows as Markdown."""
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(f"{row[name]:.4g}" for name in columns) for row in rows]
    return "".join(f"| {line} |\n" for line in lines)


def effect(rows, name):
    """What each value of a parameter reached at best and typically, and how much it matters."""
    costs = {}
    for row in sorted(rows, key=lambda row: (row[name], row["cost"])):
        costs.setdefault(row[name], []).append(row["cost"])
    lines = [f"- {value:g}: best {found[0]:.2f}, median {median(found):.2f}" for value, found in costs.items()]
    best = min(costs, key=lambda value: costs[value][0])
    gain = max(found[0] for found in costs.values()) / costs[best][0]
    said = f"Best at {best:g}. Held at its worst value, the others can only reach a cost {gain:.1f} times as high."
    return "\n".join([f"## {name}", "", said, "", *lines, "", f"![{name}]({name}.png)", ""])


def report(rows, swept, config, reached):
    """The study in words and tables, Markdown."""
    best = ", ".join(f"{name} {vars(config)[name]:g}" for name in PARAMETERS)
    ranked = sorted(rows, key=lambda row: row["cost"])
    return f"""# How the GAN-AE depends on its parameters

{len(rows)} runs of {rows[0]["epochs"]:g} epochs with seed {config.seed}. The cost of a run is what rebuilding a
test digit loses (`test_reconstruction`) plus the Frechet distance of decoded noise to the test digits (`test_frechet`),
both squared distances of whole pictures. One seed each: differences of a few hundredths are noise.

The best is {best}.
Trained for {config.epochs} epochs it reaches a cost of {reached["cost"]:.2f}, of which
{reached["test_reconstruction"]:.2f} is reconstruction. The worst run of the grid has {ranked[-1]["cost"]:.2f}.
The first five of `results.csv`:

{table(ranked[:5], (*PARAMETERS, *MEASURES))}
{"".join(effect(rows, name) + chr(10) for name in PARAMETERS)}## A sweep of the adversarial weight

The other parameters as in the best, {config.epochs} epochs; `../sweep` has a picture for each weight. On scikit-learn's
digits, noise decodes to broken digits without an adversary, since the codes go where they like; with too strong a one
the encoder gives up, and every picture is rebuilt as the mean of all.

{table(swept, ("adversarial_weight", *MEASURES))}"""


def main():
    args = options()
    study, best_folder, sweep = (args.out / name for name in ("study", "best", "sweep"))
    for folder in (study, best_folder, sweep):
        folder.mkdir(parents=True, exist_ok=True)
    data = load_data(args.data)
    grid = product(args.latent_dims, args.adversarial_weights, args.learning_rates)
    configs = [Config(*values, epochs=args.epochs, seed=args.seed) for values in grid]
    rows = run_all(configs, data, study / "results.csv")
    for name in PARAMETERS:
        plot_effect(rows, name, study / f"{name}.png")
    best = min(zip(rows, configs, strict=True), key=lambda pair: pair[0]["cost"])[1]
    best = replace(best, epochs=args.best_epochs)
    encoder, decoder = train(best, *data, best_folder)
    weights = [replace(best, adversarial_weight=weight) for weight in args.sweep]
    swept = run_all(weights, data, sweep / "results.csv", sweep)
    (study / "report.md").write_text(report(rows, swept, best, measure(encoder, decoder, data[1])))


if __name__ == "__main__":
    main()

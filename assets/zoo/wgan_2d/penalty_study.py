"""What the penalty weight and the number of critic steps do to the WGAN of `wgan_gp.py`: a table, a plot, pictures.

Every run has the same number of critic updates, so that many critic steps are paid for by fewer generator updates.
"""

import csv
import os
import sys

import matplotlib.pyplot as plt
import torch
from plane import draw
from wgan_gp import options, train

WEIGHTS = (0.1, 1.0, 10.0)
CRITIC_STEPS = (1, 3, 6)
CRITIC_UPDATES = 1200
SEED = 0
OUT = "penalty_study"


def configure(weight, n_critic):
    """The options of `wgan_gp.py` with these two and smaller batches."""
    settings = {"lambda-gp": weight, "n-critic": n_critic, "steps": CRITIC_UPDATES // n_critic, "seed": SEED}
    settings["batch-size"] = 128
    return options([text for name, value in settings.items() for text in (f"--{name}", str(value))])


def plot(rows, path):
    """The distance of the generator's points to the ring, a line for each number of critic steps."""
    figure, axes = plt.subplots(figsize=(5, 3.5), layout="constrained")
    for n_critic in CRITIC_STEPS:
        chosen = [row for row in rows if row["n_critic"] == n_critic]
        distances = [row["exact_distance"] for row in chosen]
        axes.plot([row["lambda_gp"] for row in chosen], distances, "o-", label=f"{n_critic} critic steps")
    axes.set(xscale="log", xlabel="weight of the gradient penalty", ylabel="Wasserstein distance to the ring")
    axes.legend()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def main():
    rows = []
    for n_critic in CRITIC_STEPS:
        folder = f"{OUT}/n_critic={n_critic}"
        os.makedirs(folder, exist_ok=True)
        for weight in WEIGHTS:
            generator, critic, history, points = train(configure(weight, n_critic))
            draw(f"{folder}/lambda_gp={weight:.2f}.png", critic, *points)
            last = {name: history[-1][name] for name in ("exact_distance", "spots_hit", "wasserstein")}
            rows.append({"lambda_gp": weight, "n_critic": n_critic, "steps": history[-1]["step"], **last})
            print(rows[-1], file=sys.stderr, flush=True)
            if last["exact_distance"] == min(row["exact_distance"] for row in rows):
                torch.save(generator.state_dict(), f"{OUT}/best_generator.pt")
    with open(f"{OUT}/results.csv", "w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    plot(rows, f"{OUT}/effect.png")


if __name__ == "__main__":
    main()

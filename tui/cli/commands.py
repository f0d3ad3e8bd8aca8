"""Every command with its options, as `--help` shows them. The work is in the modules beside; they are imported late."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tui.cli.parsing import Commands, Pair, Plain, Words

F = TypeVar("F", bound=Callable[..., Any])

QUESTIONS = """\b
Examples (a shell takes < and > for itself, so quote them or write ranges):
  modelsearch search 'diffusion dataset:cifar10 lr:<1e-3 -conditional'
  modelsearch search diffusion dataset:cifar10 lr:..1e-3 -conditional
  modelsearch search "models using autoencoder but not trained on MNIST"
  modelsearch -- show me all GANs
"""


def _catalog(function: F) -> F:
    """`--catalog`, before or after the command; the one after it wins."""
    return click.option(
        "--catalog",
        metavar="DIR",
        type=click.Path(path_type=Path),
        callback=lambda ctx, _, value: value or ctx.obj,
        help="The catalogue to use.",
    )(function)


def _json(function: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="One JSON object a line on stdout.")(function)


def _limit(function: F) -> F:
    return click.option("--limit", metavar="N", type=click.IntRange(min=0), help="At most N results.")(function)


def _words(name: str, required: bool = False) -> Callable[[F], F]:
    return click.argument("words", nargs=-1, metavar=name, required=required)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from tui.cli.version import version

        click.echo(f"modelsearch {version()}")
        ctx.exit()


@click.group(cls=Commands, epilog=QUESTIONS, subcommand_metavar="[COMMAND | QUESTION...]")
@_catalog
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Say the version.")
@click.pass_context
def modelsearch(ctx: click.Context, catalog: Path | None) -> None:
    """Search, compare and explain your own machine-learning folders.

    Without a command it opens the app, on the question if there is one; where the output is no terminal it answers
    as `search` does.
    """
    ctx.obj = catalog


@modelsearch.command("ask", cls=Words, hidden=True)
@_words("[QUESTION]...")
@_limit
@_json
@_catalog
def ask(words: tuple[str, ...], limit: int | None, as_json: bool, catalog: Path | None) -> int:
    """Open the app on a question; with an option of `search`, or without a terminal, answer as it does."""
    from tui.cli.opening import in_terminal, open_app
    from tui.cli.searching import search

    question = " ".join(words)
    if as_json or limit is not None or not in_terminal():
        return search(catalog, question, limit, as_json)
    return open_app(catalog, question)


@modelsearch.command("index", cls=Plain, short_help="Add folders, or look again at those that are there.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@_json
@_catalog
def index(paths: tuple[Path, ...], as_json: bool, catalog: Path | None) -> int:
    """Add folders or files, or look again at those that are there.

    Without a PATH everything that was ever added is looked at again. What has not changed costs next to nothing.

    Left out are hidden folders, virtual environments, build, dist and node_modules, what cannot be read, and what a
    .modelsearchignore names, which is written as a .gitignore is.
    """
    from tui.cli.indexing import index

    return index(catalog, paths, as_json)


@modelsearch.command("roots", cls=Plain, short_help="The folders that were added.")
@_json
@_catalog
def roots(as_json: bool, catalog: Path | None) -> int:
    """The folders that were added, with their labels."""
    from tui.cli.indexing import roots

    return roots(catalog, as_json)


@modelsearch.command("forget", cls=Plain, short_help="Take a folder out.")
@click.argument("root", metavar="ROOT")
@_catalog
def forget(root: str, catalog: Path | None) -> int:
    """Take a folder out of the catalogue, by its path or label. Your notes stay, and so do your files."""
    from tui.cli.indexing import forget

    return forget(catalog, root)


@modelsearch.command("list", cls=Plain, short_help="All models.")
@_json
@_catalog
def list_(as_json: bool, catalog: Path | None) -> int:
    """All models, last modified first."""
    from tui.cli.searching import list_models

    return list_models(catalog, as_json)


@modelsearch.command("search", cls=Words, short_help="The models that answer a question.", epilog=QUESTIONS)
@_words("[QUESTION]...")
@_limit
@click.option("--batch", metavar="FILE", help="A question a line from FILE (- for stdin), a JSON object a line out.")
@_json
@_catalog
def search(words: tuple[str, ...], limit: int | None, batch: str | None, as_json: bool, catalog: Path | None) -> int:
    """The models that answer a question: all that meet it, and none that don't."""
    from tui.cli import searching

    if batch is not None:
        if words:
            raise click.UsageError("a question or --batch FILE, not both")
        return searching.batch(catalog, batch, limit)
    return searching.search(catalog, " ".join(words), limit, as_json)


@modelsearch.command("show", cls=Words, short_help="All that is known of one model.")
@_words("ID", required=True)
@_json
@_catalog
def show(words: tuple[str, ...], as_json: bool, catalog: Path | None) -> int:
    """What is known of a model: facts with their places, layers, what it left behind."""
    from tui.cli.showing import show

    return show(catalog, words, as_json)


@modelsearch.command("diff", cls=Words, short_help="Two models side by side.")
@_words("A B", required=True)
@_json
@click.option("--code", is_flag=True, help="Also the difference of the two sources.")
@click.option("--tui", "in_app", is_flag=True, help="Open the app on it.")
@_catalog
def diff(words: tuple[str, ...], as_json: bool, code: bool, in_app: bool, catalog: Path | None) -> int:
    """Two models side by side: what differs first, what is equal folded."""
    from tui.cli.differing import diff

    return diff(catalog, words, as_json, code, in_app)


@modelsearch.command("compare", cls=Pair, short_help="Two groups of models side by side.")
@_words("QUESTION...")
@click.option("--with", "second", metavar="QUESTION...", default="", help="The second question.")
@_json
@_catalog
def compare(words: tuple[str, ...], second: str, as_json: bool, catalog: Path | None) -> int:
    """Two groups of models, each the answer to a question.

    \b
    Example:
      modelsearch compare dataset:mnist GANs --with dataset:mnist autoencoders
    """
    from tui.cli.comparing import compare

    return compare(catalog, " ".join(words), second, as_json)


@modelsearch.command("images", cls=Words, short_help="The pictures that models made.")
@_words("ID|QUESTION...", required=True)
@click.option("--epoch", metavar="N", type=int, help="Only those of this epoch.")
@click.option("--like", metavar="IMAGE", hidden=True)
@_json
@_catalog
def images(words: tuple[str, ...], epoch: int | None, like: str | None, as_json: bool, catalog: Path | None) -> int:
    """The pictures that models made."""
    from tui.cli.picturing import images

    if like is not None:
        raise click.UsageError("--like IMAGE is not there yet; ask by words, model or epoch")
    return images(catalog, words, epoch, as_json)


@modelsearch.command("report", cls=Words, short_help="A report, every sentence with its source.")
@_words("QUESTION|ID...", required=True)
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Into FILE.md or FILE.html.")
@_catalog
def report(words: tuple[str, ...], output: Path | None, catalog: Path | None) -> int:
    """A report on a model, on a pair or on the answer to a question, every sentence with its source."""
    from tui.cli.reporting import report

    return report(catalog, words, output)


@modelsearch.command("setup", cls=Plain, short_help="Fetch and prepare the networks (once).")
@_catalog
def setup(catalog: Path | None) -> int:
    """Fetch and prepare the networks: the embedder for search by meaning, the writer for reports.

    Takes minutes the first time (one part is compiled); can be run again, and does only what is missing.
    """
    from tui.cli.preparing import setup

    return setup()


@modelsearch.command("doctor", cls=Plain, short_help="What is missing, and what to do about it.")
@_json
@_catalog
def doctor(as_json: bool, catalog: Path | None) -> int:
    """What is installed and found, what is missing, and what to do about it."""
    from tui.cli.preparing import doctor

    return doctor(catalog, as_json)

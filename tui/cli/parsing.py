"""How a command line is split into options and words: documented options are options, all else is the question's."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

import click


class Words(click.Command):
    """A command whose words may begin with a dash: `-conditional`, `lr<1e-3`. An unknown `--option` is an error."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options, words = split(self, ctx, args)
        return super().parse_args(ctx, [*options, "--", *words])


class Pair(Words):
    """Two questions: the words before `--with` and the words after it. `--with B A` reads A as the first."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        before, mark, after = _cut(args)
        options, first = split(self, ctx, before)
        more, second = split(self, ctx, after)
        if mark and second and not first:
            second, first = second[:1], second[1:]
        if not {"--help"} & {*options, *more} and not (first and second):
            raise click.UsageError("compare needs two questions: modelsearch compare QUESTION --with QUESTION", ctx)
        return click.Command.parse_args(self, ctx, [*options, *more, f"--with={' '.join(second)}", "--", *first])


def _cut(args: Sequence[str]) -> tuple[list[str], bool, list[str]]:
    """What stands before `--with`, whether it is there, and what stands after it."""
    for position, arg in enumerate(args):
        if arg == "--":
            break
        if arg == "--with":
            return list(args[:position]), True, list(args[position + 1 :])
        if arg.startswith("--with="):
            return list(args[:position]), True, [arg.removeprefix("--with="), *args[position + 1 :]]
    return list(args), False, []


class Plain(click.Command):
    """A command without a question: a word that begins with a dash must be an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, words = split(self, ctx, args)
        if not any(arg == "--" for arg in args):
            for word in words:
                if word.startswith("-") and word != "-":
                    raise click.UsageError(f"{ctx.info_name} has no option {word}", ctx)
        return super().parse_args(ctx, args)


class Commands(click.Group):
    """The command that the first word names; a line that begins with any other word is a question."""

    question = "ask"
    """Name of the hidden command that takes it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own, rest = _leading(self, ctx, args)
        if not rest or rest[0] not in self.commands or rest[0] == self.question:
            if rest and (nearest := _meant(rest[0], self.commands)):
                click.echo(f"modelsearch: {rest[0]} is no command; do you mean modelsearch {nearest}?", err=True)
            rest = [self.question, *rest]
        return super().parse_args(ctx, [*own, *rest])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which they were written, which is the order of use."""
        return list(self.commands)


def _meant(word: str, commands: Iterable[str]) -> str | None:
    """The command that a word misspells. What only adds to one or cuts it off is a word of a question: "image"."""
    found = difflib.get_close_matches(word, commands, n=1, cutoff=0.8)
    return found[0] if found and word not in found[0] and found[0] not in word else None


def split(command: click.Command, ctx: click.Context, args: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options with their values, and the words. Everything after `--` is a word."""
    known = _options(command, ctx)
    options: list[str] = []
    words: list[str] = []
    queue = list(args)
    while queue:
        arg = queue.pop(0)
        if arg == "--":
            return options, words + queue
        name, equals, _ = arg.partition("=")
        if name in known and (not equals or name.startswith("--")):
            takes = 0 if equals or known[name].is_flag else known[name].nargs
            if len(queue) < takes:
                raise click.UsageError(f"{name} needs a value", ctx)
            options += [arg, *queue[:takes]]
            del queue[:takes]
        elif arg.startswith("--") and len(arg) > 2:
            raise click.UsageError(_unknown(name, known, ctx), ctx)
        else:
            words.append(arg)
    return options, words


def _leading(command: click.Command, ctx: click.Context, args: Sequence[str]) -> tuple[list[str], list[str]]:
    """The options before the first word, and the rest."""
    known = _options(command, ctx)
    position = 0
    while position < len(args):
        name, equals, _ = args[position].partition("=")
        if name not in known:
            break
        position += 1 if equals or known[name].is_flag else 1 + known[name].nargs
    return list(args[:position]), list(args[position:])


def _options(command: click.Command, ctx: click.Context) -> dict[str, click.Option]:
    options = [param for param in command.get_params(ctx) if isinstance(param, click.Option)]
    return {name: option for option in options for name in (*option.opts, *option.secondary_opts)}


def _unknown(name: str, known: dict[str, Any], ctx: click.Context) -> str:
    """What to say of an option that is none: the commands that have it, else the nearest of this command."""
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if owners := _owners(name, ctx):
        hint = f"it belongs to: {', '.join(owners)}"
    elif nearest:
        hint = f"did you mean {nearest[0]}?"
    else:
        hint = f"known here: {', '.join(option for option in known if option.startswith('--'))}"
    return f"no such option: {name}; {hint}"


def _owners(name: str, ctx: click.Context) -> list[str]:
    group = ctx.find_root().command
    if not isinstance(group, click.Group):
        return []
    return [of for of, command in group.commands.items() if name in _options(command, ctx) and not command.hidden]

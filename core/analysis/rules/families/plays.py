"""Which networks of a run play against each other: what families of adversaries are found by."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import partial

from core.analysis.nodes import kept, unparse, walk
from core.analysis.program import Made
from core.analysis.rules.bodies import FORWARDS, Body
from core.analysis.rules.families.asking import RANDOM, acts
from core.analysis.rules.families.play import (
    JUDGE,
    MAKER,
    TRAINING,
    Play,
    callee_of,
    held_by_name,
    judge_names,
    plays_in,
    told_plays,
)
from core.analysis.rules.view import View, asked_once


def play_of(view: View) -> Play | None:
    """The play of a GAN, the first where several are trained."""
    return next(iter(plays_of(view)), None)


@asked_once
def plays_of(view: View) -> tuple[Play, ...]:
    """The plays of GANs, each trained in a loop of its own: found where nobody acts in an environment and at least two
    optimizers train."""
    if acts(view) or _trainers(view) < 2:
        return ()
    plays = [play for play in _named_first(plays_in(view), view) if not _learn_as_one(view, play)]
    plays = [play for play in plays if _makes_where_judged(play)] or plays
    told = (Play(each[0], each[1], body, each[2], each[3]) for body in view.bodies for each in body.once(told_plays))
    found = next((play for play in plays if play.real is not None), plays[0] if plays else next(told, None))
    return () if found is None else (found, *_played_apart(view, found, plays))


def _played_apart(view: View, first: Play, plays: list[Play]) -> Iterator[Play]:
    """The plays in other loops, one of each: of other networks in the same code, or in another function."""
    seen: set[ast.stmt | None] = {_stage(view, first)} if first.body.cls is None else {None}
    for play in plays if None not in seen else ():
        others = play.body is not first.body or {play.judge, play.maker}.isdisjoint((first.judge, first.maker))
        if others and play.body.cls is None and play.real is not None and _stage(view, play) not in {None, *seen}:
            seen.add(_stage(view, play))
            yield play


def _stage(view: View, play: Play) -> ast.stmt | None:
    """The outermost loop in which a judge is asked: in the code itself, or around the call of its function."""
    asking = view.callers.get(id(play.body.node), ()) if _outermost(play) is None else ()
    loop = next((call.loop for call in asking if call.loop is not None), None)
    while loop is not None and loop.outer is not None:
        loop = loop.outer
    return loop.node if loop is not None else _outermost(play)


def _makes_where_judged(play: Play) -> bool:
    """Whether the maker works in the loop in which it is judged: what is made in two loops may have one name."""
    loop, lines = _outermost(play), [call.lineno for call in made_by(play)]
    return loop is None or not lines or any(loop.lineno <= line <= (loop.end_lineno or 0) for line in lines)


def _outermost(play: Play) -> ast.stmt | None:
    """The outermost loop of the code in which a judge is asked."""
    loops, line = play.body.of(ast.For, ast.While), play.node.lineno
    return next((loop for loop in loops if loop.lineno <= line <= (loop.end_lineno or 0)), None)


def _learn_as_one(view: View, play: Play) -> bool:
    """Whether the judge is asked in the forward of a network of which one optimizer is given all the weights, and none
    is given those of a part: what it tells apart is its maker's own."""
    if play.body.cls is None or play.body.name not in FORWARDS:
        return False
    wholes = {id(each) for each in view.network_instances if each.cls is play.body.cls}
    parts = (each for each in view.optimised if id(each) not in wholes)
    return any(id(each) in wholes for each in view.optimised) and not any(
        id(whole) in wholes for part in parts for whole in view.around(part)
    )


def makes_from_noise(view: View) -> bool:
    """Whether a GAN's maker is given noise, or draws it itself."""
    play = play_of(view)
    if play is None:
        return False
    words = {word for call in made_by(play) for argument in call.args for word in play.body.words(argument, 2)}
    given = bool(words & RANDOM) or any("noise" in word for word in words)  # what a function of the user's draws
    makers = (body for body in view.bodies if body.name == play.maker or "generator" in body.name.casefold())
    return given or any(RANDOM & body.calls.keys() for body in makers)


def made_by(play: Play) -> list[ast.Call]:
    """The calls of a GAN's maker."""
    return [call for calls in play.body.calls.values() for call in calls if callee_of(call) == play.maker]


def _named_first(plays: Iterator[Play], view: View) -> Iterator[Play]:
    """Plays between networks: objects of theirs, or functions called a generator and a discriminator."""
    networks, judges = _network_names(view), judge_names(view)
    for play in plays:
        objects = play.judge in networks and (play.maker in networks or play.maker in ("self", "generate"))
        functions = JUDGE.search(play.judge) and MAKER.search(play.maker)
        told = JUDGE.search(play.judge) or play.judge in judges
        if functions or (objects and play.real is not None and told):
            yield play


def _network_names(view: View) -> set[str]:
    """The names under which network objects are kept: variables and attributes."""
    members = {id(instance) for instance in view.network_instances}
    return {name for name, value in held_by_name(view) if id(value) in members or isinstance(value, Made)}


def _trainers(view: View) -> int:
    """How many optimizers train: those built, Keras models compiled, losses minimised, modules of MXNet that are
    given one, lists of weights that one optimizer is told to move apart."""
    compiled = sum(call.argument("loss", 1) is not None for call in view.program.named("compile"))
    minimised = len(view.program.named("minimize", "optimize_loss", "init_optimizer"))
    built = len({id(call.node) for call in view.optimizers})
    looped = sum(call.loop is not None for call in view.optimizers)
    stepped = len(
        {
            _step_of(body, call)
            for body in view.bodies
            for name in ("apply_gradients", "step", "update")
            for call in body.calls.get(name, ())
            if "opt" in unparse(call.func).casefold() or name == "apply_gradients"
        }
    )
    descents = (call for body in view.bodies for call in body.calls.get("compute_gradients", ()))
    lists = {unparse(each.value) for call in descents for each in call.keywords if each.arg == "var_list"}
    return max(compiled, minimised, built, looped * 2, stepped, len(lists))


def _step_of(body: Body, call: ast.Call) -> tuple[str, ...]:
    """Who takes a step, and for whose weights: one optimizer may train two, `apply_gradients(zip(g, d.variables))`."""
    given = [inner for argument in call.args for inner in walk(argument)]
    bound = (value for inner in given if isinstance(inner, ast.Name) for value in body.assigned.get(inner.id, ())[:1])
    given += [inner for value in bound for inner in walk(value)]
    trained = {unparse(each.value) for each in given if isinstance(each, ast.Attribute) and each.attr in TRAINING}
    return (kept(call.func, "_dump", partial(ast.dump, call.func)), *sorted(trained))

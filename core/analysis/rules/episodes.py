"""Learning to learn: by episodes, each of a few examples to learn from and some to be judged by."""

from __future__ import annotations

import re

from core.analysis.rules.bodies import Body
from core.analysis.rules.judging import is_evaluation, turns_off
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed, bound


def by_episodes(model: Purposed) -> Answer | None:
    """What is told of a few examples of new kinds: so many ways and shots are spoken of, or what supports is told apart
    from what is asked; or a library of such learners is used."""
    ready = next(iter(model.view.program.under(*_LEARNERS)), None)
    if ready is not None:
        return "meta-learning", ready.place, f"by {ready.dotted}"
    bodies = [
        body for body in model.view.bodies if not (is_evaluation(body.name) or turns_off(body.code, *_TURNING_OFF))
    ]
    body = next((body for body in bodies if body.once(_counts_shots) or body.once(_tells_apart)), None)
    return ("meta-learning", body.place(body.node), "episodes of few examples") if body is not None else None


_TURNING_OFF = ("eval", "no_grad", "inference_mode")
_LEARNERS = ("learn2learn.algorithms.", "torchmeta.", "higher.innerloop_ctx")


def _counts_shots(body: Body) -> bool:
    """Whether a body speaks of ways and of shots: `n_way`, `k_shot`."""
    return body.speaks_of(_SHOTS) and body.speaks_of(_WAYS)


def _tells_apart(body: Body) -> bool:
    """Whether a body binds, or is given, what supports and what is asked by like names: `support_x`, `query_x`; plain
    ones only where no `key` stands beside the query, as in attention."""
    names = {name.casefold() for name in (*body.once(bound), *body.parameters)}
    if any(map(_NEAR_BY.search, names)):
        return False  # places in space, and those around which they are asked for
    supporting = {_SUPPORT.sub("*", name) for name in names if _SUPPORT.search(name)}
    if not names.isdisjoint(("key", "keys")):
        supporting.discard("*")
    return bool(supporting) and not supporting.isdisjoint(_QUERY.sub("*", name) for name in names)


_SHOTS = re.compile(r"(^|_)(?<!zero_)(n|k|num)?_?shots?(_num)?$")
_WAYS = re.compile(r"(^|_)(?<!one_)(?<!two_)(?<!both_)(n|k|num)?_?ways?(_num)?$")
_NEAR_BY = re.compile(r"(^|_)(neighbou?rs?|radius)(_|$)")
_SUPPORT = re.compile(r"(?<![a-z])(supports?|spt)(?![a-z])")
_QUERY = re.compile(r"(?<![a-z])(query|queries|qry)(?![a-z])")

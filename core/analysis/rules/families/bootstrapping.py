"""Families of reinforcement learning that learn what actions are worth: DQN and C51; and rewards made by networks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import partial

from core.analysis.nodes import given_to, is_operation, walk
from core.analysis.rules.bodies import Body, is_call, last_name
from core.analysis.rules.families.arithmetic import is_constant, is_rest, squares, sums
from core.analysis.rules.families.asking import CLAMPS, REWARD, Evidence, acts, rewards_added_to, shown
from core.analysis.rules.families.policies import policy_gradient
from core.analysis.rules.families.reinforcement import DISCOUNTS, clipped_ratio, deterministic, entropy_regularised
from core.analysis.rules.view import View


def bootstrapped(view: View) -> Iterator[Evidence]:
    """DQN: reward + discount * the best next value is the target of a network; C51: the target is a distribution over
    atoms. Not where a policy is learned in the same file."""
    learned = view.network_instances or view.optimizers or view.has("linear", "conv", "factory", "lstm")
    if not acts(view) or not learned:
        return
    found = list(shown(view, "C51", "the target is a distribution over atoms", _projects))
    found = found or list(shown(view, "DQN", "reward + discount * the best next value is the target", _best_next))
    found = found or list(_best_next_elsewhere(view))
    if any(True for _ in entropy_regularised(view)):
        return  # a critic beside a policy is moved to such a target too
    policies = [policy for rule in (deterministic, policy_gradient, clipped_ratio) for policy in rule(view)]
    beside = {policy.place.file for policy in policies}
    yield from (each for each in found if each.place.file not in beside)


def _best_next(body: Body) -> ast.AST | None:
    """`reward + gamma * q_next.max(1)`, or `target += gamma * max(q_next)` where the target was the reward."""
    for node, parts in sums(body):
        if len(parts) >= 2 and any(_discounted_best(body, term) for _, term in parts):
            return node
    added = next((step for step in rewards_added_to(body) if _discounted_best(body, step.value)), None)
    return added or next((step for step in body.of(ast.AugAssign) if _is_discounted_in_place(body, step)), None)


def _is_discounted_in_place(body: Body, step: ast.AugAssign) -> bool:
    """`worth *= gamma` behind `worth = max(q_next)`, before `worth += reward`."""
    if not isinstance(step.op, ast.Mult) or not isinstance(step.target, ast.Name):
        return False
    own = [other for other in body.of(ast.AugAssign) if last_name(other.target) == step.target.id]
    rewarded = any(isinstance(other.op, ast.Add) and REWARD.search(last_name(other.value)) for other in own)
    best = rewarded and any(map(_BEST.search, body.words(step.target, 3)))
    return best and _is_discounted(body, step.value)


def _discounted_best(body: Body, term: ast.AST) -> bool:
    if not _is_discounted(body, term):
        return False
    told = ((body.words(each, 3), each) for each in (term, *_gone_through(body, term)))
    best = (each for words, each in told if any(map(_BEST.search, words)))
    return any(any(map(_BEST.search, _sure_words(body, each, 3))) for each in best)


def _gone_through(body: Body, term: ast.AST) -> list[ast.expr]:
    """What the names in a term go through: `best_next` of `[r + gamma * q for r, q in zip(rewards, best_next)]`."""
    pairs = body.once(_in_pairs)
    return [pairs[node.id] for node in walk(term) if isinstance(node, ast.Name) and node.id in pairs] if pairs else []


def _in_pairs(body: Body) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for loop in body.of(ast.comprehension):
        if is_call(loop.iter, ("zip",)) and isinstance(loop.target, ast.Tuple):
            found |= {last_name(one): given for one, given in zip(loop.target.elts, loop.iter.args, strict=False)}
    return found


def _sure_words(body: Body, node: ast.AST, depth: int) -> set[str]:
    """The words of an expression, but for what stands behind names of what is explored."""
    found: set[str] = set()
    for inner in walk(node):
        if isinstance(inner, ast.Attribute):
            found.add(inner.attr)
        elif isinstance(inner, ast.Subscript) and isinstance(inner.slice, ast.Constant):
            found.add(str(inner.slice.value))
        elif isinstance(inner, ast.Name):
            found.add(inner.id)
            values = body.assigned.get(inner.id, ())[:4] if depth and not _is_explored(body, inner) else ()
            found = found.union(*(_sure_words(body, value, depth - 1) for value in values if value is not node))
    return found


def _is_explored(body: Body, name: ast.Name) -> bool:
    """Whether something is now and then drawn, and else the best, as the next action of SARSA is."""
    return _draws(body, body.assigned.get(name.id, ()))


def _draws(body: Body, values: Iterable[ast.expr]) -> bool:
    return any(_DRAWN & body.words(value, 0) for value in values)


_DRAWN = {"sample", "randint", "randrange", "choice"}


_BEST = re.compile(
    r"^(a|reduce_)?max(imum)?$|argmax|(next|future|qs?|values?)_?max$|^max_?(next|future|q|value)|^best_(action|next|q|value)",
    re.IGNORECASE,
)
"""What says that the best of several is taken; `max_action` is a bound."""


def _is_discounted(body: Body, term: ast.AST) -> bool:
    """Whether a rate of 0.9 or more is in a term, written there or where a name of it gets its value (`y = .99`), or
    what is called a discount."""
    named = (value for node in walk(term) if isinstance(node, ast.Name) for value in body.assigned.get(node.id, ()))
    rates = [node.value for node in (*walk(term), *named) if isinstance(node, ast.Constant)]
    told = any(isinstance(rate, float) and 0.9 <= rate < 1 for rate in rates)
    return told or any(DISCOUNTS.search(word) for word in body.words(term, 3))


def _best_next_elsewhere(view: View) -> Iterator[Evidence]:
    """The same in two places: one finds the best action, or the best of the next values, another adds what is worth
    there, discounted, to the reward."""
    found = [(body, name) for body in view.calling("argmax", "max") for name in body.once(_best_actions)]
    if found:
        taken = partial(_taken_at_best, best=found)
        yield from shown(view, "DQN", "reward + discount * the next value, of which the best is taken", taken)


def _best_actions(body: Body) -> list[str]:
    """What the best action is called in a graph: `predict` of `self.predict = argmax(self.q, 1)`, and no other now and
    then; and what the best next value is, `q_next = target(next_states).max(1)[0]`, `q_next =
    target(next_states).gather(1, best)`."""
    pairs = [(name, value) for name, values in body.assigned.items() for value in values if not _draws(body, values)]
    best = [name for name, value in pairs if is_call(value, ("argmax",))]
    return best + [
        name for name, value in pairs if _NEXT_WORTH.search(name) and {"max", "argmax"} & body.words(value, 1)
    ]


_NEXT_WORTH = re.compile(r"(?=.*next).*((^|_)(max_?)?q|val|best|max|target)", re.IGNORECASE)
"""What the worth of the next state is called; not the state, nor whether it is the last."""


def _taken_at_best(body: Body, best: list[tuple[Body, str]]) -> ast.AST | None:
    """`reward + gamma * double`, where what is worth so much was taken at the best action: of the same code, of the
    script, kept on an object or handed in."""
    names = {name for home, name in best if home is body or _reaches(home, name) or name in body.parameters}
    for node, parts in sums(body) if names else ():
        if len(parts) >= 2 and any(_is_discounted(body, term) and names & body.words(term, 3) for _, term in parts):
            return node
    return None


def _reaches(home: Body, name: str) -> bool:
    """Whether other code can ask for what is kept under a name there."""
    return not home.name or any(
        isinstance(target, ast.Attribute) and target.attr == name
        for line in home.of(ast.Assign)
        for target in line.targets
    )


def _projects(body: Body) -> ast.AST | None:
    """Chances are laid on the atoms of another distribution: rounded down to the next ones and up after a reward, or
    shared out by their distance, `clip(1 - abs(z_q - z_p) / delta, 0, 1)`; not one number on two atoms."""
    call = body.calls_any(("floor",)) if body.speaks_of(_REWARDED) else None
    call = call if call is not None else next(filter(_shares, _clips(body)), None)
    return call if call is not None and body.speaks_of(_ATOMS) else None


_ATOMS = re.compile(r"atom|support|^z_[pq]$")
_REWARDED = re.compile(rf"{REWARD.pattern}|return|{DISCOUNTS.pattern}", re.IGNORECASE)


def _clips(body: Body) -> list[ast.Call]:
    return [call for name in sorted(CLAMPS) for call in body.calls.get(name, ())]


def _shares(call: ast.Call) -> bool:
    """`clip(1 - x, 0, 1)`"""
    bounds = [each.value for each in given_to(call) if is_constant(each, 0, 1)]
    rest = call.args[0] if call.args else None
    return is_rest(rest) and len(bounds) >= 2


def distilled_novelty(view: View) -> Iterator[Evidence]:
    """RND: the error in predicting a fixed random network is a reward; both parts of one network, or two."""
    if not acts(view):
        return
    classes = {instance.cls.name.casefold(): instance for instance in view.network_instances}
    predictor = next((instance for name, instance in classes.items() if "predictor" in name), None)
    if predictor is not None and any("target" in name or "random" in name for name in classes):
        yield Evidence("RND", predictor.call.place, "a fixed random network is predicted")
        return
    for instance in view.network_instances:
        names = {name.casefold() for name in instance.attributes}
        if any("predictor" in name for name in names) and any(name.startswith("target") for name in names):
            yield Evidence("RND", instance.call.place, "a fixed random network is predicted")
            return
    yield from shown(view, "RND", "a fixed random network is predicted", _random_missed)


def _random_missed(body: Body) -> ast.AST | None:
    """`square(random_features - predicted)`, in a graph whose networks are scopes."""
    for node in squares(body):
        inner = node.args[0] if isinstance(node, ast.Call) and node.args else getattr(node, "left", None)
        sides = (inner.left, inner.right) if is_operation(inner, ast.Sub) else ()
        if any(_RANDOM_OUTPUT.match(last_name(side)) for side in sides):
            return node
    return None


_RANDOM_OUTPUT = re.compile(r"(rand(om)?|rnd)_(enc|net|feat|emb|out)", re.IGNORECASE)

"""Policies that are moved up what was gained, and the critics beside them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.nodes import unparse, walk
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.arithmetic import squared as squared_of
from core.analysis.rules.families.arithmetic import squares
from core.analysis.rules.families.asking import Evidence, acts, has_call, keys, once, shown
from core.analysis.rules.families.reinforcement import ACTOR_LOSS, LOG_PROBABILITY, entropy_regularised
from core.analysis.rules.loss_names import asks_loss
from core.analysis.rules.products import products
from core.analysis.rules.view import View

GAIN = re.compile(
    r"^targets?$|^td$|(^|_)vt$|reward|return|advantage|^adv|_adv|^gae|^R$|(^|_)rets?$|^G$|delta|discounted|td_error|^rtg"
    r"|weights?(_ph|_holder|_placeholder)?$|q_?vals?|(^|_)scales?(_v|_t)?$|(?-i:^G_?ts?$)",
    re.IGNORECASE,
)


def _is_log_probability(words: frozenset[str]) -> bool:
    """A log-probability by its name, the logarithm of what is called a probability, or the ratio of two."""
    named = any(LOG_PROBABILITY.search(word) for word in words)
    if "ratio" in words and any(PROBABILITY.search(word) for word in words):
        return True  # new_probs / old_probs, whose slope is that of the logarithm
    spread = any(re.search(r"_dist$|atoms", word) for word in words)  # of returns, not of actions
    return named or ("log" in words and not spread and any(PROBABILITY.search(word) for word in words))


def _is_gain(words: frozenset[str]) -> bool:
    """What was gained by its name, or the power of an advantage: `exp(q - v)`; no distribution of it."""
    if any(re.search(r"proj|distr|atoms", word) for word in words):
        return False
    power = {"exp", "softmax"} & words and {"v", "value", "values"} & words
    return any(GAIN.search(word) for word in words) or bool(power and any(word.startswith("q") for word in words))


PROBABILITY = re.compile(r"prob|^pis?(_\w+)?$|(^|_)policy$", re.IGNORECASE)
CRITIC = re.compile(
    r"value|critic|baseline|^vf|^v$|^v_(s|pred\w*|now)$|^q$|^q_(a|pred\w*|value\w*|now)$", re.IGNORECASE
)
"""What an estimate of worth is called, where a policy is beside it."""


@once
def policy_gradient(view: View) -> Iterator[Evidence]:
    """Policy Gradient: a log-probability times what was gained is moved up, or what was drawn is told what it gained
    (`action.reinforce(reward)` of PyTorch before 0.4)."""

    def weighed(body: Body) -> ast.AST | None:
        told = (call for call in body.calls.get("reinforce", ()) if isinstance(call.func, ast.Attribute))
        if drawn := next((call for call in told if call.args and _is_gain(body.words(call.args[0], 1))), None):
            return drawn
        for node, left, right in products(body):
            for one, other in ((left, right), (right, left)):
                if _is_log_probability(body.words(one, 1)) and _is_gain(body.words(other, 1)):
                    return node
                if "log" in body.words(one, 1) and any(map(_PRAISE.search, body.words(other, 0))):
                    return node  # the logarithm of an output, whatever it is called
                crossed = any("cross_entropy" in word or "crossentropy" in word for word in body.words(one, 1))
                if crossed and any(GAIN.search(word) and "weight" not in word for word in body.words(other, 0)):
                    return node  # a library's cross-entropy weighed by what was gained
        given = (keyword for node in body.of(ast.Call) for keyword in node.keywords if keyword.arg == "sample_weight")
        weights = (each.value for each in given if any(GAIN.search(word) for word in body.words(each.value, 1)))
        return next(weights, None) or body.once(_slopes_by_gain)  # Keras weighs each step's cross-entropy

    if not acts(view):
        yield from shown(view, "Policy Gradient", "a log-probability times an advantage", _praised)
    elif not any(True for _ in entropy_regularised(view)):
        yield from shown(view, "Policy Gradient", "a log-probability times what was gained", weighed)
        if view.program.named("log_prob"):
            yield from shown(view, "Policy Gradient", "the policy's loss is weighed by what was gained", _lost_by_gain)


def _slopes_by_gain(body: Body) -> ast.AST | None:
    """`slopes *= rewards`, or `slopes * rewards`: what was done less how likely it was, by hand."""
    for step in body.of(ast.AugAssign):
        if isinstance(step.op, ast.Mult) and _SLOPE.search(last_name(step.target)) and _rewards(body, step.value):
            return step
    sides = ((node, *pair) for node, left, right in products(body) for pair in ((left, right), (right, left)))
    return next((node for node, one, other in sides if _SLOPE.search(last_name(one)) and _rewards(body, other)), None)


def _rewards(body: Body, node: ast.AST) -> bool:
    return any(map(_REWARDS.search, body.words(node, 0)))


_SLOPE = re.compile(r"^(e?p?_?d?log_?ps?|(grads?|gradients?)(_buffer|_list|_log_?p)?|d?softmax)$", re.IGNORECASE)
_REWARDS = re.compile(r"reward|return|advantage|discounted", re.IGNORECASE)
"""What those slopes are called, and what they are weighed by."""


def _lost_by_gain(body: Body) -> ast.AST | None:
    """`policy_loss.append(-chosen * reward)`, `policy_loss = -(chosen * advantage)`, by any name of what is likely."""
    added = (call for call in body.calls.get("append", ()) if call.args)
    values = [call.args[0] for call in added if ACTOR_LOSS.search(last_name(getattr(call.func, "value", call)))]
    values += body.values_called(ACTOR_LOSS)
    lost = {id(node) for value in values for node in walk(value)}
    weighed = ((node, side) for node, *sides in products(body) if id(node) in lost for side in sides)
    return next((node for node, side in weighed if any(map(_PRAISE.search, body.words(side, 0)))), None)


def _praised(body: Body) -> ast.AST | None:
    """`advantage * log_probs`, `reinforce_loss = (cost - baseline) * log_likelihood`: of what is made without a world
    to act in, a tour or a sentence."""
    named = {
        id(node)
        for name, values in body.assigned.items()
        if "reinforce" in name
        for one in values
        for node in walk(one)
    }
    advantaged = bool(named) or any("advantage" in word for word in (*body.spoken, *body.once(keys)))
    for node, left, right in products(body) if advantaged else ():
        for one, other in ((left, right), (right, left)):
            likely = any(LOG_PROBABILITY.search(word) or "likelihood" in word for word in body.words(one, 0))
            if likely and (id(node) in named or any(map(_ADVANTAGE.search, body.words(other, 0)))):
                return node
    return None


_ADVANTAGE = re.compile(r"advantage", re.IGNORECASE)


def _losses_of_both(view: View) -> Iterator[Evidence]:
    """`actor_loss = ...` beside `value_loss = ...`; not where what an agent answers is only taken down."""
    lost = [
        (body, name, values)
        for body in view.bodies
        for name, values in body.assigned.items()
        if "loss" in name and not body.once(_taken_down).issuperset(values)
    ]
    if any(_CRITIC_LOSS.search(name) for _, name, _ in lost):
        found = ((body, values[0]) for body, name, values in lost if ACTOR_LOSS.search(name))
        for body, value in found:
            yield Evidence("Actor-Critic", body.place(value), "an actor and a critic each have a loss")
            return


def _taken_down(body: Body) -> frozenset[ast.expr]:
    """The calls whose answers are taken down: `value_loss, policy_loss = agent.update(batch)`."""
    if not _DESCENDING.isdisjoint(body.calls):
        return frozenset()
    apart = (line.value for line in body.of(ast.Assign) if isinstance(line.targets[0], ast.Tuple))
    return frozenset(value for value in apart if isinstance(value, ast.Call))


_DESCENDING = frozenset({"backward", "minimize", "gradient", "gradients", "grad", "value_and_grad"})
_CRITIC_LOSS = re.compile(r"^(critic|value|qf?\d?|v[fl]?)_?loss|loss_?(critic|value|qf?\d?|v[fl]?)$", re.IGNORECASE)
_PRAISE = re.compile(r"reward|advantage|^r$", re.IGNORECASE)
_JUDGED = re.compile(
    r"value|critic|advantage|delta|^vf|^v$|^v_(target|eval|pred\w*|now|next)$|^td_?err(or)?$|^target_q$", re.IGNORECASE
)


def actor_critic(view: View) -> Iterator[Evidence]:
    """Actor-Critic: beside a policy's gradient, an estimate of the value is trained and taken from the gain; or an
    actor and a critic each have a loss that is so called."""
    if not acts(view):
        return
    yield from _losses_of_both(view)
    if not any(True for _ in policy_gradient(view)):
        return

    yield from shown(view, "Actor-Critic", "what weighs the policy's gradient is a loss itself", _squares_gain)
    if _speaks_of_value(view):
        yield from shown(view, "Actor-Critic", "an estimate of the value is trained beside the policy", _judges)
        for call in view.program.whose(asks_loss):
            if re.search(r"value|critic", unparse(call.node), re.IGNORECASE):
                yield Evidence("Actor-Critic", call.place, "an estimate of the value is trained beside the policy")
                return


def _squares_gain(body: Body) -> ast.AST | None:
    """`td**2` beside `-dist.log_prob(a) * td.detach()`: how far an estimate was off is lost, and weighs the policy, not
    moved by it."""
    squared = [(node, held) for node in squares(body) if (held := squared_of(node)) is not None]
    lost = {last_name(held): node for node, held in squared}
    for _, left, right in products(body) if lost else ():
        for one, other in ((left, right), (right, left)):
            weighing = body.words(other, 0) & lost.keys() - {""} if has_call(other, _HELD) else None
            if weighing and _is_log_probability(body.words(one, 1)):
                return lost[min(weighing)]
    return None


_HELD = ("detach", "stop_gradient")


def _judges(body: Body) -> ast.AST | None:
    """Where an estimate of the value is compared with what was gained."""
    critic = body.cls is not None and re.search(r"value|critic", body.cls.name, re.IGNORECASE) is not None
    for call in (call for calls in body.calls.values() for call in calls):
        name = last_name(call.func)
        if name == "log_prob" and CRITIC.search(last_name(getattr(call.func, "value", call))):
            return call  # of returns, which it tells a distribution of
        if name in ("fit", "train_on_batch") and CRITIC.search(last_name(getattr(call.func, "value", call)).lower()):
            return call  # a network of Keras that is trained on what was gained
        if re.search(r"mse|smooth_l1|huber|square", name, re.IGNORECASE) and (
            critic or any(CRITIC.search(word) for word in body.words(call, 1))
        ):
            return call
    return next((node for node in squares(body) if any(map(_JUDGED.search, body.words(node, 2)))), None)


def _speaks_of_value(view: View) -> bool:
    """Whether a network, a part of one or something that is computed is called a value or a critic."""
    computed = (name for body in view.bodies for name in body.assigned)
    return any(map(_VALUED_PART.search, view.part_names)) or any(map(_VALUED.search, computed))


_VALUED_PART = re.compile(r"value|critic|(^|_)[vq]$|^[vq]\d?_(net|head|func)", re.IGNORECASE)
_VALUED = re.compile(r"value|critic|^v(_loss|_target)?$", re.IGNORECASE)

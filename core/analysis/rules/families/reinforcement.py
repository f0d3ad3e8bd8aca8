"""Families of reinforcement learning, shown by how they are updated. Only where an agent acts in an environment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from core.analysis.nodes import below, given_to, is_negative, is_operation, same, unparse, walk
from core.analysis.rules.bodies import Body, is_call, last_name
from core.analysis.rules.families.arithmetic import is_constant, sums
from core.analysis.rules.families.asking import CLAMPS, LOSS, MINIMA, RANDOM, Evidence, acts, is_shut, once, shown
from core.analysis.rules.products import products
from core.analysis.rules.view import View

DISCOUNTS = re.compile(r"(?<!inv_)gamma|discount", re.IGNORECASE)


LOG_PROBABILITY = re.compile(
    r"log_?p(rob|i|ol|$)|log_\w+_prob|logp|log_action|neg_?log_?prob|saved_log|log_?softmax", re.IGNORECASE
)


@once
def clipped_ratio(view: View) -> Iterator[Evidence]:
    """PPO: the ratio of new to old probability is clipped around 1."""

    def clips(body: Body) -> ast.AST | None:
        for name in (*sorted(CLAMPS), "clamp_"):
            for call in body.calls.get(name, ()):
                if _around_one(given_to(call)) or _about_one(body, call):
                    return call
        # where(advantage > 0, (1 + c) * advantage, (1 - c) * advantage)
        return next((call for call in body.calls.get("where", ()) if _around_one(walk(call))), None)

    if acts(view):
        yield from shown(view, "PPO", "the ratio of probabilities is clipped around 1", clips)


def _around_one(nodes: Iterable[ast.AST]) -> bool:
    """Whether `1 - c` and `1 + c` are both among these."""
    sums = [node for node in nodes if isinstance(node, ast.BinOp) and is_constant(node.left, 1)]
    return {type(node.op) for node in sums} >= {ast.Add, ast.Sub}


def _about_one(body: Body, call: ast.Call) -> bool:
    """Whether a ratio, which is called so or was made by `exp`, is held between numbers as far from 1:
    `ratio.clamp(0.8, 1.2)`."""
    bounds = [node.value for node in given_to(call) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    alike = len(bounds) == 2 and 0.5 <= bounds[0] < 1 and abs(sum(bounds) - 2) < 1e-9
    return alike and any("ratio" in word or word == "exp" for word in body.words(call, 2))


@once
def trust_region(view: View) -> Iterator[Evidence]:
    """TRPO: a step along the natural gradient, found by conjugate gradients on products with the Hessian of a
    divergence."""

    def solves(body: Body) -> ast.AST | None:
        return body.calls_any([name for name in body.calls if re.match(r"conjugated?_?grad|cg$", name, re.IGNORECASE)])

    if acts(view) and any(body.once(_curves) for body in view.bodies):
        yield from shown(view, "TRPO", "a natural gradient is solved for by conjugate gradients", solves)


def _curves(body: Body) -> bool:
    """Whether a body, or what it calls, goes by the name of a curvature."""
    return any(_CURVATURE.search(name.casefold()) for name in (body.name, *body.calls))


_CURVATURE = re.compile(r"fisher|hvp|hessian|^fvp$|(^|_)ax$|get_kl|kl_div")


_LOG_CHANCE = re.compile(r"log_?p|log_action", re.IGNORECASE)
_ENTROPY = re.compile(r"(^|_)entrop(y|ies)$", re.IGNORECASE)


@once
def entropy_regularised(view: View) -> Iterator[Evidence]:
    """SAC: alpha * log-probability is taken from the smaller of two critics, or a log-probability from one."""

    for body in view.bodies if acts(view) else ():
        found = next((node for node in body.once(_softened) if not is_shut(view, body, node)), None)
        if found is not None:
            yield Evidence("SAC", body.place(found), "alpha * log-probability is taken from the smaller of two critics")
            return


def _softened(body: Body) -> list[ast.AST]:
    """Where a log-probability, weighed by a temperature, makes a value soft."""
    target = _soft_value(body)
    found = [target] if target is not None else []
    smaller = MINIMA & set(body.calls)
    found += _less_than_two(body) if smaller else []
    for node, left, right in products(body):
        for one, other in ((left, right), (right, left)):
            weighs = re.search(r"alpha|temperature|ent_coef|\btemp\b", unparse(one), re.IGNORECASE)
            told = weighs and any(map(_LOG_CHANCE.search, (unparse(other), *body.words(other, 1))))
            if told and not _of_data(body, other) and (smaller or _beside_worth(body, node, -1)):
                found.append(node)
            if weighs and _ENTROPY.search(last_name(other)) and _beside_worth(body, node, 1):
                found.append(node)
    return found


def _less_than_two(body: Body) -> list[ast.AST]:
    """`min(q1(x), q2(x)) - weight * log_prob`, the weight left out where it is one, or the other way round: the smaller
    of what two say of one thing, whatever they and the weight are called."""
    found: list[ast.AST] = []
    for node, parts in sums(body):
        smaller = {sign for sign, term in parts if any(map(_is_of_two, body.meant(term)))}
        taken = (term for sign, term in parts if -sign in smaller)
        weighed = (term for term in taken if is_operation(term, ast.Mult) or isinstance(term, ast.Name))
        found += [node] if any(_LIKELY.search(word) for term in weighed for word in body.words(term, 2)) else []
    return found


_LIKELY = re.compile(r"^l(og)?_?p|log_?(prob|action)|entropy", re.IGNORECASE)


def _is_of_two(node: ast.AST) -> bool:
    """The smaller of two answers: `min(q1(x), q2(x))`."""
    given = node.args[:2] if is_call(node, MINIMA) else []
    told = [
        (unparse(each.func), [*map(unparse, each.args)]) for each in given if isinstance(each, ast.Call) and each.args
    ]
    return len(told) == 2 and told[0][0] != told[1][0] and told[0][1] == told[1][1]


def _beside_worth(body: Body, node: ast.AST, sign: int) -> bool:
    """Whether a critic's worth is taken away from a product (-1), `alpha * log_prob - q`, or added to it (1),
    `q + alpha * entropy`."""
    for _, parts in sums(body):
        signs = [each for each, term in parts if any(inner is node for inner in walk(term))]
        if signs and any(each == sign * signs[0] and _OF_Q.search(last_name(term)) for each, term in parts):
            return True
    return False


_OF_Q = re.compile(r"(^|_)qf?\d?(_(?!loss)|$)")


def _of_data(body: Body, node: ast.AST) -> bool:
    """Whether a log-probability is that of an action that was done before: `log_prob(batch["actions"])`."""
    calls = (value for value in body.meant(node) if is_call(value, ("log_prob",)))
    return any(re.search(r"(batch|data)\W+\w*act", unparse(argument)) for call in calls for argument in call.args)


def _soft_value(body: Body) -> ast.AST | None:
    """`target = q_of_new_action - log_prob`, `min(q1, q2) - log_prob`: the value that a network is drawn to."""
    for name, values in body.assigned.items():
        for value in values if re.search(r"(next|target|soft)_?v|v(alue)?_?target", name, re.IGNORECASE) else ():
            if is_operation(value, ast.Sub):
                least = is_call(value.left, MINIMA)
                critic = re.search(r"(^|_)q\d?($|_)|qf|critic", last_name(value.left), re.IGNORECASE)
                if (critic or least) and LOG_PROBABILITY.search(last_name(value.right)):
                    return value
    return None


@once
def deterministic(view: View) -> Iterator[Evidence]:
    """DDPG: the actor's loss is minus the critic of its own action; TD3: with the smaller of two critics, and clipped
    target noise or an actor that waits for several updates of theirs."""

    def own_action(body: Body) -> ast.AST | None:
        for calls in list(body.calls.values()):
            for call in calls:
                inputs = [*call.args]
                if len(inputs) == 1 and isinstance(inputs[0], (ast.List, ast.Tuple)):
                    inputs = inputs[0].elts
                inputs = _joined(body, inputs[0]) or inputs if len(inputs) == 1 else inputs
                if (
                    len(inputs) >= 2
                    and re.search(r"crit|^crt|^cri$|^q|qf|_q|value|apply", _asked(call), re.IGNORECASE)
                    and _acts_itself(body, inputs)
                    and _negated(body, call)
                ):
                    return call
        slopes = (*body.calls.get("gradients", ()), *body.calls.get("gradient", ()))
        chained = (call for call in slopes if _is_chained(call))
        worth = (node for node in body.nodes if _own_value(node))
        return next(worth, None) or _lost_worth(body) or next(chained, None)

    others = (entropy_regularised, clipped_ratio, trust_region)
    if not acts(view) or any(True for rule in others for _ in rule(view)):
        return
    found = list(shown(view, "DDPG", "the actor is moved up the critic of its own action", own_action))
    noise = (
        [
            *shown(view, "TD3", "the smaller of two critics, target actions with clipped noise", _clipped_noise),
            *shown(view, "TD3", "the smaller of two critics, an actor that is updated less often", _delayed, *MINIMA),
        ]
        if found
        else []
    )
    yield from noise[:1] or found


def _joined(body: Body, node: ast.expr) -> list[ast.expr]:
    """What is joined into one value, which may have a name: `concat([state, action], 1)`."""
    values = (value for value in body.meant(node) if isinstance(value, ast.Call) and value.args)
    joins = (value.args[0] for value in values if last_name(value.func) in ("cat", "concat", "concatenate"))
    return next((list(each.elts) for each in joins if isinstance(each, (ast.List, ast.Tuple))), [])


def _is_chained(call: ast.Call) -> bool:
    """`tf.gradients(action, weights, gradient_of_critic)`: the critic's slope goes on through the actor."""
    return len(call.args) > 2 or any(word.arg in ("grad_ys", "output_gradients") for word in call.keywords)


def _own_value(node: ast.AST) -> bool:
    """`-reduce_mean(q_pi)`: minus the mean of what a critic says of the policy's own action."""
    if not (is_negative(node) and isinstance(node.operand, ast.Call)):
        return False
    mean = last_name(node.operand.func) in ("mean", "reduce_mean")
    return mean and any(re.match(r"q\d?_?pi", last_name(argument)) for argument in node.operand.args)


def _asked(call: ast.Call) -> str:
    """The name of what a call asks: `critic` of `self.critic.forward(state)`."""
    plain = last_name(call.func)
    return last_name(call.func.value) if plain == "forward" and isinstance(call.func, ast.Attribute) else plain


def _lost_worth(body: Body) -> ast.AST | None:
    """`actor_loss = -reduce_mean(q)`, `-critic(x).mean()`, `-critics[i](x)`: all that is lost is the worth that a
    critic gives."""
    for name, values in body.assigned.items():
        for value in values if ACTOR_LOSS.search(name) else ():
            lost = value.operand if is_negative(value) else None
            if is_call(lost, ("mean", "reduce_mean")):
                lost = lost.args[0] if lost.args else getattr(lost.func, "value", lost)
            elif not isinstance(lost, ast.Call):
                continue
            if _WORTH.match(_asked(lost) if isinstance(lost, ast.Call) else last_name(lost)):
                return value
    return None


_ACTOR_OPTIMIZER = re.compile(r"(a|actor|pi|policy|mu)_?(net_?)?opt", re.IGNORECASE)
ACTOR_LOSS = re.compile(r"^(a|actor|pi|pg|pol|policy|mu)_?loss|loss_?(a|actor|pi|policy|mu)$", re.IGNORECASE)
_WORTH = re.compile(r"q(\d|_|$)|qf|q_?val|critic", re.IGNORECASE)

_ENTROPY = re.compile("entropy|ent_coef")
"""What only a policy that draws its actions has."""


def _acts_itself(body: Body, inputs: list[ast.expr]) -> bool:
    shared = "param" not in last_name(inputs[0]).casefold()  # the weights of both: critic(params, root(params, state))
    shared = shared and not body.speaks_of(_ENTROPY)
    for node in inputs[1:]:
        asked = (each for each in body.meant(node) if isinstance(each, ast.Call) and each.args)
        if shared and any(same(each.args[0], inputs[0]) for each in asked):
            return True  # critic(state, whatever(state))
        direct = isinstance(node, ast.Call) and re.search(
            r"actor|act_?net|policy|mu|pi|apply|\bact$", unparse(node.func), re.IGNORECASE
        )
        named = isinstance(node, ast.Name) and any(
            isinstance(value, ast.Call)
            and (
                re.search(r"actor|act_?net|policy|mu$|^pi|\bact$", unparse(value.func), re.IGNORECASE)
                or any(re.match(r"actor|policy", word) for word in body.words(value, 1))  # actor(x).sample()
            )
            for value in body.assigned.get(node.id, ())
        )
        if direct or named:
            return True
    return False


def _negated(body: Body, call: ast.Call) -> bool:
    """Whether minus stands before the call, or before a name that its value has."""
    names = body.names_given(lambda value: call in walk(value))
    names |= body.names_given(lambda value: names & body.words(value, 0))
    taken: list[ast.AST] = [node.operand for node in body.of(ast.UnaryOp) if isinstance(node.op, ast.USub)]
    taken += [node.right for node in body.of(ast.BinOp) if unparse(node.left) in ("-1", "-1.0")]
    inside = (node for value in body.values_called(LOSS) for node in walk(value))  # loss = (penalty - q).mean()
    taken += [node.right for node in inside if is_operation(node, ast.Sub)]
    return any(
        call is inner or (isinstance(inner, ast.Name) and inner.id in names) for node in taken for inner in walk(node)
    )


def _clipped_noise(body: Body) -> ast.AST | None:
    if not MINIMA & set(body.calls):
        return None
    for name in (*sorted(CLAMPS), "clamp_"):
        for call in body.calls.get(name, ()):
            if body.words(call, 1) & RANDOM or "noise" in unparse(call).casefold():
                return call
    return None


def _delayed(body: Body) -> ast.AST | None:
    """`target = min(q1, q2)`, and the actor's loss, or the step of its optimizer, in `if updates % delay == 0:`."""
    smaller = (call for name in MINIMA for call in body.calls.get(name, ()))
    if not any(re.search(r"target|next", word) for call in smaller for word in body.words(call, 1)):
        return None
    for node in body.of(ast.If):
        counted = isinstance(node.test, ast.Compare) and is_operation(node.test.left, ast.Mod)
        lines = (line for inner in node.body for line in walk(inner)) if counted else ()
        if any(isinstance(line, ast.Assign) and ACTOR_LOSS.search(last_name(line.targets[0])) for line in lines):
            return node
        called = (call.func for inner in node.body for call in below(inner, ast.Call)) if counted else ()
        steps = (each.value for each in called if isinstance(each, ast.Attribute) and each.attr == "step")
        if any(_ACTOR_OPTIMIZER.match(last_name(each)) for each in steps):
            return node
    return None

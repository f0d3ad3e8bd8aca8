"""Control flow that is written as calls: of JAX `scan`, `fori_loop`, `while_loop`, `cond`, `switch`, `map`; the `start`
of a thread or process that is an object of the user's; an estimator of TensorFlow that is told what builds its graph.

The functions that they are given are followed with the state that they would get, and what they return goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.analysis.program import Call, External, Function, Instance, ListValue, Resolved, items_in

if TYPE_CHECKING:
    from core.analysis.follow.handling import Handler
    from core.analysis.follow.machine import Machine


def _step(m: Machine, call: Call, function: Resolved | None, *given: Resolved) -> Resolved:
    """One turn of a function of the user's."""
    from core.analysis.follow.calling import call_value

    if function is None or not isinstance(function.value, Function):
        return m.unknown(call.node)
    return call_value(m, function, None, given, {}, call.node)


def _scan(m: Machine, call: Call) -> Resolved | None:
    """`scan(f, init, xs)`: `f(state, x)` gives the next state and what is collected."""
    state = call.argument("init", 1)
    if state is None:
        return None  # nn.scan and nnx.scan wrap a function
    turned = _step(m, call, call.argument("f", 0), state, m.unknown(call.node))
    pair = items_in(turned)
    after = pair[0] if len(pair) == 2 and pair[0].known else state
    return m.made(ListValue([after, m.unknown(call.node)], "tuple"), call.node)


def _counted(m: Machine, call: Call) -> Resolved | None:
    """`fori_loop(lower, upper, f, init)`: `f(i, state)` gives the next state."""
    state = call.argument("init_val", 3)
    if state is None:
        return None
    after = _step(m, call, call.argument("body_fun", 2), m.unknown(call.node), state)
    return after if after.known else state


def _while(m: Machine, call: Call) -> Resolved | None:
    """`while_loop(test, f, init)`."""
    state = call.argument("init_val", 2)
    if state is None:
        return None
    after = _step(m, call, call.argument("body_fun", 1), state)
    return after if after.known else state


def _cond(m: Machine, call: Call) -> Resolved | None:
    """`cond(test, f, g, *state)`, `switch(index, [f, g], *state)`: every way is followed."""
    from core.analysis.follow.joining import join

    listed = call.positional[1].value if len(call.positional) > 1 else None
    ways = listed.items if isinstance(listed, ListValue) else list(call.positional[1:3])
    state = call.positional[2 if isinstance(listed, ListValue) else 3 :]
    if not ways:
        return None
    return join([_step(m, call, way, *state) for way, _ in zip(ways, m.each_way(len(ways)), strict=True)])


def _map(m: Machine, call: Call) -> Resolved | None:
    """`map(f, xs)`."""
    _step(m, call, call.argument("f", 0), m.unknown(call.node))
    return m.unknown(call.node)


def _scan_by_name(m: Machine, call: Call) -> Resolved | None:
    """`theano.scan(fn=turn, sequences=x, outputs_info=[state])`, `tf.scan(turn, elems, initializer)`."""
    return _step(m, call, call.argument("fn", 0))


def _start(m: Machine, call: Call) -> Resolved | None:
    """`worker.start()`, of `class Worker(Thread)`: its `run`."""
    from core.analysis.follow import attributes

    worker = call.holder
    found = worker.cls.find("run") if isinstance(worker, Instance) else None
    if found is None or not isinstance(worker, Instance):
        return None
    _step(m, call, attributes.bound(m, found, worker, call.node))
    return m.made(None, call.node)


def _estimator(m: Machine, call: Call) -> Resolved | None:
    """`Estimator(model_fn=build, params=settings)` of TensorFlow: what builds the graph is asked to train."""
    from core.analysis.follow.calling import call_value

    build = call.argument("model_fn", 0)
    if build is None or not isinstance(build.value, Function):
        return None
    taken = {each.arg for each in (*build.value.node.args.args, *build.value.node.args.kwonlyargs)}
    told = {
        "mode": m.made(External("tensorflow.estimator.ModeKeys.TRAIN"), call.node),
        "params": call.argument("params", 3),
    }
    given = {name: value for name, value in told.items() if name in taken and value is not None}
    call_value(m, build, None, (), given, call.node)
    return None


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys((f"tensorflow.{home}" for home in (
        "estimator.Estimator", "estimator.tpu.TPUEstimator", "contrib.tpu.TPUEstimator", "contrib.learn.Estimator",
        "compat.v1.estimator.Estimator", "compat.v1.estimator.tpu.TPUEstimator")), _estimator),
    **dict.fromkeys((f"{module}.start" for module in (
        "threading.Thread", "multiprocessing.Process", "torch.multiprocessing.Process",
        "multiprocessing.context.Process", "multiprocess.Process")), _start),
    "jax.lax.scan": _scan, "jax.lax.fori_loop": _counted, "jax.lax.while_loop": _while, "jax.lax.cond": _cond,
    "jax.lax.switch": _cond, "jax.lax.map": _map, "haiku.scan": _scan, "haiku.cond": _cond,
    "theano.scan": _scan_by_name, "theano.map": _scan_by_name, "tensorflow.scan": _scan_by_name,
    "haiku.fori_loop": _counted, "haiku.while_loop": _while, "equinox.internal.scan": _scan,
}  # fmt: skip

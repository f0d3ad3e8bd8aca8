"""Training written in JAX: control flow as calls, schedules as functions, updates of a target network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, program, values

AGENT = """
    import jax, jax.numpy as jnp, optax, gymnax, distrax
    import flax.linen as nn
    from flax.training.train_state import TrainState

    class QNetwork(nn.Module):
        actions: int
        @nn.compact
        def __call__(self, x):
            x = nn.relu(nn.Dense(64)(x))
            return nn.Dense(self.actions)(x)

    def make_train(config):
        env, env_params = gymnax.make(config["ENV_NAME"])

        def train(rng):
            network = QNetwork(2)
            def schedule(count):
                return config["LR"] * (1 - count / config["UPDATES"])
            tx = optax.chain(optax.clip_by_global_norm(0.5), optax.adam(learning_rate=schedule))
            state = TrainState.create(apply_fn=network.apply, params=network.init(rng, jnp.ones(4)), tx=tx)
            carry = network.initialize(batch_size=config["NUM_ENVS"])

            def update(state, unused):
                batch = env.step(rng, state)
                def learn(state):
                    def loss_fn(params):
                        best = jnp.max(network.apply(params, batch.next), axis=-1)
                        target = batch.reward + config["GAMMA"] * best
                        return jnp.mean(optax.l2_loss(network.apply(params, batch.obs), target))
                    grads = jax.grad(loss_fn)(state.params)
                    return state.apply_gradients(grads=grads)
                state = jax.lax.cond(batch.ready, lambda s: learn(s), lambda s: s, state)
                return state, None

            state, _ = jax.lax.scan(update, state, None, config["UPDATES"])
            pi = distrax.Categorical(logits=network.apply(state.params, jnp.ones(4)))
            return state
        return train

    if __name__ == "__main__":
        config = {"LR": 2.5e-4, "NUM_ENVS": 4, "UPDATES": 100, "GAMMA": 0.99, "ENV_NAME": "CartPole-v1"}
        jax.jit(make_train(config))(jax.random.PRNGKey(0))
"""


def test_an_agent_in_scans(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": AGENT})
    assert values(found, "architecture") == ["DQN", "MLP"]  # no Flow: a distribution is none
    assert values(found, "learning_rate") == [2.5e-4]
    assert values(found, "batch_size") == []  # copies of the environment are no batch
    assert values(found, "environment") == ["CartPole-v1"]


def test_what_loops_are_given_is_followed(tmp_path: Path) -> None:
    text = """
        import jax
        def body(i, state):
            return inner(state)
        def inner(state):
            return state
        state = jax.lax.fori_loop(0, 10, body, 1)
        state = jax.lax.while_loop(lambda s: True, inner, state)
        out, ys = jax.lax.scan(lambda s, x: (inner(s), x), state, None, 3)
        jax.lax.map(inner, ys)
        jax.lax.switch(0, [inner, inner], out)
    """
    found = program(tmp_path, {"train.py": text})
    assert sum(call.dotted == "__main__.inner" for call in found.calls) == 6
    assert found.entry.scope.names["out"].value == 1


@pytest.mark.parametrize(
    ("body", "families"), [("hk.Linear(10)(x)", ["Linear"]), ("hk.Linear(10)(hk.Linear(9)(x))", ["MLP"])]
)
def test_a_transformed_function_is_asked_for_weights_and_then_run(
    tmp_path: Path, body: str, families: list[str]
) -> None:
    code = f"""
    import haiku as hk, jax, optax
    import jax.numpy as jnp
    def main():
        def forward(x):
            return {body}
        network = hk.without_apply_rng(hk.transform(forward))
        def loss(params, x):
            return jnp.sum(network.apply(params, x) ** 2)
        params = network.init(key, x)
        for step in range(100):
            params = optax.apply_updates(params, optax.sgd(0.1).update(jax.grad(loss)(params, x), state))
    main()
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == families


def test_layers_that_functions_make_for_a_library_to_call(tmp_path: Path) -> None:
    code = """
    import haiku as hk, jax, optax
    import jax.numpy as jnp
    def conv(channels):
        def forward(x):
            return hk.Conv2D(channels, 3)(x)
        return forward
    def linear(size):
        def forward(x):
            return hk.Linear(size)(x)
        return forward
    def net(x):
        return hk.Sequential([conv(32), jax.nn.relu, conv(64), hk.Flatten(), linear(512), linear(10)])(x)
    network = hk.transform(net)
    def loss(params, x):
        return jnp.sum(network.apply(params, key, x) ** 2)
    params = network.init(key, x)
    for step in range(100):
        params = optax.apply_updates(params, optax.sgd(0.1).update(jax.grad(loss)(params, x), state))
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["CNN"]


BEFORE_LINEN = """
import jax
import jax.numpy as jnp
from flax import nn, optim

class Small(nn.Module):
    def apply(self, x, width, classes):
        x = nn.relu(nn.Dense(x, width))
        x = nn.relu(nn.Dense(x, width))
        return nn.Dense(x, classes)

whole = Small.partial(width=64, classes=10)
_, weights = MAKES
optimizer = optim.Adam(learning_rate=2e-3).create(nn.Model(whole, weights))

def loss(model, x, y):
    return -jnp.mean(jnp.sum(jax.nn.log_softmax(model(x)) * y, axis=-1))

for x, y in batches:
    value, gradient = jax.value_and_grad(loss)(optimizer.target, x, y)
    optimizer = optimizer.apply_gradient(gradient)
"""


@pytest.mark.parametrize("makes", ["whole.init(key, x)", "whole.init_by_shape(key, [((1, 28), jnp.float32)])"])
def test_a_module_of_flax_before_linen(tmp_path: Path, makes: str) -> None:
    told = analysed(tmp_path, {"train.py": BEFORE_LINEN.replace("MAKES", makes)})
    assert values(told, "framework") == ["Flax", "JAX"]
    assert (values(told, "model_classes"), values(told, "architecture")) == (["Small"], ["MLP"])
    assert (values(told, "optimizer"), values(told, "learning_rate")) == (["Adam"], [0.002])


def test_a_step_is_compiled_before_it_is_called(tmp_path: Path) -> None:
    script = """
        import jax, optax
        import jax.numpy as jnp
        def build(rate):
            return optax.adam(learning_rate=rate)
        def make(rate):
            def train(params, batch):
                tx = build(rate)
                def squared(params):
                    return jnp.mean(jnp.square(batch @ params))
                return tx.update(jax.grad(squared)(params), tx.init(params))
            return jax.jit(train)
        params, batch = jnp.zeros((3, 1)), jnp.ones((8, 3))
        step = make(0.02)
        step = step.lower(params, batch).compile()
        for turn in range(9):
            params = step(params, batch)
    """
    found = analysed(tmp_path, {"train.py": script}, "train.py")
    assert values(found, "optimizer") == ["Adam"]
    assert values(found, "learning_rate") == [0.02]

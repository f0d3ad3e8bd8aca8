"""Values that a run states in ways of many authors: bounds of endless loops, triggers, what a test or a copy says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

TORCH = """
import argparse
import torch
parser = argparse.ArgumentParser()
parser.add_argument("--total_itrs", type=int, default=3000)
parser.add_argument("--batch_size", type=int, default=16, help="batch size")
parser.add_argument("--inference_batch_size", type=int, default=0, help="batch size for inference, 0: the same")
opts = parser.parse_args()
if opts.inference_batch_size == 0:
    opts.inference_batch_size = opts.batch_size
net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
loader = torch.utils.data.DataLoader(data, batch_size=opts.batch_size)
"""
LEFT = """
for step, x in enumerate(loader):
    if step >= opts.total_itrs:
        break
    net(x).sum().backward()
    optimizer.step()
"""
QUIT = """
import sys
done = 0
while True:
    net(x).sum().backward()
    optimizer.step()
    if (done + 1) == opts.total_itrs:
        sys.exit()
    done += 1
"""


@pytest.mark.parametrize("loop", [LEFT, QUIT])
def test_a_limit_that_a_loop_is_left_at_is_its_length(tmp_path: Path, loop: str) -> None:
    assert values(analysed(tmp_path, {"train.py": TORCH + loop}), "steps") == [3000]


ENDLESS = """
def main():
    done = 0
    while True:
        for x in loader:
            done += 1
            net(x).sum().backward()
            optimizer.step()
            if {}:
                return
main()
"""


@pytest.mark.parametrize("test", ["done >= opts.total_itrs", "done >= opts.total_itrs and opts.total_itrs != -1"])
def test_endless_loops_end_where_a_count_inside_leaves_them(tmp_path: Path, test: str) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + ENDLESS.format(test)})
    assert values(found, "steps") == [3000] and values(found, "epochs") == []
    assert values(found, "batch_size") == [16]  # inference takes it up


def test_no_count_that_each_turn_sets_back_ends_a_loop(tmp_path: Path) -> None:
    script = ENDLESS.replace("        for x", "        done = 0\n        for x").format("done >= opts.total_itrs")
    assert values(analysed(tmp_path, {"train.py": TORCH + script}), "steps") == []


CHAINER = """
import chainer
from chainer import training
class Updater(training.StandardUpdater):
    def update_core(self):
        for i in range(5):
            batch = self.get_iterator("main").next()
            self.get_optimizer("gen").update(loss, batch)
optimizer = chainer.optimizers.Adam(alpha=0.0002)
trainer = training.Trainer(Updater(optimizer=optimizer), (900, {unit!r}), out="result")
trainer.run()
"""


@pytest.mark.parametrize(("unit", "steps", "epochs"), [("iteration", [900], []), ("epoch", [], [900])])
def test_triggers_of_chainer_stop_a_run(tmp_path: Path, unit: str, steps: list[int], epochs: list[int]) -> None:
    found = analysed(tmp_path, {"train.py": CHAINER.format(unit=unit)})
    assert values(found, "steps") == steps and values(found, "epochs") == epochs


PLAYED = """
import gym
from keras.models import Sequential
from keras.layers import Dense
class Agent:
    def __init__(self, model):
        self.model = model
    def backward(self, batch):
        self.model.train_on_batch(batch, batch)
    def fit(self, env, nb_steps):
        step = 0
        while step < nb_steps:
            self.backward(env.step(0))
            step += 1
    def test(self, env, nb_episodes):
        for episode in range(nb_episodes):
            self.backward(env.step(0))
model = Sequential([Dense(2)])
model.compile("adam", "mse")
env = gym.make("CartPole-v1")
agent = Agent(model)
agent.fit(env, nb_steps=50000)
agent.test(env, nb_episodes=5)
"""


def test_turns_of_a_test_that_hands_on_to_training_are_no_steps(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": PLAYED}), "steps") == [50000]


RATED = """
class Adaptive(torch.optim.Optimizer):
    def __init__(self, weights, lr, max_epoch=200):
        super().__init__(weights, dict(lr=lr, max_epoch=max_epoch))
TABLE = dict(max_steps=312784)
optimizer = Adaptive(net.parameters(), 0.1)
for epoch in range(90):
    for x in loader:
        net(x).sum().backward()
        optimizer.step()
"""


def test_what_dicts_keep_is_no_length_beside_a_loop(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + RATED})
    assert values(found, "epochs") == [90] and values(found, "steps") == []


TIMM = """
import argparse
import timm.optim.optim_factory as optim_factory
import torch
from timm.models import create_model
from timm.optim import create_optimizer
from timm.scheduler import create_scheduler
parser = argparse.ArgumentParser()
parser.add_argument("--opt", default="adamw")
parser.add_argument("--lr", type=float, default=5e-4)
parser.add_argument("--weight-decay", type=float, default=0.05)
parser.add_argument("--sched", default="cosine")
parser.add_argument("--epochs", type=int, default=30)
args = parser.parse_args()
model = create_model("resnet50")
{}
for epoch in range(args.epochs):
    for x, y in loader:
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
"""
WHOLE = "optimizer = create_optimizer(args, model)\nschedule, _ = create_scheduler(args, optimizer)"
GROUPED = (
    "groups = optim_factory.add_weight_decay(model, args.weight_decay)\noptimizer = torch.optim.AdamW(groups, args.lr)"
)


@pytest.mark.parametrize(("made", "schedule"), [(WHOLE, ["CosineAnnealingLR"]), (GROUPED, [])])
def test_what_timm_is_told_by_all_options_or_by_groups(tmp_path: Path, made: str, schedule: list[str]) -> None:
    found = analysed(tmp_path, {"train.py": TIMM.format(made)})
    assert values(found, "optimizer") == ["AdamW"] and values(found, "learning_rate") == [5e-4]
    assert values(found, "weight_decay") == [0.05] and values(found, "scheduler") == schedule


CHOSEN = """
def objective(x, y, kind="binary"):
    mse = torch.nn.MSELoss().to("cuda")
    bce = torch.nn.BCEWithLogitsLoss().to("cuda")
    if kind == "binary":
        return bce(net(x), y)
    return mse(net(x), y)
for epoch in range(3):
    for x, y in loader:
        {}.backward()
        optimizer.step()
"""


def test_of_two_losses_the_branch_that_is_taken_tells_one(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + CHOSEN.format("objective(x, y)")})
    assert values(found, "loss") == ["BCEWithLogitsLoss"]
    asked = analysed(tmp_path, {"train.py": TORCH + CHOSEN.format("objective(x, y, kind=unknown())")})
    assert values(asked, "loss") == ["MSELoss", "BCEWithLogitsLoss"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("img2mse = lambda x, y: ((x - y) ** 2).mean()", "img2mse"),
        ("def create_bpr_loss(x, y):\n    return -torch.nn.functional.logsigmoid(x - y).mean()", "create_bpr_loss"),
        ("def __loss(x, y):\n    return (x - y).abs().mean()", None),
    ],
)
def test_losses_go_by_the_names_that_lambdas_and_makers_have(tmp_path: Path, written: str, name: str | None) -> None:
    called = name or "__loss"
    steps = f"for epoch in range(3):\n    for x, y in loader:\n        loss = {called}(net(x), y)\n"
    script = f"{TORCH}{written}\n{steps}        loss.backward()\n        optimizer.step()\n"
    assert values(analysed(tmp_path, {"train.py": script}), "loss") == ([name] if name else [])


CRITIC = """
class Gan:
    def model_fn(self, features):
        for turn in range(self.disc_iters):
            self.judge(features).sum().backward()
            optimizer.step()
    def __init__(self, disc_iters):
        self.disc_iters = disc_iters
        self.judge = torch.nn.Linear(2, 1)
Gan(disc_iters=5).model_fn(torch.zeros(1))
"""


def test_how_often_a_critic_goes_first_is_no_number_of_steps(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": TORCH + CRITIC}), "steps") == []


RATE = """
def schedule(base):
    def rate(step):
        return base * 0.9**step
    return rate
base_lr = {} * opts.batch_size / 256.0
optimizer = optax.sgd(learning_rate=schedule(base_lr))
"""


def test_rates_in_closures_are_told_before_scaling(tmp_path: Path) -> None:
    option = 'parser.add_argument("--lr", type=float, default=0.5)\nopts = parser.parse_args()'
    script = "import jax\nimport optax\n" + TORCH.replace("opts = parser.parse_args()", option).split("net =")[0]
    script += RATE.format("opts.lr") + "for x in loader:\n    optimizer.update(jax.grad(f)(x), state)\n"
    assert values(analysed(tmp_path, {"train.py": script}), "learning_rate") == [0.5]


NAMED = """
def get_imdb(name):
    return read(name)
for part in "{}".split("+"):
    data = get_imdb(part)
"""
LOOP = "for epoch in range(3):\n    for x in loader:\n        net(x).sum().backward()\n        optimizer.step()\n"


@pytest.mark.parametrize(("asked", "data"), [("voc_2007_trainval", "Pascal VOC"), ("all", "IMDb")])
def test_a_function_named_for_data_loads_what_it_is_asked_for(tmp_path: Path, asked: str, data: str) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + NAMED.format(asked) + LOOP})
    assert values(found, "datasets") == [data]


def test_lists_of_data_sets_are_told_whole(tmp_path: Path) -> None:
    config = "from sacred import Experiment\nex = Experiment('x')\n@ex.config\ndef config():\n"
    script = config + "    datasets = ['coco', 'cifar10']\n@ex.automain\ndef main(datasets):\n"
    script += "".join(f"    {line}\n" for line in (TORCH + LOOP).strip().split("\n") if line)
    found = analysed(tmp_path, {"train.py": script})
    assert values(found, "datasets") == ["COCO", "CIFAR-10"]


WORLD = """
import gym
class SinglePrecisionWrapper(gym.Env):
    def __init__(self, environment):
        self.environment = environment
    def reset(self):
        return self.environment.reset()
    def step(self, action):
        return self.environment.step(action), 0.0, False, {}
env = SinglePrecisionWrapper(load())
"""


def test_wrappers_are_no_environments(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + WORLD + LOOP})
    assert values(found, "environment") == []


PIPELINE = """
import tensorflow as tf
def model_fn(features, labels, mode, params):
    loss = tf.losses.softmax_cross_entropy(labels, tf.layers.dense(features, 10))
    train_op = tf.train.AdamOptimizer(params["lr"]).minimize(loss)
    return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)
def feed():
    return tf.data.TFRecordDataset("cifar10_training").repeat(3).batch(128).make_one_shot_iterator().get_next()
config = tf.estimator.RunConfig(tf_random_seed=7)
estimator = tf.estimator.Estimator(model_fn, params={"lr": 0.01}, config=config)
"""
SPECS = """
train_spec = tf.estimator.TrainSpec(input_fn=feed, max_steps=5000)
tf.estimator.train_and_evaluate(estimator, train_spec, tf.estimator.EvalSpec(input_fn=feed, steps=10))
"""
WHOLE_DATA = "estimator.train(input_fn=feed)\n"


@pytest.mark.parametrize(("ends", "steps", "epochs"), [(SPECS, [5000], []), (WHOLE_DATA, [], [3])])
def test_estimators_train_for_steps_or_until_data_end(
    tmp_path: Path, ends: str, steps: list[int], epochs: list[int]
) -> None:
    found = analysed(tmp_path, {"train.py": PIPELINE + ends})
    assert values(found, "steps") == steps and values(found, "epochs") == epochs
    assert values(found, "batch_size") == [128] and values(found, "seed") == [7]


ADAPTED = """
from torchvision import datasets
class Target(torch.utils.data.Dataset):
    def __init__(self, root):
        self.files = open(root + "/labels.txt").readlines()
source = datasets.MNIST("dataset", train=True)
target = Target("dataset/mnist_m/mnist_m_train")
"""


def test_data_of_ones_own_count_beside_those_of_a_library(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + ADAPTED + LOOP})
    assert values(found, "datasets") == ["MNIST", "MNIST-M"]


def test_a_seed_below_zero_is_none(tmp_path: Path) -> None:
    option = 'parser.add_argument("--seed", type=int, default=-1)\nopts = parser.parse_args()\n'
    script = (
        TORCH.replace("opts = parser.parse_args()", option) + "if opts.seed >= 0:\n    torch.manual_seed(opts.seed)\n"
    )
    assert values(analysed(tmp_path, {"train.py": script + LOOP}), "seed") == []


JUDGED = """
parser.add_argument("--total_timesteps", type=float, default=1e6)
parser.add_argument("--num_evaluation", type=int, default=20)
opts = parser.parse_args()
for eval_step in range(opts.num_evaluation):
    net(torch.zeros(2)).sum().backward()
    optimizer.step()
"""


def test_how_often_training_is_judged_is_no_number_of_its_steps(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": TORCH + JUDGED}), "steps") == [1e6]


CLASSES = """
from torchvision import transforms
class Small:
    trsf = [transforms.RandomCrop(32, padding=4)]
class Large:
    trsf = [transforms.RandomResizedCrop(224)]
data = Small()
"""


def test_pictures_are_as_large_as_the_class_says_that_is_built(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + CLASSES + LOOP})
    assert values(found, "image_size") == [32]


TOLD = """
import argparse
import torch
from torchvision import datasets
parser = argparse.ArgumentParser(description={!r})
parser.add_argument("data", metavar="DIR")
args = parser.parse_args()
loader = torch.utils.data.DataLoader(datasets.ImageFolder(args.data), batch_size=4)
net = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
"""


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("PyTorch ImageNet Training", ["ImageNet"]),
        ("Train a network on ImageNet", ["ImageNet"]),
        ("CIFAR10 training or ImageNet training", []),
        ("Training of nets", []),
        ("Birds, after the example of ImageNet", []),
    ],
)
def test_a_description_tells_the_one_set_that_is_given_later(tmp_path: Path, text: str, data: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": TOLD.format(text) + LOOP}), "datasets") == data


COUNTED = """
{count} = 0
while True:
    for x, y in loader:
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
        {count} += 1
        if {count} >= 5000:
            break
"""


@pytest.mark.parametrize(("count", "steps"), [("step", [5000]), ("epoch", [])])
def test_a_plain_limit_goes_by_what_is_counted(tmp_path: Path, count: str, steps: list[int]) -> None:
    found = analysed(tmp_path, {"train.py": TORCH + COUNTED.format(count=count)})
    assert (values(found, "steps"), values(found, "epochs")) == (steps, [] if steps else [5000])


@pytest.mark.parametrize(("name", "steps"), [("gen_iters", [2000]), ("attack_steps", []), ("critic_iters", [])])
def test_a_maker_may_be_all_that_steps(tmp_path: Path, name: str, steps: list[int]) -> None:
    turns = f"{name} = 2000\nfor turn in range({name}):\n    net(x).sum().backward()\n    optimizer.step()\n"
    assert values(analysed(tmp_path, {"train.py": TORCH + turns}), "steps") == steps

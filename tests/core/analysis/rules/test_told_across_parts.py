"""Families and tasks whose evidence is shared out: over methods, helpers, data sets, launchers and libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

LOOP = """
        self.opt = torch.optim.Adam(self.net.parameters())

    def train(self, loader):
        for epoch in range(5):
            for x, y in loader:
                loss = F.cross_entropy(self.net(x), y)
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
"""
HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
LAUNCHED = {
    "main.py": """
        import argparse
        from models.flat import Flat
        from models.pictured_by_windows import Windows

        parser = argparse.ArgumentParser()
        parser.add_argument("--model", default="FLAT", choices=["FLAT", "WIN"])
        args = parser.parse_args()
        if args.model == "FLAT":
            model = Flat()
        elif args.model == "WIN":
            model = Windows()
        else:
            print("no such model")
            exit(-1)
        model.train(read())
        """,
    "models/flat.py": HEAD
    + "class Flat:\n    def __init__(self):\n        self.net = nn.Sequential(nn.Linear(9, 9), nn.Linear(9, 2))"
    + LOOP,
    "models/pictured_by_windows.py": HEAD
    + "class Windows:\n    def __init__(self):\n        self.net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten())"
    + LOOP,
}


def test_the_last_branch_of_a_launcher_starts_the_model_of_its_file(tmp_path: Path) -> None:
    found = analysed(tmp_path, LAUNCHED, "models/pictured_by_windows.py")
    assert values(found, "architecture") == ["CNN"]


CODED = """
    import torch
    from torch import nn
    import torch.nn.functional as F

    class Sampler:
        def draw(self, model, n):
            first = torch.cat([model.decoder(torch.randn(n, 2)), torch.zeros(n, 4)])
            return torch.cat([first, torch.ones(n, 4)])

    class Coder(nn.Module):
        def __init__(self, encoder, decoder):
            super().__init__()
            self.encoder, self.decoder = encoder, decoder

        def forward(self, inputs):
            x = inputs["data"]
            return self.loss(self.decoder(self.encoder(x)["code"]), x)

        def loss(self, made, x):
            return F.mse_loss(made.reshape(len(x), -1), x.reshape(len(x), -1), reduction="none").sum()

    model = Coder(Encoder(), nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 4)))
    optimizer = torch.optim.Adam(model.parameters())
    for x in read():
        loss = model(x)
        loss.backward()
        optimizer.step()
    Sampler().draw(model, 5)
"""
ENCODER = """
    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))

        def forward(self, x):
            return {"code": self.body(x)}

"""


def test_what_draws_samples_joins_no_layers(tmp_path: Path) -> None:
    text = CODED.replace("    class Coder", ENCODER.lstrip("\n") + "    class Coder")
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == "Autoencoder"


def test_kinds_of_pictures_whatever_network_is_asked_for(tmp_path: Path) -> None:
    text = """
        import argparse, torch, torchvision
        parser = argparse.ArgumentParser()
        parser.add_argument("--net", required=True)
        net = build(parser.parse_args().net)
        data = torchvision.datasets.CIFAR100("data", train=True)
        loss_function = torch.nn.CrossEntropyLoss()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for x, y in torch.utils.data.DataLoader(data, batch_size=128):
            optimizer.zero_grad()
            loss_function(net(x), y).backward()
            optimizer.step()
        """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture") == []
    assert values(found, "task") == ["image classification"]


def test_a_layer_of_ones_own_hands_its_weight_on(tmp_path: Path) -> None:
    text = """
        import torch
        from torch import nn

        def scaled(x, weight, scale):
            return x.matmul(weight.t()) * scale

        class Scaled(nn.Module):
            def __init__(self, ins, outs):
                super().__init__()
                self.weight = nn.Parameter(torch.randn(outs, ins))
                self.scale = nn.Parameter(torch.ones(outs))

            def forward(self, x):
                return scaled(x, self.weight, self.scale)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.second = Scaled(784, 400), Scaled(400, 10)

            def forward(self, x):
                return self.second(self.first(x).relu())

        net = Net()
        optimizer = torch.optim.Adam(net.parameters())
        for x, y in read():
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
        """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["MLP"]


CLOUDS = """
    import torch
    from torch import nn
    from torch.utils.data import Dataset

    class ShapeNetDataset(Dataset):
        def __init__(self, root, classification=False):
            self.classification, self.seg_classes = classification, {}

        def __getitem__(self, index):
            return read(index, self.seg_classes)

    data = ShapeNetDataset("data", classification=True)
    net = nn.Sequential(nn.Conv1d(3, 64, 1), nn.ReLU(), nn.Conv1d(64, 50, 1))
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in data:
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    NAME = judge(net)
"""


@pytest.mark.parametrize(("name", "task"), [("right", "classification"), ("shape_ious", "segmentation")])
def test_a_data_set_may_hold_more_than_is_asked_for(tmp_path: Path, name: str, task: str) -> None:
    found = analysed(tmp_path, {"train.py": CLOUDS.replace("NAME", name)})
    assert values(found, "task") == [f"point cloud {task}"]


AGENT = """
    import gym, torch
    from torch import nn
    import torch.nn.functional as F

    class Agent:
        def __init__(self):
            self.net, self.target = nn.Linear(4, 2), nn.Linear(4, 2)
            self.opt = torch.optim.Adam(self.net.parameters(), lr=1e-3)

        def next_values(self, next_states):
            values_next = BEST
            return values_next

        def wanted(self, rewards, values_next, dones):
            return rewards + self.rates["discount_rate"] * values_next * (1 - dones)

        def learn(self, states, actions, rewards, next_states, dones):
            wanted = self.wanted(rewards, self.next_values(next_states), dones)
            F.mse_loss(self.net(states).gather(1, actions), wanted).backward()
            self.opt.step()

    env, agent = gym.make("CartPole-v1"), Agent()
    state = env.reset()
    for step in range(1000):
        state, reward, done, _ = env.step(agent.net(state).argmax().item())
        agent.learn(*draw())
"""


@pytest.mark.parametrize(
    ("best", "told"),
    [
        ("self.target(next_states).detach().max(1)[0]", ["DQN"]),
        ("self.target(next_states).gather(1, self.net(next_states).argmax(1))", ["DQN"]),
        ("self.target(next_states)", []),
    ],
)
def test_the_best_next_value_is_found_in_one_method_and_discounted_in_another(
    tmp_path: Path, best: str, told: list[str]
) -> None:
    found = values(analysed(tmp_path, {"train.py": AGENT.replace("BEST", best)}), "architecture")
    assert [name for name in found if name == "DQN"] == told


GRAPH = """
    import torch
    from torch import nn
    import torch.nn.functional as F
    from torch_scatter import scatter
    from ogb.linkproppred import PygLinkPropPredDataset

    class Relations(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(8, 8), nn.Linear(8, 8)

        def forward(self, x, adj_t_dict):
            for key, adj_t in adj_t_dict.items():
                x = self.second(self.first(JOINED))
            return x

    data = PygLinkPropPredDataset(name="ogbl-vessel")[0]
    x = scatter(data.edge_attr, data.edge_index[0], dim=0, dim_size=data.num_nodes, reduce="mean")
    net = Relations()
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(9):
        F.binary_cross_entropy(net(x, data.adj), data.y).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(("joined", "told"), [("adj_t.matmul(x, reduce='mean')", ["GCN", "GNN"]), ("x", ["MLP"])])
def test_edges_are_read_by_a_network_or_only_before_it(tmp_path: Path, joined: str, told: list[str]) -> None:
    found = analysed(tmp_path, {"train.py": GRAPH.replace("JOINED", joined), "ogb/__init__.py": ""})
    assert values(found, "architecture") == told
    assert values(found, "datasets") == ["ogbl-vessel"]
    assert values(found, "task") == ["link prediction"]


def test_equations_are_solved_by_networks_of_a_library(tmp_path: Path) -> None:
    text = """
        import deepxde as dde
        data = dde.data.TimePDE(domain, pde, [], num_domain=2540)
        net = dde.nn.FNN([2] + [20] * 3 + [1], "tanh", "Glorot normal")
        model = dde.Model(data, net)
        model.compile("adam", lr=1e-3)
        model.train(iterations=15000)
        model.compile("L-BFGS")
        model.train()
        """
    found = analysed(tmp_path, {"heat.py": text}, "heat.py")
    assert values(found, "framework") == ["DeepXDE"]
    assert values(found, "architecture") == ["MLP"]
    assert values(found, "optimizer") == ["Adam", "LBFGS"]
    assert values(found, "steps") == [15000]


EPISODES = """
    import torch
    from torch import nn
    import torch.nn.functional as F

    def judge(net, shots, ways):
        return net(shots, ways)

    net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten())
    optimizer = torch.optim.Adam(net.parameters())
    for PAIR, y in read():
        loss = F.cross_entropy(net(GIVEN), y)
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("pair", "given", "task"),
    [
        ("x_spt, x_qry", "x_spt, x_qry", "meta-learning"),
        ("x, k", "x.view(n_way, k_shot, -1)", "meta-learning"),
        ("x, query", "x, query", "image classification"),
        ("x, one_way", "x, one_way", "image classification"),
    ],
)
def test_a_few_examples_of_new_kinds(tmp_path: Path, pair: str, given: str, task: str) -> None:
    text = EPISODES.replace("PAIR", pair).replace("GIVEN", given)
    assert values(analysed(tmp_path, {"train.py": text}), "task") == [task]


def test_places_told_after_a_few_examples_are_parts_of_pictures(tmp_path: Path) -> None:
    text = EPISODES.replace("PAIR", "x_spt, x_qry").replace("GIVEN), y", "x_spt, x_qry), y, ignore_index=255")
    assert values(analysed(tmp_path, {"train.py": text}), "task") == ["image segmentation"]


DENOISED = """
    import torch
    from torch import nn
    import torch.nn.functional as F

    class Denoiser(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Conv2d(6, 3, 3, padding=1)

        def forward(self, x, t, low_res):
            larger = RESIZED
            return self.body(torch.cat([x, larger], dim=1))

    net = Denoiser()
    betas = torch.linspace(1e-4, 0.02, 1000)
    alphas_cumprod = torch.cumprod(1 - betas, dim=0)
    optimizer = torch.optim.Adam(net.parameters())
    for x, small in read():
        t, noise = torch.randint(0, 1000, (len(x),)), torch.randn_like(x)
        noisy = alphas_cumprod[t].sqrt() * x + (1 - alphas_cumprod[t]).sqrt() * noise
        F.mse_loss(net(noisy, t, small), noise).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("resized", "task"), [("F.interpolate(low_res, x.shape[2:])", "super-resolution"), ("low_res", "image generation")]
)
def test_a_coarse_picture_beside_the_noise(tmp_path: Path, resized: str, task: str) -> None:
    found = analysed(tmp_path, {"train.py": DENOISED.replace("RESIZED", resized)})
    assert values(found, "architecture")[0] == "Diffusion"
    assert values(found, "task") == [task]


@pytest.mark.parametrize(
    ("body", "task"),
    [("nn.Conv1d(1, 80, 251)", "audio classification"), ("nn.LSTM(40, 80)", "speech recognition")],
)
def test_who_speaks_is_no_transcript(tmp_path: Path, body: str, task: str) -> None:
    text = f"""
        import torch, torchaudio
        from torch import nn
        data = torchaudio.datasets.LIBRISPEECH("data", url="train-clean-100")
        net = nn.Sequential({body}, nn.Flatten(), nn.Linear(80, 2484))
        optimizer = torch.optim.Adam(net.parameters())
        for x, y in data:
            nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
        """
    assert values(analysed(tmp_path, {"train.py": text}), "task") == [task]


def test_what_a_setting_chooses_goes_before_a_path_of_another_machine(tmp_path: Path) -> None:
    text = """
        import os, torch, yaml
        config = yaml.safe_load(open("config.yml"))
        names = os.listdir(config["data"]["path"])
        net = torch.nn.Conv2d(3, 19, 3)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for x, y in build(config["data"]["dataset"], names):
            torch.nn.functional.cross_entropy(net(x), y).backward()
            optimizer.step()
        """
    config = "data:\n  dataset: cityscapes\n  path: /home/ann/data/VOCdevkit/VOC2012/\n"
    found = analysed(tmp_path, {"train.py": text, "config.yml": config})
    assert values(found, "datasets") == ["Cityscapes"]


POOLED = """
    import torch
    from torch import nn
    import torch.nn.functional as F

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(300, 128, batch_first=True)
            self.own = nn.Parameter(torch.zeros(128))
            self.out = nn.Linear(128, 10)

        def forward(self, x):
            states, _ = self.lstm(x)
            alpha = F.softmax(torch.matmul(torch.tanh(SCORED), self.own), dim=1).unsqueeze(-1)
            return self.out(torch.sum(states * alpha, 1))

    net = Reader()
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in read():
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(("scored", "told"), [("states", ["LSTM", "RNN", "Attention"]), ("self.own", ["LSTM", "RNN"])])
def test_states_are_weighed_by_scores_of_theirs(tmp_path: Path, scored: str, told: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": POOLED.replace("SCORED", scored)}), "architecture") == told


@pytest.mark.parametrize(
    "weighed",
    [
        "share = F.softmax(self.out(states), dim=1)\n            share = (share * mask).sum(1)",
        "share = F.softmax(states, dim=1)\n            share = share * self.states",
    ],
)
def test_what_is_weighed_by_scores_of_something_else(tmp_path: Path, weighed: str) -> None:
    scored = POOLED.index("            alpha =")
    text = (
        POOLED[:scored] + f"            {weighed}\n            return share\n" + POOLED[POOLED.index("\n    net =") :]
    )
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["LSTM", "RNN"]


CONTINUOUS = """
    import torch
    from torch import nn
    from torchdiffeq import odeint

    class Change(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Linear(3, 64), nn.Linear(64, 2))

        def forward(self, t, states):
            slope = self.net(joined(states[0], t))
            return slope, LOST

    change = Change()
    optimizer = torch.optim.Adam(change.parameters())
    for x in read():
        z, lost = odeint(change, (x, torch.zeros(len(x), 1)), torch.tensor([1.0, 0.0]))
        loss = -(prior.log_prob(z[-1]) - lost[-1].view(-1)).mean()
        loss.backward()
        optimizer.step()
"""


@pytest.mark.parametrize(("lost", "told"), [("-trace_of(slope, states[0])", "Flow"), ("-slope.mean()", "MLP")])
def test_density_is_lost_by_a_trace(tmp_path: Path, lost: str, told: str) -> None:
    assert values(analysed(tmp_path, {"train.py": CONTINUOUS.replace("LOST", lost)}), "architecture")[0] == told


def test_experiments_of_tianshou(tmp_path: Path) -> None:
    text = """
        from tianshou.highlevel.experiment import DQNExperimentBuilder, ExperimentConfig
        experiment = DQNExperimentBuilder(env_factory, ExperimentConfig(), training_config).build()
        experiment.run()
        """
    found = analysed(tmp_path, {"play.py": text}, "play.py")
    assert values(found, "architecture") == ["DQN"]
    assert values(found, "task") == ["reinforcement learning"]


@pytest.mark.parametrize(("given", "task"), [("label", ["image classification"]), ("style", [])])
def test_kinds_as_vectors_of_numbers(tmp_path: Path, given: str, task: list[str]) -> None:
    text = f"""
        import torch, torchvision
        from torch import nn
        import torch.nn.functional as F
        data = torchvision.datasets.MNIST("data", train=True)
        net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(5408, 10))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        for image, {given} in torch.utils.data.DataLoader(data, batch_size=64):
            wanted = F.one_hot({given}, 10).float()
            loss = F.mse_loss(net(image), wanted)
            loss.backward()
            optimizer.step()
        """
    assert values(analysed(tmp_path, {"train.py": text}), "task") == task


LINKS = """
    import torch
    from torch_geometric.datasets import Planetoid
    from torch_geometric.nn import GCNConv
    from torch_geometric.transforms import RandomLinkSplit

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = GCNConv(9, 8), GCNConv(8, 4)

        def forward(self, x, edges):
            return self.second(self.first(x, edges).relu(), edges)

    train, val, test = RandomLinkSplit(num_val=0.1)(Planetoid("data", "Cora")[0])
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(9):
        z = net(train.x, train.edge_index)
        wanted = train.edge_label
        torch.nn.functional.JUDGED.backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("judged", "told"),
    [
        ("binary_cross_entropy_with_logits((z * z).sum(1), wanted)", "link prediction"),
        ("cross_entropy(z, train.y)", "node classification"),
    ],
)
def test_edges_that_are_held_back_are_told(tmp_path: Path, judged: str, told: str) -> None:
    found = analysed(tmp_path, {"train.py": LINKS.replace("JUDGED", judged)})
    assert values(found, "task") == [told]

"""What looks like a family, a loss or a branch of a run at first sight, and is another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = """\
import argparse
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
"""

TRAINS = """
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def families(folder: Path, text: str, trains: str = TRAINS) -> list[object]:
    return values(analysed(folder, {"train.py": HEAD + text + trains}), "architecture")


POINTS = """
class Turn(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.out = nn.Conv1d(3, 8, 1), nn.Conv1d(8, 8, 1), nn.Linear(8, 9)
    def forward(self, x):
        x = torch.max(self.two(F.relu(self.one(x))), 2)[0]
        x = self.out(x)
        start = torch.eye(3).view(1, 9)
        x = x + start
        return x.view(-1, 3, 3)

class Points(nn.Module):
    def __init__(self):
        super().__init__()
        self.turn, self.one, self.two = Turn(), nn.Conv1d(3, 8, 1), nn.Conv1d(8, 16, 1)
        self.head = nn.Linear(24, 5)
    def forward(self, x):
        self.turned = self.turn(x)
        x = F.relu(self.one(torch.bmm(self.turned, x)))
        whole = torch.max(self.two(x), 2, keepdim=True)[0].repeat(1, 1, x.size(2))
        return self.head(torch.cat([whole, x], 1))
    def orthogonal(self):
        made = torch.bmm(self.turned, self.turned.transpose(2, 1))
        return torch.norm(made - torch.eye(3))
model = Points()
penalty = model.orthogonal()
model.load_state_dict(torch.load("pretrained.pt"))
"""


def test_points_and_a_turn_of_them_are_no_dense_block_no_style_and_no_residual(tmp_path: Path) -> None:
    assert families(tmp_path, POINTS) == ["CNN"]


BLOCK = """
class Block(nn.Module):
    def __init__(self, stride):
        super().__init__()
        self.one = nn.Conv1d(8, 8, 3, stride=stride, padding=1)
        self.two = nn.Conv1d(8, 8, 3, padding=1)
    def forward(self, x):
        return x + self.two(F.relu(self.one(x)))
model = nn.Sequential(Block(1), Block({stride}), nn.Linear(8, 2))
"""


@pytest.mark.parametrize(("stride", "family"), [(1, ["CNN"]), (2, ["ResNet", "CNN"])])
def test_blocks_over_time_are_residual_networks_where_they_narrow(
    tmp_path: Path, stride: int, family: list[str]
) -> None:
    assert families(tmp_path, BLOCK.format(stride=stride)) == family


GATED = """
class Gate(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.one = nn.Conv1d(8, 8, 3, dilation=dilation)
        self.two = nn.Conv1d(8, 8, 3, dilation=dilation)
    def forward(self, x):
        return torch.tanh(self.one({given})) * torch.sigmoid(self.two({given}))
def causal(x):
    return F.pad(x, (2, 0))
model = nn.Sequential(Gate(1), Gate(2))
"""


def test_a_gate_over_time_goes_one_by_one_where_it_looks_back_only(tmp_path: Path) -> None:
    assert families(tmp_path / "both", GATED.format(given="x")) == ["CNN"]
    assert families(tmp_path / "back", GATED.format(given="causal(x)")) == ["Autoregressive", "CNN"]


MIXTURE = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.decode = nn.GRU(4, 8), nn.Linear(8, 30)
    def forward(self, x):
        return self.decode(self.cell(x)[0])
def sample_mixture(means, log_scales):
    noise = torch.rand_like(means)
    chosen = means - torch.log(-torch.log(noise))
    return means + torch.exp(log_scales) * torch.randn_like(means) + chosen
model = Net()
sound = sample_mixture(model(x), model(x))
"""


def test_what_is_drawn_from_a_mixture_is_no_latent(tmp_path: Path) -> None:
    assert families(tmp_path, MIXTURE) == ["GRU", "RNN"]


WARMED = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Linear(4, 8)
        self.head = nn.Linear(8, 2)
    def forward(self, x):
        return self.head(F.relu(self.embedding(x)))
model = Net()
embedding_size = 8
share = min(1.0, embedding_size / 100)
kept = x.pow(2).detach()
"""


def test_the_smaller_of_two_numbers_is_no_codebook(tmp_path: Path) -> None:
    assert families(tmp_path, WARMED) == ["MLP"]


SHOWN = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.cell, self.out = nn.Embedding(50, 8), nn.GRU(8, 8), nn.Linear(8, 4)
    def forward(self, text, frames):
        return self.out(self.cell(self.embedding(text), frames)[0])
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for text, frames in loader:
    made = model(text, frames)
    loss = F.l1_loss(made, frames)
    loss.backward()
    optimizer.step()
"""


def test_what_a_decoder_is_shown_beside_its_input_is_not_reconstructed(tmp_path: Path) -> None:
    assert families(tmp_path, SHOWN, "") == ["GRU", "RNN"]


MARGIN = """
class Margin(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(10, 8))
    def forward(self, x, y):
        return F.linear(F.normalize(x), F.normalize(self.weight))
margin = Margin()
net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3))
def model(x):
    return margin(net(x), y)
model.parameters = net.parameters
"""


def test_one_product_with_a_weight_is_one_layer(tmp_path: Path) -> None:
    assert families(tmp_path, MARGIN) == ["CNN"]


SPREAD = """
class Light(nn.Module):
    def __init__(self, users, items, graph):
        super().__init__()
        self.users, self.items, self.graph = nn.Embedding(users, 8), nn.Embedding(items, 8), graph
    def forward(self, x):
        every = torch.cat([self.users.weight, self.items.weight])
        for _ in range(3):
            every = torch.sparse.mm(self.graph, every)
        return every[x]
model = Light(10, 20, graph)
"""


def test_embeddings_spread_along_a_sparse_graph_are_a_graph_network(tmp_path: Path) -> None:
    assert families(tmp_path, SPREAD)[0] == "GNN"


ADDITIVE = """
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.full = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 1)
    def forward(self, seen, state):
        alpha = torch.softmax(self.full(torch.tanh(self.one(seen) + self.two(state))).squeeze(2), dim=1)
        return (seen * alpha.unsqueeze(2)).sum(dim=1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.cell = Attention(), nn.LSTMCell(8, 8)
    def forward(self, x):
        return self.cell(self.attention(x, x))
model = Net()
"""


def test_a_weighted_sum_is_attention_however_its_scores_are_made(tmp_path: Path) -> None:
    assert families(tmp_path, ADDITIVE) == ["LSTM", "RNN", "Attention"]


CHOSEN = """
parser = argparse.ArgumentParser()
parser.add_argument("--data", help="digits or shapes")
args = parser.parse_args()
from torchvision import datasets
if args.data == "digits":
    data = datasets.MNIST("x")
elif args.data == "shapes":
    data = datasets.CIFAR10("x")
else:
    raise ValueError("digits or shapes")
loader = torch.utils.data.DataLoader(data, batch_size=16)
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Linear(8, 2))
"""


def test_what_must_be_chosen_is_chosen_and_the_run_goes_on(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + CHOSEN + TRAINS})
    assert values(found, "datasets") == ["MNIST", "CIFAR-10"]
    assert values(found, "batch_size") == [16]
    assert values(found, "optimizer") == ["Adam"]


TOGETHER = """
class SquaredLoss(nn.Module):
    def forward(self, a, b):
        return (a - b).abs().sqrt().mean()
class NetWithLoss(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net, self.criterion = net, SquaredLoss()
    def forward(self, x, y):
        return self.criterion(self.net(x), y)
model = NetWithLoss(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for x, y in loader:
    model(x, y).backward()
    optimizer.step()
"""


def test_a_network_that_is_kept_with_its_loss_is_no_loss(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + TOGETHER}), "loss") == ["SquaredLoss"]


SEVERAL = """
def parting_loss(a, b, lengths, order):
    return ((a - b) / lengths).mean(), order
def masked_mse(a, b):
    return (a - b).mean()
def masked_rmse(a, b):
    return torch.sqrt(masked_mse(a, b))
model = nn.Sequential(nn.Conv1d(3, 8, 3), nn.Conv1d(8, 8, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for x, y, n in loader:
    loss, order = parting_loss(model(x), y, n, True)
    loss.backward()
    optimizer.step()
    print(masked_rmse(model(x), y))
"""


def test_the_first_of_several_results_goes_backward_and_what_is_printed_is_no_loss(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + SEVERAL}), "loss") == ["parting_loss"]


REPEATED = """
class Run:
    def __init__(self):
        self.net = nn.Sequential(nn.Conv1d(3, 8, 3), nn.Conv1d(8, 8, 3))
    def train(self):
        optimizer = torch.optim.Adam(self.net.parameters(), lr=0.01)
        for epoch in range(6):
            for x, y in loader:
                F.mse_loss(self.net(x), y).backward()
                optimizer.step()
itr = 2
for number in range(itr):
    run = Run()
    run.train()
"""


def test_epochs_are_those_of_one_run_where_each_turn_builds_its_optimizer(tmp_path: Path) -> None:
    found = analysed(tmp_path, {"train.py": HEAD + REPEATED})
    assert (values(found, "epochs"), values(found, "steps")) == ([6], [])


NEIGHBOURS = """
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.project = nn.Linear(8, 8)
    def forward(self, x, edges):
        x = self.project(x)
        return self.gather(x * self.shares(x.sum(1), edges), edges)
    def shares(self, scores, edges):
        exp_scores = scores.exp()
        attention = exp_scores / (self.gather(exp_scores, edges) + 1e-16)
        return attention.unsqueeze(-1)
    def gather(self, x, edges):
        return torch.zeros_like(x).scatter_add(0, edges[1], x)
model = Layer()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(3):
    F.cross_entropy(model(x, edges), y).backward()
    optimizer.step()
"""


def test_one_method_may_weigh_what_another_adds_up(tmp_path: Path) -> None:
    assert families(tmp_path, NEIGHBOURS, "")[:2] == ["GAT", "GNN"]


TWO_SIZES = """
class Pairs(torch.utils.data.Dataset):
    def __init__(self, file):
        self.file = file
    def __getitem__(self, at):
        return self.file["lr"][at], self.file["hr"][at]
model = nn.Sequential(nn.Conv2d(1, 8, 9), nn.Conv2d(8, 1, 5))
loader = torch.utils.data.DataLoader(Pairs(file), batch_size=16)
"""


def test_data_of_both_resolutions_are_enlarged_however_that_is_done(tmp_path: Path) -> None:
    compared = TRAINS.replace("cross_entropy", "mse_loss")
    assert families(tmp_path, TWO_SIZES, compared) == ["Super-Resolution", "CNN"]


def test_files_may_be_named_for_their_data_and_more(tmp_path: Path) -> None:
    text = HEAD + 'data_name = "coco_5_captions_each"\nmodel = nn.Linear(4, 2)\n' + TRAINS
    assert values(analysed(tmp_path, {"train.py": text}), "datasets") == ["COCO"]


RAYS = """
class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 4))
    def forward(self, x):
        return self.layers(x)
def decode(sigmas, deltas):
    noise = torch.randn(sigmas.shape)
    shares = 1 - torch.exp(-deltas * torch.relu(sigmas + noise))
    return shares * torch.cumprod(1 - shares, -1)
model = Field()
shown = decode(model(x), y)
"""


def test_what_is_added_up_along_a_ray_is_no_latent(tmp_path: Path) -> None:
    assert families(tmp_path, RAYS) == ["MLP"]


KINDS_OF_TOKENS = """
class Embeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.word_embeddings, self.position_embeddings = nn.Embedding(50, 8), nn.Embedding(16, 8)
        self.token_type_embeddings = nn.Embedding(2, 8)
    def forward(self, x, at, kinds):
        return self.word_embeddings(x) + self.position_embeddings(at) + self.token_type_embeddings(kinds)
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2)
        self.one, self.two, self.near, self.far = nn.Linear(8, 32), nn.Linear(32, 8), nn.LayerNorm(8), nn.LayerNorm(8)
    def forward(self, x):
        x = self.near(x + self.attention(x, x, x)[0])
        return self.far(x + self.two(F.gelu(self.one(x))))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings, self.blocks, self.out = Embeddings(), nn.ModuleList([Block(), Block()]), nn.Linear(8, 2)
    def forward(self, x):
        x = self.embeddings(x, x, x)
        for block in self.blocks:
            x = block(x)
        return self.out(x[:, 0])
model = Net()
"""


def test_a_transformer_that_tells_kinds_of_tokens_apart_is_bert(tmp_path: Path) -> None:
    assert families(tmp_path, KINDS_OF_TOKENS) == ["BERT", "Transformer", "Attention"]


@pytest.mark.parametrize("name", ["adamw_torch_fused", "adamw_torch", "adamw_bnb_8bit", "paged_adamw_8bit"])
def test_optimizers_that_a_trainer_is_told_by_name(tmp_path: Path, name: str) -> None:
    text = f"""
from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments
model = AutoModelForSequenceClassification.from_pretrained("bert-base-uncased")
args = TrainingArguments(output_dir="out", learning_rate=5e-5, num_train_epochs=3, optim="{name}")
Trainer(model=model, args=args, train_dataset=data).train()
"""
    assert values(analysed(tmp_path, {"train.py": text}), "optimizer") == ["AdamW"]


SHOWN_FIRST = """
show = torch.utils.data.DataLoader(data, batch_size=8)
batches = iter(show)
print(next(batches))
loader = torch.utils.data.DataLoader(data, batch_size=64)
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3))
"""


def test_a_loader_of_which_a_batch_is_looked_at_is_not_of_training(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + SHOWN_FIRST + TRAINS}), "batch_size") == [64]


HEADS = """
class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(8, 4, 3), nn.Conv2d(8, 4, 3)
        self.three, self.four = nn.Conv2d(8, 4, 3), nn.Conv2d(8, 4, 3)
    def forward(self, near, middle, far, all):
        return torch.cat([self.one(near), self.two(middle), self.three(far), self.four(all)], dim=1)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.base, self.heads = nn.Conv2d(3, 8, 3), Heads()
    def forward(self, x):
        x = self.base(x)
        return self.heads(x, x, x, x)
model = Net()
"""


def test_heads_over_several_maps_are_no_inception(tmp_path: Path) -> None:
    assert families(tmp_path, HEADS) == ["CNN"]


RETURNING = """
from torchvision import models
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        parts = list(models.resnet18(pretrained=True).children())
        self.layer0, self.layer1 = nn.Sequential(*parts[:3]), nn.Sequential(*parts[3:5])
        self.upsample = nn.Upsample(scale_factor=2)
        self.conv0, self.conv1 = nn.Conv2d(128, 64, 3), nn.Conv2d(64, 6, 1)
    def forward(self, x):
        layer0 = self.layer0(x)
        layer1 = self.layer1(layer0)
        x = self.upsample(layer1)
        x = self.conv0(torch.cat([x, layer0], dim=1))
        return self.conv1(torch.cat([self.upsample(x), layer0], dim=1))
model = Net()
"""


def test_a_ready_made_network_goes_down_too(tmp_path: Path) -> None:
    assert families(tmp_path, RETURNING)[:2] == ["UNet", "CNN"]


BOXES = """
def boxes():
    made = []
    for size in {"a": 38, "b": 19}.values():
        for row in range(size):
            for column in range(size):
                for ratio in [1.0, 2.0, 0.5]:
                    made.append([row / size, column / size, ratio])
    return torch.tensor(made)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)
        self.boxes = boxes()
    def forward(self, x):
        return self.two(self.one(x))
model = Net()
"""


def test_many_turns_within_one_another_do_not_keep_from_training(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + BOXES + TRAINS}), "optimizer") == ["Adam"]


SPOKEN = """
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two, self.three = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)
    def forward(self, x):
        shares = torch.softmax(torch.bmm(self.one(x), self.two(x).transpose(1, 2)), dim=2)
        return torch.bmm(shares, self.three(x))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.out = nn.Embedding(50, 8), nn.Linear(8, 80)
        self.encoder, self.decoder = Attention(), Attention()
    def forward(self, x):
        return self.out(self.decoder(self.encoder(self.embedding(x))))
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for text, frames in loader:
    F.l1_loss(model(text), frames).backward()
    optimizer.step()
"""


def test_an_encoder_and_a_decoder_that_attend_make_something_else_of_their_input(tmp_path: Path) -> None:
    assert "Autoencoder" not in families(tmp_path, SPOKEN, "")


JUDGED_AT_ONCE = (
    GATED.replace("{given}", "causal(x)")
    + """
class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Conv1d(1, 8, 3), nn.Conv1d(8, 1, 3)
    def forward(self, x):
        return self.two(F.relu(self.one(x)))
judge = Discriminator()
"""
)


def test_what_is_judged_as_a_whole_does_not_go_one_by_one(tmp_path: Path) -> None:
    assert "Autoregressive" not in families(tmp_path, JUDGED_AT_ONCE)


HIDDEN = KINDS_OF_TOKENS.replace("self.token_type_embeddings(kinds)", "0").replace(
    "model = Net()",
    """
class Hidden(torch.utils.data.Dataset):
    def __init__(self, items, mask_prob, mask_token):
        self.items, self.prob, self.token = list(items), mask_prob, mask_token
data = Hidden(items, 0.15, 51)
model = Net()
""",
)


def test_items_that_are_masked_and_guessed_make_a_transformer_bert(tmp_path: Path) -> None:
    assert families(tmp_path, HIDDEN)[0] == "BERT"


def test_words_that_are_masked_are_guessed(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + HIDDEN + TRAINS}), "task") == ["masked language modelling"]


SERVED = """
def focal(a, b):
    return F.binary_cross_entropy_with_logits(a, b) * 0.25
class SetCriterion(nn.Module):
    def forward(self, a, b):
        return focal(a, b)
criterion = SetCriterion()
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for x, y in loader:
    criterion(model(x), y).backward()
    optimizer.step()
"""


def test_what_serves_only_a_loss_is_no_loss_beside_it(tmp_path: Path) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + SERVED}), "loss") == ["SetCriterion"]


WRITTEN_OUT = """
class WordAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.score = nn.GRU(8, 8), nn.Linear(8, 1)
    def forward(self, x):
        seen = self.cell(x)[0]
        att = torch.exp(self.score(seen).squeeze(2))
        alphas = att / torch.sum(att, dim=1, keepdim=True)
        return (seen * alphas.unsqueeze(2)).sum(dim=1)
model = WordAttention()
"""


def test_a_softmax_may_be_written_out(tmp_path: Path) -> None:
    assert families(tmp_path, WRITTEN_OUT) == ["GRU", "RNN", "Attention"]


SENT = """
class Passing(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = nn.Linear(8, 8), nn.Linear(8, 8)
    def edges(self, x, receiving, sending):
        receivers = torch.matmul(receiving, x)
        senders = torch.matmul(sending, x)
        return torch.cat([senders, receivers], dim=2)
    def forward(self, x, receiving, sending):
        return self.two(F.relu(self.one(self.edges(x, receiving, sending))))
model = Passing()
shown = model(x, a, b)
"""


def test_senders_and_receivers_found_by_products_are_of_a_graph(tmp_path: Path) -> None:
    assert families(tmp_path, SENT)[0] == "GNN"


@pytest.mark.parametrize("parted", ["split", "moments"])
def test_a_normalisation_by_hand_is_no_flow(tmp_path: Path, parted: str) -> None:
    code = f"""
    import jax, optax
    import jax.numpy as jnp
    from flax import linen as nn
    class Norm(nn.Module):
        @nn.compact
        def __call__(self, x):
            mean, squares = jnp.{parted}(x, 2)
            spread = squares - jnp.square(mean)
            return (x - mean) * spread
    class Net(nn.Module):
        @nn.compact
        def __call__(self, x):
            return nn.Conv(8, (3, 3))(Norm()(nn.Conv(8, (3, 3))(x)))
    net = Net()
    for step in range(9):
        grads = jax.grad(lambda p: net.apply(p, x).sum())(net.init(key, x))
        weights = optax.apply_updates(weights, optax.adam(1e-3).update(grads, state))
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["CNN"]


def test_feed_forward_beside_attention_by_hand_is_no_convolution(tmp_path: Path) -> None:
    code = """
    import tensorflow as tf
    class Reader:
        def __init__(self, size):
            self.x = tf.placeholder(tf.int32, [None, 50])
            seen = tf.nn.embedding_lookup(tf.Variable(tf.random_uniform([900, size])), self.x)
            seen = self.attend(seen, size)
            seen = tf.layers.conv1d(tf.layers.conv1d(seen, 4 * size, kernel_size=1), size, kernel_size=1)
            self.cost = tf.reduce_mean(tf.layers.dense(seen, 2))
            self.step = tf.train.AdamOptimizer(1e-3).minimize(self.cost)
        def attend(self, x, size):
            q, k, v = tf.split(tf.layers.dense(x, 3 * size), 3, -1)
            return x + tf.matmul(tf.nn.softmax(tf.matmul(q, tf.transpose(k, [0, 2, 1]))), v)
    reader = Reader(128)
    with tf.Session() as sess:
        for i in range(9):
            sess.run(reader.step, {reader.x: batch})
    """
    assert values(analysed(tmp_path, {"train.py": code}), "architecture") == ["Attention"]

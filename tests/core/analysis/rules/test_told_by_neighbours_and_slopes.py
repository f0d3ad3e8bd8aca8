"""Families and tasks at first contact: neighbours by index, slopes by hand, what is loaded, sound and texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

CRYSTAL = """
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(16, 8)
    def forward(self, PLACE, near_idx_nbr):
        around = PLACE[near_idx_nbr, :].mean(1)
        return self.mix(torch.cat([PLACE, around], -1)) + PLACE
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Layer() for _ in range(3)])
        self.out = nn.Linear(8, 1)
    def forward(self, PLACE, nbr_idx):
        for layer in self.layers:
            PLACE = layer(PLACE, nbr_idx)
        return self.out(PLACE.mean(0))
model = Net()
"""


@pytest.mark.parametrize(("name", "graph"), [("atoms", True), ("xyz", False)])
def test_features_that_neighbours_are_indexed_by_make_a_graph_network(tmp_path: Path, name: str, graph: bool) -> None:
    text = HEAD + CRYSTAL.replace("PLACE", name).replace("near_idx_nbr", "nbr_idx")
    text += STEP.replace("LOSS", "loss = F.mse_loss(model(x, y), y)")
    facts = analysed(tmp_path, {"train.py": text})
    assert ("GNN" in values(facts, "architecture")) is graph
    assert values(facts, "task") == ["regression"]


def test_slopes_weighed_by_rewards_are_a_policy_gradient(tmp_path: Path) -> None:
    text = """
        import gym
        import numpy as np
        from keras.layers import Dense
        from keras.models import Sequential
        class Player:
            def __init__(self):
                self.gradients, self.rewards, self.states = [], [], []
                self.model = Sequential([Dense(16, activation="relu"), Dense(2, activation="softmax")])
                self.model.compile("adam", "categorical_crossentropy")
            def learn(self):
                gradients = np.vstack(self.gradients)
                rewards = np.vstack(self.rewards)
                gradients *= rewards
                self.model.train_on_batch(np.vstack(self.states), gradients)
        env = gym.make("CartPole-v1")
        player = Player()
        for episode in range(10):
            state = env.reset()
            state, reward, done, info = env.step(0)
            player.rewards.append(reward)
            player.learn()
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture")[0] == "Policy Gradient"


LOADED = """
class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(64, 16), nn.Linear(8, 64)
    def forward(self, x):
        mu, logsigma = self.encoder(x).chunk(2, -1)
        return self.decoder(mu), mu, logsigma
class Memory(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(8, 8)
        self.out = nn.Linear(8, 8)
    def forward(self, z):
        return self.out(self.rnn(z)[0])
coder, model = Coder(), Memory()
coder.load_state_dict(torch.load("coder.pt"))
def latents(x):
    _, mu, logsigma = coder(x)
    return mu + logsigma.exp() * torch.randn_like(mu)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for x, y in loader:
    z = latents(x)
    F.mse_loss(model(z[:-1]), z[1:]).backward()
    optimizer.step()
"""


def test_a_latent_drawn_in_a_function_that_asks_a_loaded_network_comes_last(tmp_path: Path) -> None:
    families = values(analysed(tmp_path, {"train.py": HEAD + LOADED}), "architecture")
    assert families.index("LSTM") < families.index("VAE")


HEARING = """
import librosa
sound = librosa.load("a.wav")[0]
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.out = nn.GRU(1, 8), nn.Linear(8, 256)
    def forward(self, x):
        return self.out(self.rnn(x)[0])
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
"""
ON_BY_ONE = """
for j in range(960):
    loss = F.cross_entropy(model(coarse[:, j:j + 1]), coarse[:, j + 1])
    loss.backward()
    optimizer.step()
"""
PUT_TOGETHER = """
def collate(batch):
    labels = torch.stack(batch)
    return labels[:, :seq_len], labels[:, 1:]
for x, y in torch.utils.data.DataLoader(data, collate_fn=collate):
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
"""
SORTED = """
for x, y in loader:
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("loop", "task"),
    [(ON_BY_ONE, "audio generation"), (PUT_TOGETHER, "audio generation"), (SORTED, "audio classification")],
)
def test_sound_that_goes_on_is_generated(tmp_path: Path, loop: str, task: str) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + HEARING + loop}), "task") == [task]


def test_spectra_of_texts_are_speech(tmp_path: Path) -> None:
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.rnn, self.out = nn.Embedding(40, 8), nn.GRU(8, 8), nn.Linear(8, 80)
    def forward(self, phonemes):
        return self.out(self.rnn(self.embed(phonemes))[0])
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for phonemes, mel in loader:
    loss = F.l1_loss(model(phonemes), mel)
    loss.backward()
    optimizer.step()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + text}), "task") == ["speech synthesis"]


def test_parallel_convolutions_appended_in_a_method_are_inception(tmp_path: Path) -> None:
    text = """
        import keras
        class Sorter:
            def __init__(self):
                start = x = keras.layers.Input((100, 1))
                for _ in range(6):
                    x = self.block(x)
                out = keras.layers.Dense(5, activation="softmax")(keras.layers.GlobalAveragePooling1D()(x))
                self.model = keras.models.Model(start, out)
                self.model.compile("adam", "categorical_crossentropy")
            def block(self, x):
                found = []
                for size in (10, 20, 40):
                    found.append(keras.layers.Conv1D(32, size, padding="same")(x))
                found.append(keras.layers.Conv1D(32, 1)(keras.layers.MaxPool1D(3, 1)(x)))
                return keras.layers.Concatenate(axis=2)(found)
        Sorter().model.fit(data, labels)
    """
    assert values(analysed(tmp_path, {"train.py": text}), "architecture") == ["Inception", "CNN"]


def test_a_decoder_that_asks_by_keywords_attends_to_its_encoder(tmp_path: Path) -> None:
    text = """
class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attend, self.line, self.last = nn.MultiheadAttention(8, 2), nn.Linear(8, 8), nn.Linear(8, 8)
        self.norm, self.other = nn.LayerNorm(8), nn.LayerNorm(8)
class EncoderLayer(Layer):
    def forward(self, x):
        x = self.norm(x + self.attend(x, x, x)[0])
        return self.other(x + self.last(F.relu(self.line(x))))
class DecoderLayer(Layer):
    def forward(self, x, source_states):
        seen = source_states
        x = self.norm(x + self.attend(query=x, key=seen, value=seen)[0])
        return self.other(x + self.last(F.relu(self.line(x))))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.source, self.target = nn.Embedding(100, 8), nn.Embedding(100, 8)
        self.encoder, self.decoder, self.out = EncoderLayer(), DecoderLayer(), nn.Linear(8, 100)
    def forward(self, x, y):
        mask = torch.triu(torch.ones(9, 9))
        return self.out(self.decoder(self.target(y), self.encoder(self.source(x))))
model = Net()
""" + STEP.replace("LOSS", "loss = F.cross_entropy(model(x, y), y)")
    families = values(analysed(tmp_path, {"train.py": HEAD + text}), "architecture")
    assert "Seq2Seq" in families
    assert "GPT" not in families


BOTH_WAYS = """
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.rnn = nn.Embedding(100, 8), nn.GRU(8, 8)
    def forward(self, x):
        return self.rnn(self.embed(x))[1]
class Decoder(Encoder):
    def forward(self, x, h):
        return self.rnn(self.embed(x), h)[0]
encoder, decoder = Encoder(), Decoder()
ONE_tokenizer, OTHER_tokenizer = make(one), make(other)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
for x, y in loader:
    loss = F.cross_entropy(decoder(y, encoder(x)), y)
    loss.backward()
    optimizer.step()
"""


@pytest.mark.parametrize(("one", "other", "tasks"), [("en", "fr", ["translation"]), ("en", "my", [])])
def test_words_of_two_languages_are_translated(tmp_path: Path, one: str, other: str, tasks: list[str]) -> None:
    text = HEAD + BOTH_WAYS.replace("ONE", one).replace("OTHER", other)
    assert values(analysed(tmp_path, {"train.py": text}), "task") == tasks


def test_words_weighed_by_attention_are_sorted(tmp_path: Path) -> None:
    text = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.rnn = nn.Embedding(5000, 32), nn.GRU(32, 32)
        self.score, self.out = nn.Linear(32, 1), nn.Linear(32, 4)
    def forward(self, words):
        states, _ = self.rnn(self.embed(words))
        weights = F.softmax(self.score(states), dim=0)
        return self.out((weights * states).sum(0))
model = Net()
""" + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    assert values(analysed(tmp_path, {"train.py": HEAD + text}), "task") == ["text classification"]

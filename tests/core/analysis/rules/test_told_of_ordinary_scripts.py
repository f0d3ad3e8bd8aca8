"""Ordinary training scripts that speak of what they are not for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import HEAD, STEP, analysed, values

TELLING = """
model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 4))
"""
LAYERS = "\nmodel = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 4))\n"


def facts(folder: Path, field: str, network: str, step: str, title: str = "") -> list[object]:
    code = f'"""{title}"""\n' + HEAD + network + STEP.replace("LOSS", step.replace("\n", "\n        "))
    return values(analysed(folder, {"train.py": code}), field)


def test_names_like_derivatives_solve_no_equation(tmp_path: Path) -> None:
    step = "p_z, q_z = x\nloss = F.cross_entropy(model(q_z), p_z)"
    assert facts(tmp_path, "task", LAYERS, step) == ["classification"]


@pytest.mark.parametrize(("wanted", "found"), [("x", ["denoising"]), ("y", [])])
def test_noise_makes_networks_robust_too(tmp_path: Path, wanted: str, found: list[str]) -> None:
    step = f"noisy = x + 0.1 * torch.randn_like(x)\nloss = F.mse_loss(model(noisy), {wanted})"
    assert facts(tmp_path, "task", TELLING, step) == found


def test_noise_before_a_judge_denoises_nothing(tmp_path: Path) -> None:
    code = """
netD = nn.Sequential(nn.Conv2d(3, 8, 4), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 4), nn.Flatten(), nn.Sigmoid())
netG = nn.Sequential(nn.ConvTranspose2d(8, 8, 4), nn.ReLU(), nn.ConvTranspose2d(8, 3, 4))
optD, optG = torch.optim.Adam(netD.parameters(), lr=1e-4), torch.optim.Adam(netG.parameters(), lr=1e-4)
criterion = nn.BCELoss()
for epoch in range(3):
    for real in loader:
        fake = netG(torch.randn(8, 8, 1, 1))
        told, other = netD(real + 0.1 * torch.randn_like(real)), netD(fake.detach())
        lossD = criterion(told, torch.ones_like(told)) + criterion(other, torch.zeros_like(other))
        lossD.backward()
        optD.step()
        other = netD(fake)
        lossG = criterion(other, torch.ones_like(other))
        lossG.backward()
        optG.step()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "task") == ["image generation"]


def test_what_a_teacher_says_beside_kinds_is_no_view(tmp_path: Path) -> None:
    step = "near = -F.cosine_similarity(model(x), other(x).detach()).mean()\nloss = F.cross_entropy(model(x), y) + near"
    assert facts(tmp_path, "task", TELLING, step) == ["image classification"]


@pytest.mark.parametrize(
    "title",
    ["Whales told apart with ArcFace", "Kinds of cells with missing value imputation", "A net with feature matching"],
)
def test_titles_speak_of_means(tmp_path: Path, title: str) -> None:
    step = "loss = F.cross_entropy(model(x), y)"
    assert facts(tmp_path, "task", TELLING, step, title) == ["image classification"]


@pytest.mark.parametrize("own", [True, False])
def test_what_tells_states_and_actions_is_no_flow(tmp_path: Path, own: bool) -> None:
    back = "self.back" if own else "self.there"
    network = f"""
class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.there, self.back = nn.Linear(4, 8), nn.Linear(8, 4), nn.Linear(8, 4)
    def forward(self, x):
        return self.there(self.encoder(x))
    def inverse(self, x):
        return {back}(self.encoder(x))
model = Both()
"""
    told = facts(tmp_path, "architecture", network, "loss = F.mse_loss(model(x), y) + F.mse_loss(model.inverse(y), x)")
    assert ("Flow" in told) is not own


def test_data_that_are_joined_are_no_branches(tmp_path: Path) -> None:
    network = (
        """
class Sites:
    def whole(self):
        a, b, c, d, e, f, g, h, i, j, k, l = read()
        return torch.cat([a, b, c]), torch.cat([d, e, f]), torch.cat([g, h, i]), torch.cat([j, k, l])
x, y, _, _ = Sites().whole()
"""
        + TELLING
    )
    told = facts(tmp_path, "architecture", network, "loss = F.cross_entropy(model(x), y)")
    assert told == ["CNN"]


def test_the_domain_of_a_sentence_is_no_other_domain(tmp_path: Path) -> None:
    network = "\nmodel = nn.Transformer(16, 2, 1, 1)\nout = nn.Linear(16, 99)\n"
    step = "src, tgt, domain = x\nloss = F.cross_entropy(out(model(src, tgt + domain)), y)"
    assert "domain adaptation" not in facts(tmp_path, "task", network, step)


def test_what_changes_the_domain_of_pictures_carries_no_kinds_over(tmp_path: Path) -> None:
    code = """
class Maker(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(7, 8, 3, 1, 1), nn.ReLU(), nn.ConvTranspose2d(8, 3, 4))
    def forward(self, x, c):
        return self.main(torch.cat([x, c.expand(-1, -1, x.size(2), x.size(3))], 1))
class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.src, self.kind = nn.Conv2d(3, 8, 4), nn.Conv2d(8, 1, 3), nn.Conv2d(8, 4, 3)
    def forward(self, x):
        h = self.body(x)
        return self.src(h), self.kind(h)
G, D = Maker(), Judge()
g_opt, d_opt = torch.optim.Adam(G.parameters(), lr=1e-4), torch.optim.Adam(D.parameters(), lr=1e-4)
for epoch in range(3):
    for real, source_domain in loader:
        target_domain = source_domain[torch.randperm(8)]
        out_src, out_kind = D(real)
        fake = G(real, target_domain)
        fake_src, _ = D(fake.detach())
        d_loss = fake_src.mean() - out_src.mean() + F.cross_entropy(out_kind, source_domain)
        d_loss.backward()
        d_opt.step()
        fake_src, fake_kind = D(fake)
        g_loss = -fake_src.mean() + F.cross_entropy(fake_kind, target_domain) + F.l1_loss(G(fake, source_domain), real)
        g_loss.backward()
        g_opt.step()
"""
    assert values(analysed(tmp_path, {"train.py": HEAD + code}), "task") == ["image-to-image"]


@pytest.mark.parametrize(("both", "found"), [("near(q, p)", "contrastive learning"), ("0", "image classification")])
def test_views_that_are_drawn_to_each_other_are_asked_of_beside_kinds(tmp_path: Path, both: str, found: str) -> None:
    network = f"def near(p, z):\n    return -F.cosine_similarity(p, z.detach()).mean()\n{TELLING}"
    step = f"p, q = model(x), model(y)\nloss = near(p, q) + {both} + F.cross_entropy(model(x), y)"
    assert facts(tmp_path, "task", network, step) == [found]


@pytest.mark.parametrize("part", ["", '["validation"]'])
def test_data_to_report_on_later_are_not_trained_on(tmp_path: Path, part: str) -> None:
    network = f"""
parser = argparse.ArgumentParser()
parser.add_argument("--task")
args = parser.parse_args()
if args.task:
    data = load_dataset("glue", args.task){part}
{LAYERS}"""
    told = facts(
        tmp_path, "datasets", "from datasets import load_dataset\n" + network, "loss = F.cross_entropy(model(x), y)"
    )
    assert told == ([] if part else ["GLUE"])


def test_an_evaluator_takes_no_steps(tmp_path: Path) -> None:
    code = f"""
from ignite.engine import create_supervised_evaluator, create_supervised_trainer
{LAYERS}
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
trainer = create_supervised_trainer(model, optimizer, nn.CrossEntropyLoss())
evaluator = create_supervised_evaluator(model)
evaluator.run(others, max_epochs=1, epoch_length=10)
trainer.run(data, max_epochs=5)
"""
    told = analysed(tmp_path, {"train.py": HEAD + code})
    assert (values(told, "epochs"), values(told, "steps")) == ([5], [])


def test_a_translator_that_is_praised_still_translates(tmp_path: Path) -> None:
    code = """
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.gru = nn.Embedding(src_vocab_size, 16), nn.GRU(16, 16)
    def forward(self, x):
        return self.gru(self.emb(x))[1]
class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.gru, self.out = nn.Embedding(99, 16), nn.GRU(16, 16), nn.Linear(16, 99)
    def forward(self, y, h):
        o, h = self.gru(self.emb(y), h)
        return self.out(o), h
encoder, decoder = Encoder(), Decoder()
model = nn.ModuleList([encoder, decoder])
"""
    step = """h = encoder(x)
logits, h = decoder(y, h)
told = torch.distributions.Categorical(logits=logits)
advantage = score(told.sample(), y)
loss = -(advantage * told.log_prob(y)).mean()"""
    told = facts(tmp_path, "architecture", code, step)
    assert {"Seq2Seq", "Policy Gradient"} <= set(told)


def test_what_a_readme_says_that_code_was_inspired_by(tmp_path: Path) -> None:
    code = HEAD + TELLING + STEP.replace("LOSS", "loss = F.cross_entropy(model(x), y)")
    said = "# Jets\n\nTagging of jets, inspired by work on object detection.\n"
    told = analysed(tmp_path, {"train.py": code, "README.md": said})
    assert values(told, "task") == ["image classification"]


def test_the_column_of_a_table_is_no_surface(tmp_path: Path) -> None:
    network = f"""
table = pd.read_csv("a.csv")
points, occupancy = table[["lat", "lon"]].values, (table["occupied"] / table["capacity"]).values
{LAYERS}"""
    told = facts(tmp_path, "task", "import pandas as pd\n" + network, "loss = F.mse_loss(model(x), y)")
    assert told == ["regression"]


@pytest.mark.parametrize(("word", "found"), [("lane", []), ("lanes", ["lane detection"])])
def test_which_lane_is_driven_in_is_not_found(tmp_path: Path, word: str, found: list[str]) -> None:
    before = f"""
def read(row, {word}):
    return row[row.at == {word}]
def both({word}):
    return read(x, {word}), read(y, {word})
"""
    assert facts(tmp_path, "task", before + TELLING, "loss = F.l1_loss(model(both(x)[0]), y)") == found

"""Scripts and notebooks that fine-tune models of the Hugging Face libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.analysis.writing import analysed, values

HEAD = """from datasets import load_dataset
from transformers import AutoModelForSequenceClassification, BlipForConditionalGeneration, Trainer, TrainingArguments
from transformers import TimeSeriesTransformerConfig, TimeSeriesTransformerForPrediction, VideoMAEForVideoClassification
from transformers import create_optimizer
"""
NET = "net = AutoModelForSequenceClassification.from_pretrained('bert-base-uncased')\n"
TRAIN = "Trainer(net, TrainingArguments('out', learning_rate=2e-5), train_dataset=data).train()\n"


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("data = load_dataset('a/imdb', split='train')\nq = load_dataset('a/beir', 'q', split='q')\n", ["IMDb"]),
        ("data = load_dataset('someone/own-set-train', split='train')\n", ["own-set"]),
        ("task = None\ndata = load_dataset('glue', task) if task is not None else load_dataset(path)\n", ["GLUE"]),
        ("import pandas as pd\ndata = pd.read_csv('drive/My Drive/IMDB Dataset.csv')\n", ["IMDb"]),
    ],
)  # fmt: skip
def test_the_data_are_those_of_training(tmp_path: Path, code: str, names: list[str]) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + code + NET + TRAIN}), "datasets") == names


def test_the_batch_of_preparing_data_is_not_that_of_training(tmp_path: Path) -> None:
    code = HEAD + NET + "data = load_dataset('imdb').map(tokenize, batched=True, batch_size=1000)\n"
    keras = "net.compile(optimizer='adam')\nnet.fit(net.prepare_tf_dataset(data, batch_size=16), epochs=2)\n"
    assert values(analysed(tmp_path, {"train.py": code + TRAIN}), "batch_size") == []
    assert values(analysed(tmp_path, {"train.py": code + keras}), "batch_size") == [16]


@pytest.mark.parametrize(("decay", "name"), [("", "Adam"), (", weight_decay_rate=0.01", "AdamW")])
def test_the_optimizer_that_the_library_makes_for_keras(tmp_path: Path, decay: str, name: str) -> None:
    code = f"optimizer, rate = create_optimizer(init_lr=2e-5, num_train_steps=9{decay})\n"
    code = HEAD + NET + code + "net.compile(optimizer=optimizer)\nnet.fit(data)\n"
    analysis = analysed(tmp_path, {"train.py": code})
    assert values(analysis, "optimizer") == [name]
    assert values(analysis, "learning_rate") == [2e-5]


@pytest.mark.parametrize(
    ("made", "first"),
    [
        ("BlipForConditionalGeneration.from_pretrained('x/blip')", "Transformer"),
        ("TimeSeriesTransformerForPrediction(TimeSeriesTransformerConfig())", "Transformer"),
        ("VideoMAEForVideoClassification.from_pretrained(name)", "ViT"),
    ],
)
def test_a_model_of_the_library_is_a_transformer_at_least(tmp_path: Path, made: str, first: str) -> None:
    assert values(analysed(tmp_path, {"train.py": HEAD + f"net = {made}\n" + TRAIN}), "architecture")[0] == first


def test_an_attribute_of_a_loss_is_no_loss(tmp_path: Path) -> None:
    code = "import torch\npad = torch.nn.CrossEntropyLoss().ignore_index\n" + HEAD + NET + TRAIN
    assert values(analysed(tmp_path, {"train.py": code}), "loss") == []


@pytest.mark.parametrize(
    "told",
    [
        "wandb.init(project='p')\nconfig = wandb.config\nconfig.rate = 0.003\n",
        "wandb.init(config={'rate': 0.003})\nconfig = wandb.config\n",
        "run = wandb.init(config=dict(rate=0.003))\nconfig = run.config\n",
    ],
)
def test_settings_kept_by_a_tracker(tmp_path: Path, told: str) -> None:
    code = "import torch\nimport wandb\n" + told + "net = torch.nn.Linear(2, 2)\n"
    code += "optimizer = torch.optim.Adam(net.parameters(), lr=config.rate)\nloss.backward()\noptimizer.step()\n"
    assert values(analysed(tmp_path, {"train.py": code}), "learning_rate") == [0.003]


def test_a_class_of_the_users_own_that_its_base_loads(tmp_path: Path) -> None:
    code = """import torch.nn as nn
from transformers import BertConfig, BertModel, BertPreTrainedModel, Trainer, TrainingArguments, TrOCRProcessor

class Tagger(BertPreTrainedModel):
    def __init__(self, config, width=8):
        super().__init__(config)
        self.bert = BertModel(config)
        self.head = nn.Linear(config.hidden_size, width)

    def forward(self, ids, labels=None):
        out = self.head(self.bert(ids)[0])
        if labels is not None:
            return nn.CrossEntropyLoss()(out, labels)
        return out

class Words(TrOCRProcessor):
    pass

words = Words.from_pretrained("some/words")
net = Tagger.from_pretrained("bert-base-cased", config=BertConfig(hidden_size=12), width=5, cache_dir="there")
"""
    analysis = analysed(tmp_path, {"train.py": code + TRAIN})
    assert values(analysis, "model_classes") == ["Tagger"]
    assert values(analysis, "loss") == ["CrossEntropyLoss"]
    head = next(layer for layer in analysis.layers if layer.name.endswith("head"))
    assert "5" in head.arguments


def test_an_encoder_and_a_decoder_put_together_are_transformers(tmp_path: Path) -> None:
    code = "from transformers import VisionEncoderDecoderModel as Both\nnet = Both.from_pretrained('some/base')\n"
    names = values(analysed(tmp_path, {"train.py": HEAD + code + TRAIN}), "architecture")
    assert {"Seq2Seq", "Transformer", "Attention"} <= set(names)


@pytest.mark.parametrize(("measure", "task"), [("rouge", "summarisation"), ("sacrebleu", "translation")])
def test_what_is_made_of_texts_is_told_by_its_measure(tmp_path: Path, measure: str, task: str) -> None:
    text = f"""
        import evaluate
        from datasets import load_dataset
        from transformers import AutoModelForSeq2SeqLM, Seq2SeqTrainer, Seq2SeqTrainingArguments
        model = AutoModelForSeq2SeqLM.from_pretrained(name)
        metric = evaluate.load("{measure}")
        args = Seq2SeqTrainingArguments(output_dir="out", num_train_epochs=3)
        Seq2SeqTrainer(model=model, args=args, train_dataset=data).train()
    """
    assert values(analysed(tmp_path, {"train.py": text}), "task") == [task]


SENTENCES = """
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers.sentence_transformer.modules import LSTM, Pooling, Transformer, WordEmbeddings
from sentence_transformers.sentence_transformer.losses import CosineSimilarityLoss
model = SentenceTransformer(modules=[PARTS])
SentenceTransformerTrainer(model=model, train_dataset=data, loss=CosineSimilarityLoss(model)).train()
"""


@pytest.mark.parametrize(
    ("parts", "families"),
    [
        ("WordEmbeddings.from_text_file('glove'), LSTM(300, 1024), Pooling(1024)", ["LSTM", "RNN"]),
        ("WordEmbeddings.from_text_file('glove'), Pooling(300)", []),
        ("Transformer('bert-base-uncased'), Pooling(768)", ["BERT", "Transformer", "Attention"]),
    ],
)
def test_a_model_of_sentences_is_what_its_modules_are(tmp_path: Path, parts: str, families: list[str]) -> None:
    found = analysed(tmp_path, {"train.py": SENTENCES.replace("PARTS", parts)})
    assert values(found, "architecture") == families
    assert values(found, "loss") == ["CosineSimilarityLoss"]


def test_what_another_library_makes_faster_is_what_it_is_called(tmp_path: Path) -> None:
    text = """
        import torch
        from swift_lm.models import LlamaForCausalLM, LlamaTokenizer
        from transformers import Trainer

        model = LlamaForCausalLM.from_pretrained(path)
        Trainer(model=model, train_dataset=LlamaTokenizer.from_pretrained(path)(texts)).train()
        """
    found = analysed(tmp_path, {"train.py": text})
    assert values(found, "architecture") == ["GPT", "Transformer", "Attention", "LLaMA"]

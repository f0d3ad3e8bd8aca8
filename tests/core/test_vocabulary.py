"""The vocabulary: what ships is sound, and lookups are exact."""

from __future__ import annotations

import pytest

from core import vocabulary

WORDS = vocabulary.load()
LISTED = ("framework", "architecture", "task", "datasets", "environment", "optimizer", "scheduler", "loss", "hardware")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CIFAR10", "CIFAR-10"),
        ("cifar-10", "CIFAR-10"),
        ("Cifar_10", "CIFAR-10"),
        ("CIFAR-100", "CIFAR-100"),
        ("mnist", "MNIST"),
        ("fashion_mnist", "Fashion-MNIST"),
        ("MNIST-M", "MNIST-M"),
        ("oxford flowers", "Oxford Flowers 102"),
        ("celeb a", "CelebA"),
        ("vocab", None),
        ("CIFAR", None),
        ("", None),
    ],
)
def test_a_data_set_is_known_by_its_whole_name_only(text: str, name: str | None) -> None:
    assert WORDS.canonical("datasets", text) == name


@pytest.mark.parametrize(
    ("name", "parents"),
    [
        ("LSTM", {"RNN"}),
        ("ResNet", {"CNN"}),
        ("VAE", {"Autoencoder"}),
        ("DCGAN", {"GAN", "CNN"}),
        ("WGAN-GP", {"WGAN", "GAN"}),
        ("GPT", {"Transformer", "Attention"}),
        ("PPO", {"Actor-Critic", "Policy Gradient"}),
        ("UNet", {"CNN"}),
        ("GRU", {"RNN"}),
        ("Conditional VAE", {"VAE", "Autoencoder"}),
        ("CycleGAN", {"GAN"}),
        ("DiT", {"Diffusion", "Transformer", "Attention"}),
        ("Latent Diffusion", {"Diffusion"}),
        ("TD3", {"Actor-Critic"}),
        ("C51", {"DQN"}),
        ("GAT", {"GNN", "Attention"}),
        ("VGG", {"CNN"}),
        ("Super-Resolution", {"CNN"}),
        ("Transformer", {"Attention"}),
        ("MLP", set()),
        ("DQN", set()),
    ],
)
def test_families_imply_their_parents(name: str, parents: set[str]) -> None:
    assert set(WORDS.parents("architecture", name)) == parents


def test_parents_come_nearest_first() -> None:
    assert WORDS.parents("architecture", "WGAN-GP") == ("WGAN", "GAN")


@pytest.mark.parametrize(
    ("word", "field"),
    [
        ("lr", "learning_rate"),
        ("learning rate", "learning_rate"),
        ("bs", "batch_size"),
        ("arch", "architecture"),
        ("opt", "optimizer"),
        ("params", "parameters"),
        ("dataset", "datasets"),
        ("batch_size", "batch_size"),
        ("Environment", "environment"),
    ],
)
def test_fields_are_found_by_alias(word: str, field: str) -> None:
    found = WORDS.field(word)
    assert found is not None and found.name == field


def test_an_unknown_word_is_no_field() -> None:
    assert WORDS.field("gamma") is None


@pytest.mark.parametrize("field", LISTED)
def test_no_word_means_two_terms_and_parents_exist(field: str) -> None:
    meanings: dict[str, set[str]] = {}
    for term in WORDS.terms(field):
        for word in (term.name, *term.aliases):
            meanings.setdefault(vocabulary.fold(word), set()).add(term.name)
        assert all(WORDS.term(field, parent) for parent in term.parents), term
    assert {word: names for word, names in meanings.items() if len(names) > 1} == {}
    assert meanings


def test_no_word_means_two_fields() -> None:
    named = [{vocabulary.fold(word) for word in (spec.name, *spec.aliases)} for spec in WORDS.fields.values()]
    words = [word for each in named for word in each]
    assert sorted({word for word in words if words.count(word) > 1}) == []


def test_the_other_tables_name_known_terms() -> None:
    for name in WORDS.table("architectures", "factories").values():
        assert WORDS.canonical("architecture", name) == name
    for name in WORDS.table("frameworks", "modules").values():
        assert WORDS.canonical("framework", name) == name
    for names in [*WORDS.table("datasets", "holds").values(), *WORDS.table("tasks", "datasets").values()]:
        assert [name for name in names if WORDS.canonical("datasets", name) != name] == []
    for name in [*WORDS.table("tasks", "datasets"), *WORDS.table("tasks", "heads").values()]:
        assert WORDS.canonical("task", name) == name


@pytest.mark.parametrize(
    ("table", "field"),
    [("subjects", "datasets"), ("glosses", "task"), ("glosses", "architecture"), ("glosses", "environment")],
)
def test_what_is_described_in_plain_words_are_terms(table: str, field: str) -> None:
    """A description under a name that is no term is never read."""
    described = WORDS.table(table, field)
    assert set(described) <= {term.name for term in WORDS.terms(field)} and all(described.values())


def test_plain_language_names_settings() -> None:
    assert "gamma" in WORDS.settings_aliases["discount factor"]


def test_folding_keeps_letters_and_digits_of_any_script() -> None:
    assert vocabulary.fold("β-VAE 2.0") == "βvae20"

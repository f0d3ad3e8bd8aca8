"""Ways of asking for a comparison: each is parted into the same two sides; what only sounds so is not."""

from __future__ import annotations

import pytest

from core.catalog.reading import Reader
from core.search.query import Text
from core.search.reading import read_question
from core.search.sides import Side

BOTH = "architecture:GAN VERSUS architecture:VAE"


@pytest.mark.parametrize(
    "question",
    [
        "I would like to understand how the GANs and the VAEs differ from one another",
        "could you explain in which respect the GANs and the VAEs differ?",
        "do GANs and VAEs differ in learning rate?",
        "what is different in GANs and VAEs",
        "what's different about the GANs compared to the VAEs",
        "what do the GANs do differently from the VAEs?",
        "in contrast to the GANs, what do the VAEs use?",
        "which learning rates do GANs use and which do VAEs use?",
        "do the GANs use another learning rate than the VAEs?",
        "put the GANs and the VAEs against each other, please",
        "weigh the GANs against the VAEs",
        "tell the GANs and the VAEs apart",
        "GANs contra VAEs",
        "GANs against VAEs: what is different?",
        "GANs vs. VAEs, how do they differ?",
        "GAN <-> VAE",
        "difference GAN VAE",
        "GAN/VAE comparison",
        "are there any differences between the GANs and the VAEs?",
        "what changes if I go from GAN to VAE?",
        "may I ask in what manner the GANs deviate from the VAEs?",
        "how do the GANs and the VAEs stack up against each other?",
        "gan or vae, what is the diff really",
        "GAN or VAE: which settings are not the same?",
        "show the GANs and the VAEs beside each other",
        "GAN ↔ VAE",
        "GANs v. VAEs",
        "I'd like to compare GANs & VAEs",
        "we need to know how GANs compare to VAEs",
        "how are GANs and VAEs different",
        "what do GANs have that VAEs don't",
        "who trains longer, GANs or VAEs?",
        "the GANs on the one hand and the VAEs on the other",
        "what changes when I switch from GANs to VAEs",
        "similarities and differences of GANs and VAEs",
        "GANs next to VAEs",
        "in what do the GANs distinguish themselves from the VAEs?",
        "I must present to my supervisor the differences of GANs and VAEs",
        "how similar are the GANs and the VAEs?",
        "what do GANs and VAEs have in common?",
        "compare all GANs with all VAEs with respect to learning rate",
    ],
)
def test_a_comparison_is_parted(question: str, reader: Reader) -> None:
    assert str(read_question(question, reader)) == BOTH


def test_what_stands_last_is_said_of_both(reader: Reader) -> None:
    line = "(datasets:MNIST architecture:GAN) VERSUS (architecture:VAE datasets:MNIST)"
    assert str(read_question("gan vs vae mnist", reader)) == line
    line = "(architecture:GAN text:turtle framework:Keras) VERSUS (framework:PyTorch architecture:GAN text:turtle)"
    assert str(read_question("Keras versus PyTorch turtle GANs", reader)) == line


@pytest.mark.parametrize(
    "quoted", ['text:"nets with and without noise" "64"', '"GANs and VAEs side by side"', '"mnist: gan vs vae"']
)
def test_words_in_quotes_part_nothing(quoted: str, reader: Reader) -> None:
    query = read_question(quoted, reader)
    assert query.intent == "find" and read_question(str(query), reader) == query


@pytest.mark.parametrize(
    "question",
    [
        "models that compare two pictures and say whether they show the same thing",
        "learn the difference between a picture and its noisy copy",
        "two networks trained against each other",
        "compare MNIST models",
        "I want to compare against GANs trained with Adam",
        "for comparison: GANs trained with Adam",
        "do GANs or VAEs" + " or use larger" * 50,
    ],
)
def test_what_a_model_does_is_no_comparison(question: str, reader: Reader) -> None:
    assert not read_question(question, reader).cohorts


@pytest.mark.parametrize(("text", "refers"), [("the one in Flax", True), ("one-hot vectors", False)])
def test_what_begins_with_a_number_refers_to_no_other_side(text: str, refers: bool) -> None:
    assert Side(text, Text(text)).refers() is refers

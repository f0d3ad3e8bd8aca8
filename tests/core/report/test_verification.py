"""A writer that lies in every way we could think of. What passes must be true; what is true and plain should pass."""

from __future__ import annotations

import pytest

from core.report import claims, comparing, performance
from core.report.claims import IT, Claim
from core.report.planning import plan
from core.report.verification import verify
from tests.core.report.making import GAN, LINEAR, RUN, VAE, model


def made(claim: Claim | None) -> Claim:
    assert claim is not None
    return claim


TRAINING = made(claims.training(VAE, IT))
IDENTITY = claims.identity(GAN, "gan/train")
TUNING = made(claims.tuning(model("m", weight_decay=0.01, dropout=0.1, grad_clip=1.0), IT))
SAME_NUMBERS = made(claims.training(model("m", epochs=64, batch_size=128, steps=1000), IT))
DATASETS, OPTIMIZERS = comparing.differences([GAN, LINEAR])[:2]
RATES = next(
    c for c in comparing.rank_claims([GAN, VAE], comparing.quantities([GAN, VAE], [RUN, RUN])) if "rate" in c.text
)
COURSE = performance.performance(VAE, RUN, IT)[0]
GAP = next(claim for claim in performance.performance(VAE, RUN, IT) if "above" in claim.text)
LOSS = made(claims.loss(GAN, IT))
HARDWARE = made(claims.hardware(GAN, IT))
FASHION = made(claims.training(model("m", datasets="Fashion-MNIST", epochs=5), IT))


def test_the_claims_read_as_expected() -> None:
    assert (
        TRAINING.text == "It is trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 0.001."
    )
    assert TUNING.text == "It sets the weight decay to 0.01, the dropout to 0.1 and the gradient clipping to 1."
    assert DATASETS.text == "The dataset is CIFAR-10 in gan/train and MNIST in linear/train."
    assert RATES.text == "vae/train has the higher learning rate (0.001), gan/train the lower (0.0002), a factor of 5."
    assert (
        COURSE.text
        == "The validation loss fell from 0.95 to 0.5 between epochs 1 and 3; it was lowest, 0.4, at epoch 2."
    )


@pytest.mark.parametrize(
    ("claim", "sentence"),
    [
        (TRAINING, "It is trained with Adam on MNIST for 20 epochs, in batches of 64, at a learning rate of 0.001."),
        (
            TRAINING,
            "With Adam, it is trained on the dataset MNIST for 20 epochs in batches of 64 at a learning rate of 0.001.",
        ),
        (
            TRAINING,
            "The model runs with Adam at a learning rate of 0.001 and is trained on MNIST in batches of 64 for 20 epochs.",  # noqa: E501
        ),
        (
            IDENTITY,
            "gan/train is a training script for image generation in PyTorch; its architecture is DCGAN, of the families GAN and CNN.",  # noqa: E501
        ),
        (TUNING, "It sets the dropout to 0.1, the gradient clipping to 1 and the weight decay to 0.01."),
        (LOSS, "It uses the loss BCELoss."),
        (DATASETS, "The dataset is CIFAR-10 in gan/train and is MNIST in linear/train."),
    ],
)
def test_a_true_rewording_passes(claim: Claim, sentence: str) -> None:
    assert verify(sentence, claim) is None


LIES = [
    # values swapped between fields
    (TRAINING, "It is trained on MNIST for 64 epochs in batches of 20 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on Adam for 20 epochs in batches of 64 with MNIST at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 batches of 64 epochs with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST in batches of 20 for 64 epochs with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 0.001 epochs in batches of 64 with Adam at a learning rate of 20."),
    (TRAINING, "It is trained on MNIST with Adam in batches of 0.001 at a learning rate of 64 for 20 epochs."),
    (TUNING, "It sets the weight decay to 0.1, the dropout to 0.01 and the gradient clipping to 1."),
    (TUNING, "It sets the weight decay to 0.01, the gradient clipping to 0.1 and the dropout to 1."),
    (SAME_NUMBERS, "It is trained for 128 epochs for 1000 steps in batches of 64."),
    (SAME_NUMBERS, "It is trained for 64 steps for 1000 epochs in batches of 128."),
    (IDENTITY, "gan/train is a training script in DCGAN for image generation; its architecture is PyTorch, of the families GAN and CNN."),  # noqa: E501
    # numbers
    (TRAINING, "It is trained on MNIST for 25 epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 0.0010."),
    (TRAINING, "It is trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 1e-2."),
    (TRAINING, "It is trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of -0.001."),
    (TRAINING, "It is trained on MNIST for twenty epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 20 epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 epochs in 2 batches of 64 with Adam at a learning rate of 0.001."),
    # units
    (TRAINING, "It is trained on MNIST for 20 steps in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 0.001 %."),
    (TRAINING, "It is trained on MNIST for 20k epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 million epochs in batches of 64 with Adam at a learning rate of 0.001."),
    # names
    (TRAINING, "It is trained on Fashion-MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST-M for 20 epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on mnist for 20 epochs in batches of 64 with AdamW at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST and CIFAR-10 for 20 epochs in batches of 64 with Adam at a learning rate of 0.001."),  # noqa: E501
    (FASHION, "It is trained on MNIST for 5 epochs."),
    (LOSS, "Its loss is MSELoss."),
    (HARDWARE, "It can run on cuda and tpu."),
    # what is left out or added
    (TRAINING, "It is trained on MNIST for 20 epochs in batches of 64 with Adam."),
    (TRAINING, "It is trained on MNIST."),
    (TRAINING, "It is well trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 epochs in batches of 64 with Adam at a low learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for up to 20 epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for over 20 epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 0.001. It is the best."),  # noqa: E501
    (HARDWARE, "It runs on cuda and cpu."),
    # denials
    (TRAINING, "It is not trained on MNIST for 20 epochs in batches of 64 with Adam at a learning rate of 0.001."),
    (TRAINING, "It is trained on MNIST for 20 epochs in batches of 64 without Adam at a learning rate of 0.001."),
    (LOSS, "Its loss isn't BCELoss."),
    (LOSS, "Its loss is never BCELoss."),
    (HARDWARE, "It cannot run on cuda and cpu."),
    # models swapped
    (DATASETS, "The dataset is MNIST in gan/train and CIFAR-10 in linear/train."),
    (DATASETS, "The dataset is CIFAR-10 in linear/train and MNIST in gan/train."),
    (DATASETS, "The dataset is CIFAR-10 and MNIST in gan/train in linear/train."),
    (DATASETS, "The dataset is CIFAR-10 and in gan/train MNIST in linear/train."),
    (DATASETS, "The dataset is CIFAR-10 in gan/train and linear/train."),
    (DATASETS, "The dataset is CIFAR-10 in gan/train and MNIST in it."),
    (OPTIMIZERS, "The optimizer is SGD in gan/train and Adam in linear/train."),
    # comparisons
    (RATES, "gan/train has the higher learning rate (0.001), vae/train the lower (0.0002), a factor of 5."),
    (RATES, "vae/train has the lower learning rate (0.001), gan/train the higher (0.0002), a factor of 5."),
    (RATES, "vae/train has the higher learning rate (0.0002), gan/train the lower (0.001), a factor of 5."),
    (RATES, "vae/train has the higher learning rate (5), gan/train the lower (0.0002), a factor of 0.001."),
    (RATES, "vae/train has the higher learning rate (0.001), gan/train the lower (0.0002), a factor of 50."),
    (COURSE, "The validation loss rose from 0.95 to 0.5 between epochs 1 and 3; it was lowest, 0.4, at epoch 2."),
    (COURSE, "The validation loss fell from 0.5 to 0.95 between epochs 1 and 3; it was lowest, 0.4, at epoch 2."),
    (COURSE, "The validation loss fell from 0.95 to 0.5 between epochs 1 and 3; it was highest, 0.4, at epoch 2."),
    (COURSE, "The training loss fell from 0.95 to 0.5 between epochs 1 and 3; it was lowest, 0.4, at epoch 2."),
    (COURSE, "The loss fell from 0.95 to 0.5 between epochs 1 and 3; it was lowest, 0.4, at epoch 2."),
    (COURSE, "The validation loss fell from 0.95 to 0.5 between epochs 1 and 2; it was lowest, 0.4, at epoch 3."),
    (GAP, GAP.text.replace("above", "below")),
    (GAP, GAP.text.replace("validation", "?").replace("training", "validation").replace("?", "training")),
    # no sentences
    (LOSS, ""),
    (LOSS, "."),
    (LOSS, "Its loss is BCELoss"),
    (LOSS, "its loss is BCELoss."),
    (LOSS, "Its loss is\nBCELoss."),
    (LOSS, "Its loss is **BCELoss**."),
    (LOSS, "Its loss is <b>BCELoss</b>."),
    (LOSS, "Its loss is BCELoss. Ignore the rest."),
    (LOSS, "Its loss is BCELoss \u202e."),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "lie"), LIES, ids=[str(number) for number in range(len(LIES))])
def test_a_lie_does_not_pass(claim: Claim, lie: str) -> None:
    assert lie != claim.text
    assert verify(lie, claim) is not None


def every_claim() -> list[Claim]:
    reports = [
        plan([GAN], [RUN]),
        plan([VAE], [RUN]),
        plan([GAN, VAE, LINEAR], [RUN, RUN, RUN]),
        plan([VAE, LINEAR], [RUN, RUN]),
    ]
    return [claim for sections in reports for section in sections for claim in section.claims]


@pytest.mark.parametrize(
    "claim", [claim for claim in every_claim() if not claim.plain], ids=lambda claim: claim.text[:40]
)
def test_a_claim_carries_its_own_sentence(claim: Claim) -> None:
    assert verify(claim.text, claim) is None


@pytest.mark.parametrize(
    "claim", [claim for claim in every_claim() if not claim.plain], ids=lambda claim: claim.text[:40]
)
def test_no_two_literals_of_a_claim_can_change_places(claim: Claim) -> None:
    """Whatever two names or numbers are swapped, the sentence is refused, unless both are values of one field."""
    from core.report.verification import literals_of, pieces

    found = [piece.text for piece in pieces(claim.text, literals_of(claim)) if piece.kind == "literal"]
    field = {said.value: said.field for said in claim.said}
    for a in found:
        for b in found:
            together = len(set(claim.subjects)) < 2 and field.get(a, a) == field.get(b, b)
            if a != b and not together and a not in b and b not in a:
                swapped = claim.text.replace(a, "\0").replace(b, a).replace("\0", b)
                assert verify(swapped, claim) is not None, swapped


def test_whatever_order_passes_leaves_every_value_with_its_words() -> None:
    """Thousands of shuffled sentences: those that pass still say of each value what the claim says of it."""
    import random
    import re

    from core.report.verification import literals_of, pieces

    chance = random.Random(7)
    tokens = [piece.text for piece in pieces(TRAINING.text, literals_of(TRAINING))][:-1]
    tied = ("on MNIST", "20 epochs", "batches of 64", "with Adam", "at a learning rate of 0.001")
    passed = 0
    for _ in range(20_000):
        words = list(tokens)
        for _ in range(chance.randint(1, 3)):
            start = chance.randrange(len(words))
            end = chance.randrange(start, len(words)) + 1
            moved, rest = words[start:end], words[:start] + words[end:]
            at = chance.randrange(len(rest) + 1)
            words = rest[:at] + moved + rest[at:]
        if chance.random() < 0.3:
            words[chance.randrange(len(words))] = chance.choice(
                ["64", "20", "0.001", "MNIST", "Adam", "not", "and", "best"]
            )
        sentence = " ".join(words) + "."
        sentence = sentence[0].upper() + sentence[1:]
        if verify(sentence, TRAINING) is None:
            passed += 1
            assert all(re.search(rf"\b{re.escape(phrase)}\b", sentence, re.IGNORECASE) for phrase in tied), sentence
    assert passed > 50

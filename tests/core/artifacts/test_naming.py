"""What names of pictures and checkpoints say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.naming import Name, read_name, valued, words


@pytest.mark.parametrize(
    ("path", "epoch", "step", "label", "bare"),
    [
        ("samples_epoch_010.png", 10, None, "samples", None),
        ("results/epoch_10/samples.png", 10, None, "samples", None),
        ("images/e0015-recon.png", 15, None, "reconstruction", None),
        ("output/sample_class_Sneaker_epoch_30.png", 30, None, "Sneaker", None),
        ("images/400.png", None, None, "", 400),
        ("fake_images-12.png", None, None, "fake images", 12),
        ("fakes000200.png", None, None, "fakes", 200),
        ("loss_curve.png", None, None, "loss curve", None),
        ("samples/cifar10_grid.png", None, None, "cifar10 grid", None),
        ("media/images/samples_12_abcdef123456ab12.png", None, None, "samples", 12),
        ("epoch=3-step=1200.ckpt", 3, 1200, "", None),
        ("epoch=05-val_loss=0.23.ckpt", 5, None, "val loss", None),
        ("checkpoint-500/model.safetensors", None, None, "model", 500),
        ("10epochs_samples.png", 10, None, "samples", None),
        ("generatedEpoch12.png", 12, None, "", None),
        ("2024-05-01_12-30-00/samples_7.png", None, None, "samples", 7),
        ("digit_7.png", None, None, "digit 7", None),
        ("class_3/epoch_2.png", 2, None, "class 3", None),
        ("samples/Sneaker/epoch_30.png", 30, None, "Sneaker", None),
        ("latent_dim_8_epoch_2.png", 2, None, "latent dim 8", None),
        ("out/epoch_003_step_0004500.png", 3, 4500, "", None),
        ("epoch_1_of_50.png", 1, None, "", None),
        ("netG_epoch_24.pth", 24, None, "netG", None),
        ("Epoch 10/Sneaker 3.png", 10, None, "Sneaker", None),
        ("images/e0001-recon-v2.png", 1, None, "reconstruction v2", None),
        ("resnet18_32x32.png", None, None, "resnet18", None),
        ("model_best.pth.tar", None, None, "model best", None),
        ("iter_5000_class_7.png", None, 5000, "class 7", None),
        ("class_Ankle_boot_epoch_20.png", 20, None, "Ankle boot", None),
        ("class_A3_sample.png", None, None, "A3", None),
        ("epoch_20/class_Ankle boot.png", 20, None, "Ankle boot", None),
        ("e12_s3400.png", 12, 3400, "", None),
        ("s3400.png", None, None, "s3400", None),
        ("generated_epoch-10_batch-3.png", 10, 3, "generated", None),
        ("img_5000it.png", None, 5000, "image", None),
        ("iter_10k.png", None, 10000, "", None),
        ("sweep/beta=0.50.png", None, None, "beta=0.50", None),
        ("samples_adversarial_weight=3.png", None, None, "samples_adversarial_weight=3", None),
        ("recon-beta=1e-3_epoch_4.png", 4, None, "recon-beta=1e-3", None),
        ("lambda_0.1/epoch_4.png", 4, None, "lambda_0.1", None),
        ("cifar_0.1.png", None, None, "cifar", None),
    ],
)
def test_a_name_tells_time_and_subject(
    path: str, epoch: int | None, step: int | None, label: str, bare: int | None
) -> None:
    assert read_name(path) == Name(epoch, step, label, bare)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("BetaVAE_v2", ("beta", "vae", "v2")), ("train_wgan-gp", ("train", "wgan", "gp")), ("run 10", ("run", "10"))],
)
def test_words_of_a_name(text: str, expected: tuple[str, ...]) -> None:
    assert words(text) == expected


@given(st.text(max_size=80))
def test_any_name_is_read(text: str) -> None:
    name = read_name(text)
    assert all(number is None or number >= 0 for number in (name.epoch, name.step, name.bare))
    words(text)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("beta=0.50", ("beta", 0.5)),
        ("lambda_0.1", ("lambda", 0.1)),
        ("class 3", ("class", 3)),
        ("shift=-2", ("shift", -2)),
        ("latent dim 8", ("latent dim", 8)),
        ("7", None),
        ("samples", None),
        ("", None),
    ],
)
def test_a_label_that_ends_in_a_number_is_parted(label: str, expected: tuple[str, float] | None) -> None:
    assert valued(label) == expected

"""The names of the vocabulary's fields, in the order in which they are shown; `assets/vocabulary` says the rest."""

from __future__ import annotations

LISTED = (
    "framework",
    "architecture",
    "task",
    "model_classes",
    "datasets",
    "environment",
    "batch_size",
    "learning_rate",
    "optimizer",
    "epochs",
    "steps",
    "scheduler",
    "weight_decay",
    "momentum",
    "betas",
    "dropout",
    "ema",
    "grad_clip",
    "precision",
    "loss",
    "loss_weights",
    "hardware",
    "seed",
    "image_size",
    "latent_dim",
    "hidden_sizes",
    "heads",
    "parameters",
    "named_only",
)
"""Fields that may have several values, the main one first."""

RARE = ("named_only",)
"""Those that most models lack: that they have none is no gap in what is known."""

SINGLE = ("description", "created", "modified", "author", "commits", "size", "lines")
"""Fields with one value at most. Layers and metrics have shapes of their own and stand in neither."""

SETTINGS = "settings."
"""What the field of a setting begins with."""

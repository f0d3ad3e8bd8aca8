"""MiniLM as an ONNX file: the BERT encoder in plain torch, filled from its safetensors file and exported once.

Run by `modelsearch setup`; needs torch and onnx (the extra `export`). Searching needs neither.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BadInput
from models.safetensors import read_tensors
from models.text_embedder import MODEL_FILE, TOKENIZER_FILE, embedder_folder
from models.weights import MINILM, sha256

if TYPE_CHECKING:
    import numpy as np
    import torch
    from numpy.typing import NDArray

OPSET = 17
"""The first opset with LayerNormalization as one operator."""

LARGEST_DIFFERENCE = 1e-5
"""How far ONNX Runtime's vectors may be from torch's, in any of 384 components of unit vectors."""


def export(say: Callable[[str], None] = lambda line: None) -> Path:
    """Write the embedder's folder into the cache and return it; nothing is done where it is there already.

    The folder appears whole or not at all. Raises BadInput where the weights are missing or are not the right ones,
    or where what was exported does not compute what torch computes; ImportError without torch or onnx.
    """
    folder = embedder_folder()
    if folder.is_dir():
        return folder
    weights = MINILM.path()
    if weights is None:
        raise BadInput(f"the package {MINILM.package}=={MINILM.version} is not installed")
    if (found := sha256(weights)) != MINILM.sha256:
        raise BadInput(f"{weights} is not the file that was expected (SHA-256 {found[:12]}..)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    try:
        say("exporting the text embedder")
        _export_into(making, weights)
        _publish(making, folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder


def _export_into(making: Path, weights: Path) -> None:
    import torch

    network = encoder(read_tensors(weights))
    example = torch.tensor([[101, 7592, 2088, 102]])
    with warnings.catch_warnings():
        # The newer exporter needs two more packages and exports the same graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network,
            (example,),
            str(making / MODEL_FILE),
            dynamo=False,
            opset_version=OPSET,
            input_names=["tokens"],
            output_names=["vectors"],
            dynamic_axes={"tokens": {0: "texts", 1: "length"}, "vectors": {0: "texts"}},
        )
    shutil.copyfile(weights.parent / "tokenizer.json", making / TOKENIZER_FILE)
    _check(network, making / MODEL_FILE)


def _publish(making: Path, folder: Path) -> None:
    """Move the finished folder to its name; another process may have done so first, with the same content."""
    for path in making.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    try:
        making.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _check(network: torch.nn.Module, model: Path) -> None:
    """Compare the exported graph with torch, in batches and lengths that the export did not see."""
    import numpy as np
    import torch

    from models.sessions import session

    run = session(model)
    generator = torch.Generator().manual_seed(0)
    for shape in ((1, 3), (2, 17), (3, 256)):
        tokens = torch.randint(1000, 30000, shape, generator=generator)
        with torch.inference_mode():
            expected = network(tokens).numpy()
        (found,) = run.run(None, {"tokens": tokens.numpy()})
        difference = float(np.abs(expected - found).max())
        if not difference < LARGEST_DIFFERENCE:
            raise BadInput(f"the exported embedder differs from torch by {difference:.1e}; please report this")


def encoder(tensors: dict[str, NDArray[np.float32]]) -> torch.nn.Module:
    """The sentence encoder with these weights: tokens (texts, length) to unit vectors (texts, 384).

    BERT (Devlin et al. 2018, post-norm, exact GELU), then the mean over all tokens, normalised, as
    sentence-transformers does for this model. There is no attention mask: a batch holds texts of one length.
    """
    import torch
    from torch.nn import functional as F

    heads, width, epsilon = 12, 384, 1e-12
    layers = 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith("encoder.layer."))

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, array in tensors.items():
                self.register_buffer(name.replace(".", "_"), torch.from_numpy(array))

        def weight(self, name: str) -> torch.Tensor:
            return self.get_buffer(name.replace(".", "_"))

        def linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
            return F.linear(x, self.weight(f"{name}.weight"), self.weight(f"{name}.bias"))

        def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
            return F.layer_norm(x, (width,), self.weight(f"{name}.weight"), self.weight(f"{name}.bias"), epsilon)

        def embed(self, tokens: torch.Tensor) -> torch.Tensor:
            words = F.embedding(tokens, self.weight("embeddings.word_embeddings.weight"))
            places = self.weight("embeddings.position_embeddings.weight")[: tokens.shape[1]]
            segment = self.weight("embeddings.token_type_embeddings.weight")[0]
            return self.norm(words + places + segment, "embeddings.LayerNorm")

        def attend(self, x: torch.Tensor, name: str) -> torch.Tensor:
            def split(part: str) -> torch.Tensor:
                y = self.linear(x, f"{name}.self.{part}")
                return y.view(y.shape[0], y.shape[1], heads, width // heads).transpose(1, 2)

            scores = split("query") @ split("key").transpose(2, 3) / (width // heads) ** 0.5
            mixed = (scores.softmax(-1) @ split("value")).transpose(1, 2)
            return self.linear(mixed.reshape(x.shape), f"{name}.output.dense")

        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            x = self.embed(tokens)
            for number in range(layers):
                name = f"encoder.layer.{number}"
                x = self.norm(x + self.attend(x, f"{name}.attention"), f"{name}.attention.output.LayerNorm")
                inner = F.gelu(self.linear(x, f"{name}.intermediate.dense"))
                x = self.norm(x + self.linear(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
            # The mean as a product: a plain mean is summed in another order when the batch is one text.
            share = torch.ones_like(tokens, dtype=x.dtype).unsqueeze(1) / tokens.shape[1]
            return F.normalize((share @ x).squeeze(1), dim=1)

    return Encoder().eval()

"""What is known of a model when its task is asked for: its families, data and losses, and what it hears or sees."""

from __future__ import annotations

import ast
import re
from functools import cache

from core import vocabulary
from core.analysis.facts import Fact
from core.analysis.program import Call, Program
from core.analysis.rules.architecture import architecture
from core.analysis.rules.bodies import Body
from core.analysis.rules.datasets import datasets
from core.analysis.rules.loss import losses
from core.analysis.rules.loss_names import family
from core.analysis.rules.sights import along_a_line
from core.analysis.rules.symbols import of_examples
from core.analysis.rules.view import View, view


@cache
def tables() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Task of a data set, what a data set holds, task of a head."""
    words = vocabulary.load()
    by_data = {name: task for task, names in words.table("tasks", "datasets").items() for name in names}
    holds = {name: kind for kind, names in words.table("datasets", "holds").items() for name in names}
    return by_data, holds, dict(words.table("tasks", "heads"))


GENERATING = ("GAN", "Diffusion", "Score-Based", "Energy-Based", "RBM", "VAE", "Flow", "Autoregressive")
"""Families that make data."""
SEQUENTIAL = frozenset({"Seq2Seq", "Transformer", "GPT", "RNN"})
"""Families that go over sequences."""


class Purposed:
    """What is known of a model when its task is asked for."""

    def __init__(self, program: Program) -> None:
        self.view: View = view(program)
        self.families = {str(fact.value): fact for fact in program.ask(architecture)}
        self.data = [fact for fact in program.ask(datasets) if fact.value is not None]
        self.losses = {family(str(fact.value)): fact for fact in program.ask(losses)}

    def holds(self, kind: str) -> bool:
        """Whether a data set holds that kind of thing; pictures also where only convolutions tell."""
        by_name = tables()[1]
        kinds = {by_name.get(str(fact.value), "image" if _known(fact) else "") for fact in self.data}
        if kind in kinds or (kind == "audio" and self.hears()):
            return True
        if kind == "text" and not self.data and "BERT" in self.families and "ViT" not in self.families:
            return True
        if kind == "text" and not self.data and "CNN" in self.families and self.view.kinds["embedding"]:
            return self.view.speaks_of(_VOCABULARY)
        flat = bool(self.view.kinds["conv"]) and not along_a_line(self.view)
        flat |= bool(self.view.kinds["factory"] and {"CNN", "ViT"} & self.families.keys())
        pictured = flat and not self.view.kinds["embedding"] and self.families.keys().isdisjoint(("GNN", "BERT"))
        return kind == "image" and not self.data and pictured and not self.hears()

    def reads_sound(self) -> bool:
        """Whether calls read sound, or take it apart into its frequencies."""
        return bool(self.view.program.named(*_SOUNDS) or self.view.program.under(*_OF_SOUND))

    def hears(self) -> bool:
        """Whether sound is read or taken apart into its frequencies; names tell it where no picture is read."""
        if self.reads_sound():
            return True
        spoken = any(map(HEARD.search, (name for body in self.view.bodies for name in body.once(_may_sound))))
        return spoken and not self._looks_at_files()

    def _looks_at_files(self) -> bool:
        """Whether an example of the user's data is a picture that is read: `image = cv2.imread(row.path)`."""
        return any(_READS_PICTURES & body.calls.keys() for body in of_examples(self.view.program))

    def classifier(self) -> Call | None:
        """Chainer's `L.Classifier(net)`, which tells kinds where it is told no loss."""
        built = (call for call in self.view.program.named("Classifier") if call.dotted.startswith("chainer."))
        return next((call for call in built if call.argument("lossfun", 1) is None), None)

    def scans(self) -> bool:
        """Whether clouds of points are spoken of, over which convolutions go as over pictures."""
        return any(_CLOUD.search(name) for body in self.view.bodies for name in body.parameters)

    def films(self) -> bool:
        """Whether convolutions go over three axes, one of which are the frames of a film."""
        laid = [layer.call.name.casefold() for layer in self.view.layers if layer.kind == "conv"]
        return any("3d" in name for name in laid) and self.view.speaks_of(_FILMED)

    def sees(self) -> bool:
        """Whether pictures are read, or spoken of."""
        read = bool(self.view.program.named("decode_png", "decode_jpeg", "decode_image", "imread"))
        read |= bool(self.data) and self.holds("image")
        return read or any(map(_SEEN.match, (name for body in self.view.bodies for name in body.once(bound))))


def bound(body: Body) -> frozenset[str]:
    """The names that it gives to something, by an assignment or a loop."""
    return frozenset(node.id for node in body.of(ast.Name) if isinstance(node.ctx, ast.Store))


def _may_sound(body: Body) -> frozenset[str]:
    """The names that it binds, but where wavelets are spoken of, whose `wav` is none of sound."""
    return frozenset() if any("wavelet" in name for name in (body.name, *body.spoken)) else body.once(bound)


_SEEN = re.compile(r"(images?|imgs?)(_|$)")
HEARD = re.compile(r"(^|_)(mels?|audios?|wavs?|waveforms?)(_|$)")
"""What pictures, and sounds and their spectra, are called."""
_FILMED = re.compile(r"(^|_)(frames|clips|videos?)(_|$)")
"""What films are called, and their parts; a `frame` may be a table, or what is around a picture."""
_VOCABULARY = re.compile("vocab")
_CLOUD = re.compile(r"point_?clouds?", re.IGNORECASE)
_READS_PICTURES = frozenset({"imread", "read_image", "decode_image", "decode_jpeg", "decode_png"})
_SOUNDS = (
    "decode_wav", "stft", "spectrogram", "mel_spectrogram", "melspectrogram", "MelSpectrogram", "mfcc", "MFCC",
    "linear_to_mel_weight_matrix", "load_wav", "audio_dataset_from_directory",
)  # fmt: skip
"""Calls that read sound or take it apart."""
_OF_SOUND = ("torchaudio.", "librosa.", "soundfile.")


def _known(fact: Fact) -> bool:
    return vocabulary.load().canonical("datasets", str(fact.value)) is not None


def rates(body: Body) -> bool:
    """Whether a function is given, or binds, users and items: `forward(self, users, items)`."""
    names = " ".join((*body.parameters, *body.assigned)).casefold()
    return bool(_USERS.search(names) and _ITEMS.search(names))


_USERS, _ITEMS = (re.compile(rf"(^|[ _]){word}s?([ _]|$)") for word in ("user", "(item|movie|book|product)"))

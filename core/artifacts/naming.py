"""What the name of an artefact says: epoch, step and what it shows.

People write `samples_epoch_010.png`, `epoch_10/samples.png`, `e0015-recon.png`, `fake_images-12.png`, `400.png`.
A number counts as an epoch or a step only where a word beside it says so; a last number without such a word is
`bare`, and whoever knows the script decides what it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.artifacts.words import word_set

EPOCH_WORDS = word_set("epoch epochs ep eps e epo")
STEP_WORDS = word_set(
    "step steps iter iters iteration iterations it itr gs global batches kimg update updates timestep"
)
STEP_IN_EPOCH_WORDS = frozenset({"s", "batch"})
"""These count steps where an epoch stands before them (`e12_s3400`); alone they are a size or part of a name."""
OUTPUT_WORDS = word_set(
    "sample samples fake fakes real reals recon recons reconst reconstruction reconstructions img imgs image "
    "images gen generated generation output outputs out result results fig figure plot grid pred preds "
    "prediction predictions test val train checkpoint ckpt model weights net netg netd generator "
    "discriminator g d snapshot pic picture frame"
)
"""A number joined to one of these (`fake12.png`) counts something; in `cifar10` it is part of a name."""
NAMED_NUMBER_WORDS = word_set(
    "v ver version seed run exp experiment trial fold k z zdim dim latent beta gamma lr bs batch size res "
    "resolution px class label digit y layer level head top gpu rank worker part row col page scale sigma "
    "temp temperature alpha lambda t seq len dropout wd of n nz ndf ngf id idx sample_id"
)
"""The number after one of these is a setting, a class or an index, never a time."""
CLASS_WORDS = frozenset({"class", "label", "category", "cls", "digit"})
GENERIC_FOLDERS = word_set(
    "image images img imgs picture pictures pics output outputs out result results res figure figures fig "
    "figs plot plots log logs run runs media saved save artifacts artefacts checkpoint checkpoints ckpt ckpts "
    "model models weights tmp train training test val validation"
)
ABBREVIATIONS = {
    "recon": "reconstruction", "recons": "reconstructions", "reconst": "reconstruction", "rec": "reconstruction",
    "gen": "generated", "interp": "interpolation", "pred": "prediction", "preds": "predictions", "acc": "accuracy",
    "img": "image", "imgs": "images",
}  # fmt: skip
METRIC_WORDS = word_set("loss acc accuracy err error fid psnr ssim mse mae score bleu perplexity ppl auc f1")
LARGEST = 10**9
"""A larger number is a time stamp or a hash."""

_TIME = re.compile(
    r"(?<!\d)(?:19|20)\d\d[-_.]?[01]\d[-_.]?[0-3]\d(?:[-_T. ]?[0-2]\d[-_.:h]?[0-5]\d(?:[-_.:m]?[0-5]\d)?)?(?!\d)"
)
_HASH = re.compile(r"(?<![A-Za-z0-9])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,64}(?![A-Za-z0-9])")
_DECIMAL = re.compile(r"[-=_]?\d+\.\d+(?:e-?\d+)?")
_SETTING = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z_]*?(?:-[A-Za-z_]+)*)(=-?|[-_]?(?=\d+\.\d))(\d+(?:\.\d+)?(?:e-?\d+)?)(?![A-Za-z0-9])"
)
_VALUED = re.compile(r"^(.*[^\s\d=.-])[\s=]*(-?\d+(?:\.\d+)?(?:e-?\d+)?)$", re.DOTALL)
_SIZE = re.compile(r"(?<![A-Za-z0-9])\d+x\d+(?![A-Za-z0-9])")
_THOUSANDS = re.compile(r"(\d{1,4})k(?![A-Za-z0-9])")
_TOKEN = re.compile(r"[A-Za-z]+|\d+|[^A-Za-z\d]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class Name:
    """What a name says. `bare` is a number that no word explains; `label` keeps the spelling of the file."""

    epoch: int | None = None
    step: int | None = None
    label: str = ""
    bare: int | None = None


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    number: bool
    joined: bool
    """Whether it follows the token before it without a mark between them."""


def read_name(relative: str) -> Name:
    """What a path relative to its model's folder says; the file's own name before its folders, near before far."""
    *folders, last = relative.replace("\\", "/").split("/")
    name = read_part(_stem(last))
    for folder in reversed(folders):
        outer = read_part(folder)
        label = "" if outer.label.casefold() in GENERIC_FOLDERS else outer.label
        name = Name(
            name.epoch if name.epoch is not None else outer.epoch,
            name.step if name.step is not None else outer.step,
            name.label or label,
            name.bare if name.bare is not None else _folder_number(folder, outer),
        )
    if name.epoch is not None or name.step is not None:
        return replace(name, bare=None)
    return name


def read_part(text: str) -> Name:
    """What one path component without its suffix says. Settings that it spells out (`beta=0.5`) are its label."""
    settings = [match.group() for match in _SETTING.finditer(text) if _is_setting(match[1], match[2])]
    for setting in settings:
        text = text.replace(setting, "_")
    name = _Reader(list(_tokens(_without_noise(text)))).read()
    return replace(name, label=" ".join([name.label, *settings]).strip()) if settings else name


def _is_setting(name: str, mark: str) -> bool:
    """With "=" all but times and metrics (`epoch=3-val_loss=0.25.ckpt`); else what is known to be one (`beta_0.5`)."""
    last = re.split("[_-]", name.casefold())[-1]
    if "=" not in mark:
        return last in NAMED_NUMBER_WORDS
    return last not in EPOCH_WORDS | STEP_WORDS | METRIC_WORDS


def valued(label: str) -> tuple[str, float] | None:
    """A label that ends in a number, parted: `beta=0.5` is beta and 0.5, `class 3` is class and 3."""
    match = _VALUED.match(label)
    return (match[1].strip(" _"), float(match[2])) if match else None


def _folder_number(folder: str, said: Name) -> int | None:
    """The number of a folder that is nothing else, or of one like `checkpoint-500`."""
    return said.bare if folder.isdigit() or said.label.casefold() in GENERIC_FOLDERS else None


def words(text: str) -> tuple[str, ...]:
    """The lower-case words and numbers of a name: `BetaVAE_v2` is beta, vae, v2 (a short word keeps its number)."""
    found: list[str] = []
    for token in _tokens(text):
        if token.number and token.joined and found and len(found[-1]) <= 3:
            found[-1] += token.text
        elif token.number:
            found.append(token.text)
        else:
            found += [part.casefold() for part in _CAMEL.findall(token.text)]
    return tuple(found)


def _stem(name: str) -> str:
    """The name without its suffixes: `model.pth.tar` is model; `epoch=3-loss=0.25.ckpt` keeps its number."""
    stem = name.rpartition(".")[0] or name
    outer, _, inner = stem.rpartition(".")
    return outer if outer and inner.casefold() in {"pth", "pt", "ckpt", "weights"} else stem


def _without_noise(text: str) -> str:
    """Time stamps, hashes, picture sizes and decimal numbers tell neither epoch nor subject."""
    for pattern in (_TIME, _HASH, _SIZE, _DECIMAL):
        text = pattern.sub("_", text)
    return _THOUSANDS.sub(r"\g<1>000", text)


def _tokens(text: str) -> Iterator[_Token]:
    """Words and numbers; marks between them only show as `joined`."""
    joined = False
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if piece[0].isascii() and piece[0].isalnum():
            yield _Token(piece, piece.isdigit(), joined)
            joined = True
        elif any(character.isalpha() for character in piece):  # letters of other alphabets are words too
            yield _Token(piece.strip("_-. =()[]"), False, False)
            joined = False
        else:
            joined = False


class _Reader:
    """Reads the tokens of one path component from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.used: set[int] = set()
        self.epoch: int | None = None
        self.step: int | None = None

    def read(self) -> Name:
        for offset in (-1, 1):
            for index, token in enumerate(self.tokens):
                if token.number and index not in self.used and len(token.text) <= 10 and int(token.text) < LARGEST:
                    self._timed(index, index + offset)
        named = self._class_name()
        bare = self._bare()
        return Name(self.epoch, self.step, named or self._label(), bare)

    def _timed(self, index: int, place: int) -> None:
        """Give the number to the time word beside it: before it, or else right behind it (`10epochs`, `10_epoch`)."""
        if not 0 <= place < len(self.tokens) or place in self.used or self.tokens[place].number:
            return
        word, behind = self._time_word(place), place > index
        if behind and len(word) < (2 if self.tokens[place].joined else 3):
            return
        if word in EPOCH_WORDS and self.epoch is None:
            self.epoch = int(self.tokens[index].text)
        elif self.step is None and (word in STEP_WORDS or (self.epoch is not None and word in STEP_IN_EPOCH_WORDS)):
            self.step = int(self.tokens[index].text)
        else:
            return
        self.used |= {place, index}

    def _time_word(self, place: int) -> str:
        """The last word of a token in lower case: `sampleEpoch` ends in epoch."""
        parts = _CAMEL.findall(self.tokens[place].text)
        return parts[-1].casefold() if parts else ""

    def _bare(self) -> int | None:
        """The last number that no word names, where a name's own digits (`cifar10`) do not count."""
        for index in range(len(self.tokens) - 1, -1, -1):
            token = self.tokens[index]
            if not token.number or index in self.used or len(token.text) > 10:
                continue
            before = self.tokens[index - 1] if index else None
            word = before.text.casefold() if before and not before.number else ""
            follows = index + 1 < len(self.tokens) and self.tokens[index + 1].joined
            if word in NAMED_NUMBER_WORDS or follows or (token.joined and word not in OUTPUT_WORDS):
                return None
            self.used.add(index)
            return int(token.text)
        return None

    def _class_name(self) -> str:
        """The word or number after "class": what a conditional model was asked for."""
        for index, token in enumerate(self.tokens[:-1]):
            following = self.tokens[index + 1]
            if token.text.casefold() in CLASS_WORDS and index + 1 not in self.used:
                if following.text.casefold() in EPOCH_WORDS | STEP_WORDS | OUTPUT_WORDS:
                    continue
                self.used |= {index, index + 1}
                return f"{token.text} {following.text}" if following.number else following.text + self._more(index + 2)
        return ""

    def _more(self, start: int) -> str:
        """What belongs to the word before: the 3 of `class_A3`, the boot of `class_Ankle_boot_epoch_20`."""
        text = ""
        for index in range(start, len(self.tokens)):
            token = self.tokens[index]
            if index in self.used or (not token.joined and (token.number or token.text.casefold() in OUTPUT_WORDS)):
                break
            self.used.add(index)
            text += token.text if token.joined else f" {token.text}"
        return text

    def _label(self) -> str:
        """The words that are left, abbreviations written out."""
        pieces: list[str] = []
        for index, token in enumerate(self.tokens):
            if index in self.used or self._is_stray(index):
                continue
            if token.joined and pieces:
                pieces[-1] += token.text
            else:
                pieces.append(ABBREVIATIONS.get(token.text.casefold(), token.text))
        return " ".join(piece for piece in pieces if piece and piece != "of")

    def _is_stray(self, index: int) -> bool:
        """A number by itself says nothing about the subject, unless the word before it names it (`digit 7`)."""
        token = self.tokens[index]
        if not token.number or (token.joined and index):
            return False
        before = self.tokens[index - 1].text.casefold() if index else "of"
        return before == "of" or before not in NAMED_NUMBER_WORDS

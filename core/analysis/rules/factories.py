"""Models that a library makes ready: `torchvision.models.resnet18()`, `timm.create_model("vit_base_patch16_224")`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from core import vocabulary
from core.analysis.localmodules import LIBRARIES
from core.analysis.program import Call, Made, Resolved
from core.analysis.rules.kinds import plain

MAKERS: Mapping[str, tuple[str, int]] = vocabulary.load().table("libraries", "makers")
"""Functions that are told the model's name, and where."""
AUTO = re.compile(r"^(TF|Flax)?Auto(Model|ModelFor\w+|ModelWithLMHead)$")
HEADS = re.compile(
    r"(For|With)[A-Z]\w*$|LMHead(Model)?$|LMHeadModel$|DoubleHeadsModel$|Model$|Config$|(?<!Auto)Encoder$|Decoder$|Backbone$|Classifier$|Pipeline$",
    re.ASCII,
)
NOT_MODELS = re.compile(
    r"Tokenizer|Processor|Config$|Trainer|TrainingArguments|DataCollator|Scheduler|weights|preprocess|FeatureExtractor|pipeline$|Callback|Optimizer|Adam(W|ax)?$|^Adam|set_seed|_Weights|^get_",
    re.IGNORECASE,
)


DENOISERS = ((r"ControlNet\w*Model$", "ControlNet"), (r"Transformer([23]D)?Model$", "DiT"))
"""Endings of the names of networks of the library diffusers, and their families."""


LEARNERS: Mapping[str, str] = vocabulary.load().table("libraries", "learners")
"""fastai's makers of learners: what they build where the architecture that they are given does not say it."""


def _learner_family(call: Call) -> tuple[str, Resolved | None] | None:
    """`vision_learner(data, resnet18)`, `unet_learner(data, resnet34)`, `tabular_learner(data)`."""
    usual = LEARNERS[call.name]
    given = call.argument("arch", 0 if call.name == "create_body" else 1)
    told = given.text or (given.dotted or "").rpartition(".")[2] if given is not None else ""
    family = named_family(told) if told and not usual else None
    family = "Transformer" if "Transformer" in told and usual == "LSTM" else family or usual
    return (family, given if told else None) if family else None


def factory_family(call: Call) -> tuple[str, Resolved | None] | None:
    """The family of the model that a library's call makes, and the value that names it; None for any other call."""
    if not may_make(call.dotted):
        return None
    dotted = plain(call.dotted)
    if call.name in LEARNERS and dotted.startswith("fastai."):
        return _learner_family(call)
    if dotted in MAKERS:
        given = call.argument(*MAKERS[dotted])
        found = next(
            (
                (family, one)
                for one in (given.all() if given else ())
                if one.text and (family := _on_a_hub(one.text) or named_family(one.text))
            ),
            None,
        )
        if dotted.startswith("sentence_transformers."):  # of modules, it is what they are
            return found or (("Transformer", None) if given is not None or "modules" not in call.keywords else None)
        return found or (("YOLO", None) if "YOLO" in dotted else ("CLIP", None) if "clip" in dotted else None)
    if (
        call.receiver is not None
        and isinstance(call.receiver.value, Made)
        and call.name not in ("from_pretrained", "from_config")
    ):
        return None
    return _of_home(call, dotted)


@cache
def may_make(dotted: str) -> bool:
    """Whether a call of this name can make a model at all."""
    name = plain(dotted)
    return name in MAKERS or name.startswith(("fastai.", *homes())) or _of_another(name) is not None


def _on_a_hub(text: str) -> str | None:
    """`https://tfhub.dev/google/imagenet/mobilenet_v2_100_224/feature_vector/4`: named by some part of the address."""
    parts = text.split("/")[4:] if "tfhub.dev/" in text else []
    return next((family for part in parts if (family := named_family(part))), None)


@cache
def homes() -> tuple[str, ...]:
    """Where libraries keep their models."""
    return tuple(sorted(vocabulary.load().of_frameworks("models")))


def _of_home(call: Call, dotted: str) -> tuple[str, Resolved | None] | None:
    """The family of what a library that keeps models makes: by its name, else by that of the weights that it loads."""
    if dotted.endswith(("__call__", ".load_state_dict", ".to")):
        return None
    if not dotted.startswith(homes()):
        return _of_another(dotted)
    parts = dotted.split(".")
    name = parts[-2] if parts[-1] in ("from_pretrained", "from_config", "from_preset", "from_name") else parts[-1]
    if NOT_MODELS.search(name):
        return None
    if AUTO.match(name) or name in ("EncoderDecoderModel", "VisionEncoderDecoderModel", "PreTrainedModel"):
        given = call.argument("pretrained_model_name_or_path", 0)
        for one in _texts(given):
            family = named_family(one.text or "")
            if family:
                return family, one
        return ("Transformer", given) if AUTO.match(name) else ("Seq2Seq", given)
    if dotted.startswith(("diffusers.", "transformers.")) and name[:1].islower():
        return None  # a helper: `convert_unet_state_dict_to_peft`
    made = name.removeprefix("_create_")  # timm's own makers: `_create_vision_transformer`
    family = named_family(HEADS.sub("", made.removeprefix("TF").removeprefix("Flax")))
    if dotted.startswith("diffusers."):
        family = next((each for ending, each in DENOISERS if re.search(ending, name)), family)
    if family is None and name in ("Bottleneck", "BasicBlock", "InvertedResidual"):
        family = named_family(parts[-2])  # a block of torchvision.models.resnet
    if family is None and dotted.startswith("transformers.") and re.search(r"(For[A-Z]\w+|[a-z0-9]Model)$", name):
        family = "Transformer"
    return (family, None) if family else None


def _of_another(dotted: str) -> tuple[str, None] | None:
    """`architectures.resnet.ResNet18()` of a library that is not known: a network's name with its size, in a module
    that is called after networks; `LlamaForCausalLM.from_pretrained(path)`, by whatever library it is made faster."""
    module, _, name = dotted.rpartition(".")
    if name in ("from_pretrained", "from_config"):
        name = module.rpartition(".")[2]
        head = _HEADED.search(name) if dotted.partition(".")[0] not in LIBRARIES else None
        return (named_family(name[: head.start()]) or "Transformer", None) if head is not None else None
    told = _SIZED.match(name) and _NETWORKS.search(module) and dotted.partition(".")[0] not in LIBRARIES
    family = named_family(name) if told else None
    return (family, None) if family else None


_HEADED = re.compile(
    r"(For(CausalLM|MaskedLM|ConditionalGeneration|(Sequence|Token)Classification|QuestionAnswering)|LMHeadModel)$"
)
_SIZED = re.compile(r"[A-Za-z]{3,}_?[a-z]?\d")
_NETWORKS = re.compile(r"model|architecture|backbone|network|(^|[._])nets?([._]|$)")


def _texts(given: Resolved | None) -> Iterator[Resolved]:
    """The texts of a value, also of a configuration made from a name."""
    if given is None:
        return
    for one in given.all():
        if one.text:
            yield one
        call = getattr(one.value, "call", None)
        if isinstance(call, Call):
            yield from (item for item in call.positional[:1] if item.text)


@lru_cache(maxsize=50_000)
def named_family(text: str) -> str | None:
    """The family of a library's model name: "resnet50", "google/vit-base-patch16-224", "bert-base-uncased", "VGG16"."""
    factories = vocabulary.load().table("architectures", "factories")
    last = re.sub(r"/\d+/?$", "", text).rstrip("/").rpartition("/")[2].rpartition(":")[2]
    pieces = re.split(r"[._\-\s]", last)
    folded = [vocabulary.fold(last), *(vocabulary.fold(piece) for piece in pieces)]
    whole = re.sub(r"\d+$", "", folded[0])
    if whole in factories or folded[0] in factories:
        return str(factories.get(folded[0]) or factories[whole])
    best = max((key for key in factories if folded[0].startswith(key) and _ends(folded[0], key)), key=len, default=None)
    if best is not None:
        return str(factories[best])
    for piece in folded[1:]:
        short = re.sub(r"v?\d+\w?$", "", piece)
        if len(piece) > 2 and (piece in factories or short in factories):
            return str(factories.get(piece) or factories[short])
    return None


def _ends(text: str, key: str) -> bool:
    """Whether a name's family part is over where the key ends: digits, sizes or versions follow, or a long key says
    enough."""
    rest = text[len(key) :]
    return not rest or not rest[0].isalpha() or len(key) >= 4

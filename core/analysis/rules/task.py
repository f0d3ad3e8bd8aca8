"""What a model is for, in the field's words, from its families, its data, its losses and its heads."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from core import vocabulary
from core.analysis.facts import Fact
from core.analysis.program import Program
from core.analysis.rules.boosting import BOOSTING, task_of
from core.analysis.rules.clouds import PARTED, is_sparse, of_points
from core.analysis.rules.comparing import comparing
from core.analysis.rules.composing import composing
from core.analysis.rules.episodes import by_episodes
from core.analysis.rules.equations import solving
from core.analysis.rules.families.asking import CONCATENATIONS, first
from core.analysis.rules.families.conditions import (
    RESIZING,
    changes_pictures,
    draws_what_is_told,
    enlarges,
    goes_with_noisy,
    swaps,
)
from core.analysis.rules.families.masking import guesses_masked
from core.analysis.rules.graphs import on_graphs, on_links
from core.analysis.rules.kinds_or_numbers import classifying, fits_line, predicting
from core.analysis.rules.loss_names import CLASSIFYING, COMPARING
from core.analysis.rules.names_told import renamed
from core.analysis.rules.pictured_places import Answer, colouring, detecting, measuring_depth, posing, segmenting
from core.analysis.rules.purposes import GENERATING, SEQUENTIAL, Purposed, rates, tables
from core.analysis.rules.restoring import completing, restoring
from core.analysis.rules.sights import along_a_line
from core.analysis.rules.sounds import sounding_on, speaking
from core.analysis.rules.spoken import speaking_of_task
from core.analysis.rules.strange_data import adapting, finding_unusual
from core.analysis.rules.surfaces import shaping
from core.analysis.rules.symbols import (
    last_of_each,
    next_after,
    of_examples,
    one_place_on,
    shifts_targets,
    writes_digits,
)
from core.analysis.rules.words_seen import captioning, reading
from core.analysis.rules.words_told import counts_words, file_of_opinions, speaks_of_words, translating


def task(program: Program) -> Iterator[Fact]:
    """Accepts, in this order: acting in an environment; families for one thing; heads of libraries' models; data that
    is used for one thing; making, encoding, classifying or predicting as losses and families show. What names and
    titles say goes before what is not sure."""
    found = renamed(program, _found(Purposed(program)))
    if found is not None:
        yield Fact("task", *found)


def _found(model: Purposed) -> Answer | None:
    """What the code tells; of texts whose words are counted, or that stand in a file of sentiments, these."""
    for ask in _QUESTIONS:
        found = ask(model)
        if found is not None:
            name, place, how = found
            if name in ("classification", "text classification") and (opinions := file_of_opinions(model)) is not None:
                return "sentiment analysis", opinions, "a file of sentiments"
            if name == "classification" and (counted := counts_words(model)) is not None:
                return "text classification", counted, "words are counted"
            return name, place, how
    return None


def _acting(model: Purposed) -> Answer | None:
    from core.analysis.rules.environment import environments
    from core.analysis.rules.families.agents import ready_agents
    from core.analysis.rules.families.asking import acts

    search = next((call for call in model.view.program.named("MCTS", "MonteCarloTreeSearch") if call.target), None)
    if search is not None:
        return "reinforcement learning", search.place, "a tree of moves is searched"
    if not acts(model.view):
        agent = next(iter(ready_agents(model.view)), None)
        return ("reinforcement learning", agent.place, agent.why) if agent else None
    first = next(iter(model.view.program.ask(environments)), None) or next(iter(model.families.values()), None)
    return ("reinforcement learning", first.place, "acts in an environment") if first else None


def _by_family(model: Purposed) -> Answer | None:
    known = vocabulary.load().table("tasks", "families")
    unseen = {"Capsule"} if model.view.kinds["embedding"] else set()  # what words, users or goods mean, in capsules
    found = next(((name, what) for name, what in known.items() if name in model.families.keys() - unseen), None)
    return (found[1], model.families[found[0]].place, f"architecture {found[0]}") if found else None


def _changing(model: Purposed) -> Answer | None:
    """A conditional GAN that compares its picture with the wanted one changes pictures, as does one that is given
    pictures and no noise, or whose data are pairs of them; text-conditioned diffusion makes them. Grey ones are
    coloured."""
    if "GAN" in model.families and (told := draws_what_is_told(model.view)) is not None:
        return "text-to-image", told, "a picture of noise and a text"
    if "Conditional GAN" in model.families and "l1_loss" in model.losses and not along_a_line(model.view):
        return "image-to-image", model.families["Conditional GAN"].place, "a picture in, the wanted picture out"
    drawn = "CNN" in model.families and not along_a_line(model.view) and "Autoencoder" not in model.families
    if "GAN" in model.families and drawn and not model.hears() and changes_pictures(model.view):
        return "image-to-image", model.families["GAN"].place, "pictures in, pictures out"
    if "GAN" in model.families and drawn and not model.hears() and (swapped := first(model.view, swaps)):
        return "image-to-image", swapped[0].place(swapped[1]), "what one picture holds, in the manner of another"
    pairs = next((fact for fact in model.data if tables()[0].get(str(fact.value)) == "image-to-image"), None)
    if "GAN" in model.families and pairs is not None:
        return "image-to-image", pairs.place, f"dataset {pairs.value}"
    if (coloured := colouring(model.view)) is not None:
        return coloured
    denoised = not model.families.keys().isdisjoint(("Diffusion", "Score-Based"))
    if denoised and (enlarging := first(model.view, enlarges, *RESIZING)) is not None:
        return "super-resolution", enlarging[0].place(enlarging[1]), "a coarse picture is resized beside the noise"
    if (
        denoised
        and (joined := first(model.view, goes_with_noisy, *CONCATENATIONS)) is not None
        and model.holds("image")
    ):
        return "image-to-image", joined[0].place(joined[1]), "a picture beside the noise"
    if "Latent Diffusion" in model.families and ("CLIP" in model.families or "T5" in model.families):
        return "text-to-image", model.families["Latent Diffusion"].place, "latent diffusion with a text encoder"
    return None


def _by_head(model: Purposed) -> Answer | None:
    if {"Latent Diffusion", "DiT"} & model.families.keys():
        return None  # a language model only encodes the words
    heads = tables()[2]
    for call in model.view.program.under("transformers."):
        for part in reversed(call.dotted.split(".")[-2:]):
            ending = next((ending for ending in heads if part.endswith(ending)), None)
            if ending and "Config" not in part:
                return heads[ending], call.place, f"head {part}"
    return None


def _by_data(model: Purposed) -> Answer | None:
    """What the known data are for, but for what losses and families say that nothing is told of."""
    by_data, generating = tables()[0], any(name in model.families for name in GENERATING)
    continued = "Seq2Seq" in model.families or _continuing(model) is not None
    others = {"text classification"} if continued else set()  # those texts are only continued, or rewritten
    numbers = bool(model.losses) and model.losses.keys() <= COMPARING and not model.view.calling(*_OF_KIND)
    others |= {"classification"} if (numbers and classifying(model) is None) or fits_line(model) else set()
    kinds = bool(CLASSIFYING & model.losses.keys()) and classifying(model) is not None
    others |= {"image-to-image"} if kinds else set()
    others |= {"node classification"} if on_links(model) is not None else set()
    others |= {"speech recognition"} if kinds and SEQUENTIAL.isdisjoint(model.families) else set()  # who speaks, say
    heard = any(_OF_LETTERS.search(str(fact.value)) for fact in model.losses.values())
    others |= {"speech recognition"} if model.losses and not heard else set()  # who speaks, or what comes next
    others |= {"regression"} if kinds and COMPARING.isdisjoint(model.losses) else set()
    for fact in model.data:
        told = of_points(model, by_data.get(str(fact.value), ""))
        if generating and told != "recommendation":
            continue
        if told == "music generation" and model.hears():
            told = "music transcription"
        if told and others.isdisjoint({told, *vocabulary.load().parents("task", told)}):
            return told, fact.place, f"dataset {fact.value}"
    return None


_OF_LETTERS = re.compile(r"ctc|rnn_?t|transduc|entropy|nll|smooth|kl_?div", re.IGNORECASE)
"""Losses by which letters or sounds are told."""
_OF_KIND = ("one_hot", "to_categorical", "argmax")
"""What is called where kinds are told, though numbers are compared."""


def _recommending(model: Purposed) -> Answer | None:
    """Embeddings of users and of items, in one function."""
    if not model.view.kinds["embedding"] and "Embedding" not in model.families:
        return None
    for body in model.view.bodies:
        if body.once(rates):
            return "recommendation", body.place(body.node), "users and items are told apart"
    return None


def _by_measure(model: Purposed) -> Answer | None:
    """Texts that are made of texts, by the measure that is loaded to judge them: `evaluate.load("rouge")`."""
    measures = vocabulary.load().table("tasks", "measures")
    for call in model.view.program.named("load", "load_metric"):
        name = (call.positional[0].text or "") if call.positional and call.target is None else ""
        if name in measures and call.dotted.startswith(("evaluate.", "datasets.")):
            return measures[name], call.place, f"measured by {name}"
    return None


def _from_few(model: Purposed) -> Answer | None:
    """Kinds or numbers of which a few examples are shown; what makes pictures of a few makes pictures, and what tells
    the kind of each place in a picture parts pictures."""
    told = by_episodes(model) if model.families.keys().isdisjoint(GENERATING) else None
    return told and (segmenting(model.view, model.losses.keys()) or told)


def _calculating(model: Purposed) -> Answer | None:
    """A network over sequences, of no known data, whose symbols are the digits of numbers that are added up or the
    like."""
    if model.data or not SEQUENTIAL & set(model.families):
        return None
    for body in model.view.bodies:
        node = next((node for node in body.of(ast.JoinedStr, ast.Constant, ast.BinOp) if writes_digits(node)), None)
        if node is not None:
            return "arithmetic", body.place(node), "sums are written digit by digit"
    return None


def _transcribing(model: Purposed) -> Answer | None:
    """What is aligned with shorter writing, by a loss of libraries or one's own that is named for it."""
    loss = next((fact for fact in model.losses.values() if _ALIGNING.search(str(fact.value))), None)
    written = model.sees() and not model.hears()
    if loss is None:
        return reading(model) if written else None
    return "text recognition" if written else "speech recognition", loss.place, "loss CTC"


_ALIGNING = re.compile(r"CTC(loss)?(?![a-z])|(^|_)ctc(_|$)")


def _separating(model: Purposed) -> Answer | None:
    """Sounds that were mixed: a loss that weighs what is wanted against what is left of the others."""
    loss = next((fact for fact in model.losses.values() if _AGAINST_OTHERS.search(str(fact.value))), None)
    return ("source separation", loss.place, f"loss {loss.value}") if loss is not None else None


_AGAINST_OTHERS = re.compile(r"(?<![a-z])si_?s[nd]r(?![a-z])|permutation_?invariant|PITLoss", re.IGNORECASE)


def _making(model: Purposed) -> Answer | None:
    """What generative families make, by the data that they are trained on: pictures, sound, speech, text, or data."""
    made = next((name for name in GENERATING if name in model.families), None)
    written = [fact for fact in model.data if tables()[0].get(str(fact.value)) == "language modelling"]
    if made == "Diffusion" and written:
        return "language modelling", written[0].place, f"dataset {written[0].value}"
    laid_out = model.view.speaks_of(_COLUMNS)
    pictures = "CNN" in model.families or {"DiT", "Latent Diffusion", "ControlNet"} & model.families.keys()
    drawn = pictures and not along_a_line(model.view) and not model.hears()
    if made is not None and not laid_out and (model.holds("image") or drawn):
        return "image generation", model.families[made].place, f"architecture {made} over pictures"
    spoken = [fact for fact in model.data if tables()[0].get(str(fact.value)) == "speech synthesis"]
    if made is not None and spoken and model.view.kinds["embedding"]:
        return "speech synthesis", spoken[0].place, f"letters in, and dataset {spoken[0].value}"
    if made is not None and model.hears():
        return "audio generation", model.families[made].place, f"architecture {made} over sound"
    if made is not None:
        return (
            "density estimation" if made == "Flow" else "reconstruction" if made == "VAE" else "data generation",
            model.families[made].place,
            f"architecture {made}",
        )
    if "Autoencoder" in model.families:
        return "reconstruction", model.families["Autoencoder"].place, "gives back its input"
    if "GPT" in model.families:
        made = "image generation" if model.holds("image") else "language modelling"
        return made, model.families["GPT"].place, "architecture GPT"
    return translating(model)


_COLUMNS = re.compile(r"(^|_)(categorical|discrete|continuous|numerical)_col(umn)?s?(_|$)")
"""What columns of a table are called; where they are told apart, convolutions go over rows, and no pictures."""


def _continuing(model: Purposed) -> Answer | None:
    """A network over sequences, under cross-entropy, whose targets are its inputs one place on: `x[:-1]`, `x[1:]`; or
    what follows a window of them."""
    families = set(model.families)
    if not (SEQUENTIAL | {"Embedding"}) & families or "Seq2Seq" in families or not CLASSIFYING & model.losses.keys():
        return None
    heard = model.holds("audio")
    if model.holds("image") and not heard:
        return None
    if heard:
        return sounding_on(model)
    for body in (*model.view.bodies, *of_examples(model.view.program)):
        node = body.once(one_place_on) or body.once(shifts_targets)
        node = node or (body.once(next_after) if "binary_cross_entropy" not in model.losses else None)
        node = node or (body.once(last_of_each) if model.view.kinds["embedding"] else None)
        if node is not None:
            return "language modelling", body.place(node), "the targets are the inputs one place on"
    return None


def _guessing(model: Purposed) -> Answer | None:
    """Words that were masked, by a network of the user's own."""
    if "BERT" not in model.families or not model.holds("text") or model.view.program.under("transformers."):
        return None
    found = guesses_masked(model.view)
    return ("masked language modelling", found, "masked tokens are guessed") if found is not None else None


def _in_places(model: Purposed) -> Answer | None:
    """What is told of places in a picture."""
    if (told := posing(model.view) or measuring_depth(model.view)) is not None:
        return told
    if (boxed := detecting(model.view)) is not None:
        return boxed
    moved = model.view.program.named("Warp", "SpatialTransformer")  # one picture is laid over another
    if "UNet" in model.families and not moved and (not model.losses or any(map(_OF_KINDS.search, model.losses))):
        named = PARTED if is_sparse(model) else "image segmentation"
        return named, model.families["UNet"].place, "architecture UNet"
    return segmenting(model.view, model.losses.keys())


_OF_KINDS = re.compile(r"entropy|nll|dice|iou|jaccard|tversky|focal|bce|lovasz|seg", re.IGNORECASE)
"""What losses are called that judge kinds; others compare pictures."""


def _learning(model: Purposed) -> Answer | None:
    """By the learner of fastai that is made, or the kind of data that it is given."""
    calls = list(model.view.program.under("fastai."))
    for what, names in vocabulary.load().table("tasks", "learners").items():
        call = next((call for call in calls if not set(names).isdisjoint(call.dotted.split("."))), None)
        if call is not None:
            return what, call.place, f"fastai's {call.name}"
    return None


def _boosting(model: Purposed) -> Answer | None:
    """Boosted trees, by their objective, else by the estimator."""
    if "Gradient Boosted Trees" not in model.families:
        return None
    for fact in model.losses.values():
        if found := task_of(str(fact.value)):
            return found, fact.place, f"objective {fact.value}"
    ranker = next((call for call in model.view.program.under(*BOOSTING) if call.name.endswith("Ranker")), None)
    return ("ranking", ranker.place, f"estimator {ranker.name}") if ranker is not None else None


def _playing(model: Purposed) -> Answer | None:
    """Families of agents, whose environment is not seen; what makes words is only rewarded for them."""
    agent = next((model.families[name] for name in _AGENTS if name in model.families), None)
    worded = model.holds("text") or not SEQUENTIAL.isdisjoint(model.families)
    return ("reinforcement learning", agent.place, agent.how) if agent is not None and not worded else None


_AGENTS = ("Actor-Critic", "Policy Gradient", "DQN", "Q-Learning")


def _called_classifier(model: Purposed) -> Answer | None:
    """A network whose loss tells kinds, or is not known, in a script that is called so: `run_classifier.py`."""
    entry = model.view.program.entry
    known = {"BERT", "CNN", "LSTM", "GRU", "MLP", "Transformer"} & model.families.keys()
    judged = model.losses and CLASSIFYING.isdisjoint(model.losses)
    if judged or not known or not _CLASSIFIER.search(Path(entry.path).stem):
        return None
    held = "text" if speaks_of_words(model) else ""
    held = next((kind for kind in ("image", "text", "audio") if model.holds(kind)), held)
    return f"{held} classification".strip(), entry.source.place(1), "the file's name"


_CLASSIFIER = re.compile(r"(^|_|-)classif(ier|ication)(_|-|$)")


_QUESTIONS: tuple[Callable[[Purposed], Answer | None], ...] = (
    _acting, completing, _by_family, solving, composing, finding_unusual, adapting, restoring, shaping, _changing,
    _by_head, _by_data, _recommending, on_links, _by_measure, _separating, comparing, _from_few, _calculating,
    _transcribing, captioning, speaking, _making, _guessing, _continuing, _in_places, on_graphs, _learning, _boosting,
    classifying, predicting, _playing, _called_classifier, speaking_of_task,
)  # fmt: skip
"""What is asked of a model, in this order, until one knows its task."""

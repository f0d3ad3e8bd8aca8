"""The families of a model's architecture: found in structure, with evidence; what they imply; the main one first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from core import vocabulary
from core.analysis.facts import Fact, Place
from core.analysis.program import Class, Function, Instance, Program
from core.analysis.rules.families import FAMILIES
from core.analysis.rules.families.asking import Evidence
from core.analysis.rules.families.reconstructing import GIVEN_BACK
from core.analysis.rules.trained import loaded_parts, only_loaded, only_predicting
from core.analysis.rules.view import View, view

RANK: tuple[str, ...] = tuple(vocabulary.load().table("architectures", "order")["names"])
"""What a researcher would call the model by, first to last. Other names stand just before what they imply; those of
transformers just after."""

HIDES: Mapping[str, list[str]] = vocabulary.load().table("architectures", "hides")
"""A family found by structure that is only a part of another one found by structure, and so is not named."""

PEERS: Mapping[str, list[str]] = vocabulary.load().table("architectures", "peers")
"""Families that hide one only where both are found in one network: a notebook that compares several names them all."""


def architecture(program: Program) -> Iterator[Fact]:
    """Accepts what the family rules find; a family that is only another's part is left out; parents follow their
    child; what is only loaded follows what is trained."""
    found = gather(view(program))
    words = vocabulary.load()
    implied = {name: set(words.parents("architecture", name)) for name in found}
    everything = set(found) | {parent for parents in implied.values() for parent in parents}
    apart = {name: _apart(view(program), found, implied, name) for name in PEERS if name in found}
    kept = {name: each for name, each in found.items() if not _hidden(name, each, everything - apart.get(name, set()))}
    coding = {name for name in kept if "Autoencoder" in {name, *implied[name]}}
    loaded = {name: _of_loaded(view(program), each.place, name in coding) for name, each in kept.items()}
    order = sorted(kept, key=lambda name: (loaded[name], _rank(name, implied[name])))
    told: set[str] = set()
    for name in order:
        each = kept[name]
        parents = words.parents("architecture", name)
        for family in (name, *parents) if _leads(name, parents) else (*parents, name):
            if family not in told:
                told.add(family)
                yield Fact("architecture", family, each.place, each.why if family == name else f"{name}: {each.why}")


def gather(seen: View) -> dict[str, Evidence]:
    """The first evidence for each family."""
    found: dict[str, Evidence] = {}
    for rule in FAMILIES:
        for each in rule(seen):
            found.setdefault(each.family, each)
    return found


CONDITIONING = ("made by transformers.", "made by open_clip.", "made by clip.", "made by timm.")
"""How the evidence begins of ready-made networks that encode text or pictures for others."""


def _hidden(name: str, each: Evidence, everything: set[str]) -> bool:
    if name in ("VGG", "Inception") and each.why.startswith("made by"):
        return bool(
            everything & {"Style Transfer", "Super-Resolution", "GAN", "VAE", "Autoencoder", "UNet"}
        )  # it judges features
    if "Latent Diffusion" in everything and each.why.startswith(CONDITIONING):
        return True  # it encodes what conditions the diffusion
    if name == "UNet" and everything & {"Diffusion", "Score-Based"}:
        return False  # it removes the noise, whatever else there is
    if each.why.startswith(("made by", "derives from")) or (name == "Autoencoder" and "Latent Diffusion" in everything):
        return False
    hiding = ("Autoregressive", "RBM") if each.why == GIVEN_BACK else HIDES.get(name, ())
    return any(other in everything for other in hiding if other != name)


def _apart(seen: View, found: dict[str, Evidence], implied: dict[str, set[str]], name: str) -> set[str]:
    """The peers of a family that are found in other networks only."""
    home = _networks_at(seen, found[name].place)
    others = {peer: [each for other, each in found.items() if peer in {other, *implied[other]}] for peer in PEERS[name]}
    homes = {peer: [_networks_at(seen, each.place) for each in those] for peer, those in others.items()}
    return {peer for peer, those in homes.items() if home and all(those) and not any(home & each for each in those)}


def _networks_at(seen: View, place: Place) -> set[int]:
    """The networks (by id) one of whose classes holds a place."""
    found = set()
    for network in seen.networks:
        found |= {id(network) for part in network.parts if _covers(part.cls, place)}
    return found


def _of_loaded(seen: View, place: Place, coding: bool) -> bool:
    """Whether a family is found in networks, or parts of networks, only that the run loads and does not train; one that
    makes codes, also in a function that asks such alone."""
    if place in only_predicting(seen) or any(_covers(cls, place) for cls in loaded_parts(seen)):
        return True
    loaded = only_loaded(seen)
    if not loaded:
        return False
    homes = _networks_at(seen, place)
    told = [id(n.instance) in loaded for n in seen.networks if id(n) in homes]
    told = told if homes or not coding else _asked_at(seen, place)
    return bool(told) and all(told)


def _asked_at(seen: View, place: Place) -> list[bool]:
    """Of each network that the function asks in which a place stands: whether it is only loaded."""
    calls = (call for call in seen.program.named("forward") if isinstance(call.holder, Instance) and call.within)
    here = (call.holder for call in calls if call.within and _covers(call.within, place))
    return [id(seen.root_of(asked)) in only_loaded(seen) for asked in here if isinstance(asked, Instance)]


def _covers(part: Class | Function, place: Place) -> bool:
    """Whether a place stands in the body of a class or a function."""
    return part.module.place(part.node).holds(place)


def _leads(name: str, parents: Collection[str]) -> bool:
    """Whether a family goes before what it implies: all but the names of language models made of transformers."""
    return name != "GPT" and (name in RANK or "Transformer" not in parents)


def _rank(name: str, parents: set[str]) -> float:
    if name in RANK:
        return RANK.index(name)
    beside = -0.5 if _leads(name, parents) else 0.5
    return min((RANK.index(parent) + beside for parent in parents if parent in RANK), default=len(RANK))

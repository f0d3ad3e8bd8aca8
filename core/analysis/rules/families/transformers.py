"""Families that attend: attention, transformers of all kinds, and what translates one sequence into another."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.filing import in_order
from core.analysis.nodes import given_to, keyword, same, unparse, walk
from core.analysis.program import Call, Function, Instance
from core.analysis.rules.bodies import Body, assignment_of, code_of, holder, is_call, last_name
from core.analysis.rules.families.asking import (
    GRAPH,
    RECURRENT,
    Evidence,
    first,
    first_layer,
    forward_of,
    is_patching,
    kernel_of,
    once,
    shown,
    unpacked,
)
from core.analysis.rules.families.attending import (
    has_attention,
    only_itself,
    softmax_weighs,
    takes_queries,
    written_attention,
)
from core.analysis.rules.families.masking import adds_kinds, guesses_masked, tells_kinds
from core.analysis.rules.families.mixing import mixers
from core.analysis.rules.families.norms import norms_of
from core.analysis.rules.layers_by_hand import own_weights, products_with
from core.analysis.rules.loss import losses
from core.analysis.rules.loss_names import family
from core.analysis.rules.networks import Layer, Network
from core.analysis.rules.values import words_of
from core.analysis.rules.view import View


@once
def transformer(view: View) -> Iterator[Evidence]:
    """Transformer: transformer layers, or attention with a feed-forward part, normalised and added, over and over."""
    layer = first_layer(view, "transformer")
    if layer is not None:
        yield Evidence("Transformer", layer.call.place, f"built of {layer.call.name}")
        if layer.call.name == "Transformer" and "torch" in layer.call.dotted:
            yield Evidence("Seq2Seq", layer.call.place, "an encoder and a decoder")
        return
    if not has_attention(view) or view.has(*GRAPH) or any(True for _ in mixers(view)):
        return
    for network in (*view.networks, _together(view), *_parts_over_tokens(view)):
        kinds = network.kinds
        norms = norms_of(view, network)
        enough = 2 if kinds["attention"] else 3
        lines = kinds["linear"] + kinds["conv"]
        layered = norms >= 2 and (lines >= enough or lines + _own_lines(network, view) >= enough)
        if layered and attends(network, view):
            place = next(
                (layer.call.place for layer in network.layers if layer.kind == "attention"), network.call.place
            )
            if not network.has(*RECURRENT) and convolution_share(network) < 0.5:
                yield Evidence(
                    "Transformer", place, "attention and feed-forward layers, normalised, one block after the other"
                )
                return
    yield from _in_functions(view)


def _in_functions(view: View) -> Iterator[Evidence]:
    """A block of attention and of a feed-forward part, each normalised and added, that one function lays, or one for
    each."""
    attending = {"MultiHeadAttention", "MultiheadAttention", "MultiHeadDotProductAttention"}
    alone = [body for body in view.bodies if body.cls is None and body.name]
    for _ in range(2):
        attending |= {body.name for body in alone if attending & body.calls.keys() or softmax_weighs(view, body)}
    laying = [(body, times) for body in alone if (times := body.once(_added_and_normalised))]
    after = {body.name for body, _ in laying if body.name not in attending}  # what others leave to it
    attends = [(body, times) for body, times in laying if body.name in attending]
    attends += [(body, 1) for body in alone if body.name in attending and after & body.calls.keys()]
    apart = any(body.name not in attending and body.once(_feeds) for body, _ in laying)
    block = next((body for body, times in attends if apart or (times >= 2 and body.once(_feeds))), None)
    block = block or next((body for body in view.bodies if _lays_normalised(body, attending)), None)
    if block is not None:
        place = block.place(block.calls_any(attending) or block.of(ast.Call)[0])
        yield Evidence("Transformer", place, "attention and feed-forward layers, normalised and added, in functions")


def _lays_normalised(body: Body, attending: set[str]) -> bool:
    """`x = attend(norm(x))` and `x = feed_forward(norm(x))`, functions both."""
    given = {name for name, calls in body.calls.items() if any(map(_takes_normalised, calls))} if body.calls else ()
    return not attending.isdisjoint(given) and any(_FEEDS.search(name) for name in given)


def _takes_normalised(call: ast.Call) -> bool:
    """Whether a function is given what a norm gives."""
    told = given_to(call) if isinstance(call.func, ast.Name) else ()
    return any(isinstance(each, ast.Call) and _NORM.search(last_name(each.func)) for each in told)


def _added_and_normalised(body: Body) -> int:
    """How often a function adds something, and normalises by layer."""
    norms = sum(len(calls) for name, calls in body.calls.items() if _NORM.search(name))
    added = sum(len(body.calls.get(name, ())) for name in ("Add", "add"))
    nodes: list[ast.BinOp | ast.AugAssign] = body.of(ast.BinOp, ast.AugAssign)
    added += sum(isinstance(node.op, ast.Add) for node in nodes)
    return min(norms, added)


_NORM = re.compile(r"^ln(_?\d)?$|^(layer_?)?norm(ali[sz]e|ali[sz]ation)?(_?\d)?$", re.IGNORECASE)
"""What functions and layers are called that normalise each place by itself."""
_FEEDS = re.compile(r"^dense$|^conv1d$|^mlp|ffn|feed_?forward", re.IGNORECASE)


def _feeds(body: Body) -> bool:
    return any(map(_FEEDS.search, body.calls))


def _parts_over_tokens(view: View) -> Iterator[Network]:
    """The parts with embeddings that networks of convolutions keep, each as a network of its own: a transformer over
    the codes of an autoencoder; also one over their features, which keeps blocks that attend and has no convolution."""
    for network in view.networks:
        kept: dict[int, list[Instance]] = {}
        for part in network.parts if network.kinds["conv"] else ():
            around = [each for each in view.around(part) if each is not network.instance]
            top = around[-1] if around else part
            kept.setdefault(id(top), []).append(part)
        for parts in kept.values():
            layers = [layer for part in parts for layer in view.layers_by_owner.get(id(part), ())]
            made = {layer.kind for layer in layers}
            inner = (layer for part in parts[1:] for layer in view.layers_by_owner.get(id(part), ()))
            stacked = not made & {"conv", "convt"} and any(layer.kind == "layernorm" for layer in inner)
            if len(kept) > 1 and (stacked or "embedding" in made):
                yield Network(parts[0], layers, parts)


def _together(view: View) -> Network:
    """All networks without convolutions as one: blocks that are built one by one and handed over."""
    parts = [network for network in view.networks if not network.kinds["conv"]]
    whole = Network(parts[0].instance if parts else None, name="together")
    whole.layers = [layer for network in parts for layer in network.layers]
    whole.parts = [part for network in parts for part in network.parts]
    return whole if whole.layers else Network(None, layers=view.layers[:1])


def _own_lines(network: Network, view: View) -> int:
    """Linear layers that the user wrote over parameters of their own: `addmm(self.bias, x, self.weight)`, and what a
    forward that attends multiplies with its weights."""
    found = ((part, forward_of(view, part.cls)) for part in network.parts)
    forwards = [(part, body) for part, body in found if body is not None]
    products = sum(products_with(body, own_weights(part)) for part, body in forwards if softmax_weighs(view, body))
    return products + sum("addmm" in body.calls for _, body in forwards)


def attends(network: Network, view: View) -> bool:
    if network.kinds["attention"]:
        return True
    classes = {cls for part in network.parts for cls in part.cls.lineage()}
    weighing = {body.name for body in view.bodies if body.cls is None and body.name and softmax_weighs(view, body)}
    return any(
        weighing & body.calls.keys() or takes_queries(body) or softmax_weighs(view, body)
        for body in view.bodies
        if body.cls in classes
    ) or (network.instance is None and written_attention(view) is not None)


def convolution_share(network: Network) -> float:
    """The part of its layers that are convolutions over more than one place of a sequence."""
    kinds = network.kinds
    convs = kinds["conv"] + kinds["convt"]
    narrow = sum(layer.kind == "conv" and is_pointwise(layer) for layer in network.layers)
    return (convs - narrow) / max(convs + kinds["linear"] + kinds["attention"], 1)


def is_pointwise(layer: Layer) -> bool:
    """A convolution over single places of a sequence, or over heads: a feed-forward part spelt so."""
    name, heads = layer.call.name.lower(), layer.call.positional[:1]
    return kernel_of(layer.call) == 1 and (name.startswith("conv1d") or any("heads" in each.name for each in heads))


@once
def vision_transformer(view: View) -> Iterator[Evidence]:
    """ViT: a transformer over patches of a picture: a convolution that cuts them, or a rearrangement by a patch
    size."""
    if not any(True for _ in transformer(view)):
        return
    unfolded = first(view, _unfolds_twice, "unfold")
    if unfolded is not None:
        yield Evidence("ViT", unfolded[0].place(unfolded[1]), "a transformer over patches that are unfolded")
        return
    cutting = (layer for layer in view.layers if layer.kind == "conv" and is_patching(layer.call))
    cut = next((layer for layer in cutting if "1d" not in layer.call.name.lower()), None)
    if cut is not None:
        yield Evidence("ViT", cut.call.place, "a transformer over patches cut by a convolution")
        return
    for call in in_order([view.program.own(), view.program.named(*_CUTTING)]):
        if _cuts_patches(call):
            yield Evidence("ViT", call.place, "a transformer over patches")
            return


def _unfolds_twice(body: Body) -> ast.AST | None:
    """`x.unfold(2, size, size).unfold(3, size, size)` in a method."""
    for call in body.calls.get("unfold", ()) if body.cls is not None else ():
        held = holder(call)
        if is_call(held, ("unfold",)) and len(call.args) == len(held.args) == 3 and same(call.args[1], call.args[2]):
            return call
    return None


_CUTTING = ("PatchEmbed", "PatchEmbedding", "Patches", "extract_patches", "Rearrange", "rearrange", "unfold", "Unfold")


def _cuts_patches(call: Call) -> bool:
    """A rearrangement by a patch size, a library's part that cuts patches, or a function of the user's that does."""
    if isinstance(call.target, Function):
        node = call.target.node
        if "patch" not in call.target.name.casefold():
            return False
        shaped = code_of(node).calls.keys() & {"reshape", "view", "unfold", "rearrange", "permute"}
        sized = any("patch" in arg.arg for arg in node.args.args) or "patch_size" in unparse(node)
        return bool(shaped) and sized
    if call.name in _CUTTING[:4]:
        return call.target is None
    return call.name in _CUTTING[4:] and any(word in unparse(call.node) for word in ("p1", "patch"))


def language_transformer(view: View) -> Iterator[Evidence]:
    """GPT: a transformer over tokens whose attention sees only what came before, with no encoder beside it."""
    if not view.kinds["embedding"] or any(True for _ in vision_transformer(view)):
        return
    if view.kinds["transformer"] or not any(True for _ in transformer(view)) or _crosses(view):
        return
    if any(family(str(fact.value)) == "binary_cross_entropy" for fact in view.program.ask(losses)):
        return  # it tells yes from no, and chooses no token
    call = view.first_call("tril", "make_causal_mask", "triu", "generate_square_subsequent_mask", "band_part")
    told = ((c, c.keywords.get(name)) for name in _CAUSAL for c in view.program.given(name))
    causal = next((c for c, value in told if value is not None and value.value is True), None)
    found = call or causal or next((c for c in view.program.own() if _is_own_causal_mask(c)), None)
    if found is not None:
        yield Evidence("GPT", found.place, "a transformer that sees only what came before")


_CAUSAL = ("is_causal", "causal", "use_causal_mask")


def _is_own_causal_mask(call: Call) -> bool:
    """Whether a function of the user's is called that is named for a mask that hides what is to come."""
    named = re.search(r"(causal|look_?ahead|subsequent)\w*_mask$", call.name)
    return isinstance(call.target, Function) and named is not None


def masked_language(view: View) -> Iterator[Evidence]:
    """BERT: a transformer over tokens that sees the whole sequence and guesses those that were masked, or adds
    where each token stands and of which kind it is."""
    laid = first(view, adds_kinds)
    if (laid is None and view.kinds["embedding"] < 2) or _crosses(view) or not any(True for _ in transformer(view)):
        return
    if any(True for _ in vision_transformer(view)) or any(True for _ in language_transformer(view)):
        return
    if laid is not None:
        yield Evidence("BERT", laid[0].place(laid[1]), "adds of which kind each token is, and where it stands")
    elif (found := guesses_masked(view)) is not None:
        yield Evidence("BERT", found, "masked tokens are guessed")
    elif view.kinds["embedding"] >= 3:
        yield from shown(view, "BERT", "embeds of which kind each token is, and where it stands", tells_kinds)


CROSSING = frozenset({
    "memory", "enc_src", "encoded", "encoder_output", "enc_output", "encoder_outputs", "context_kv", "enc_out",
})  # fmt: skip
"""What the parameter of a decoder is called that takes an encoder's output."""


def _crosses(view: View) -> Body | None:
    """A body of a class that is given an encoder's output beside another thing, or of a decoder that attends to
    something else than its own input: `attend(x, other, other)`; None where none is."""
    for body in view.bodies:
        given = {name.casefold() for name in body.parameters}
        own = [name for name in given - CROSSING if name != "self" and not _MASKS.search(name)]
        if body.cls is not None and CROSSING & given and own and "ctx" not in given:  # with its own gradient
            return body
        if body.cls is not None and "decod" in body.cls.name.casefold() and body.once(_attends_elsewhere):
            return body
    return None


_MASKS = re.compile(r"mask|len")


def _attends_elsewhere(body: Body) -> bool:
    """Whether something is called with one thing, and twice with another that the body is given: `attend(x, other,
    other)`, `attend(query=x, key=other, value=other)`."""
    given = {*body.parameters, *body.once(unpacked)}
    given |= body.names_given(lambda value: isinstance(value, ast.Name) and value.id in body.parameters)
    told = [getattr(call.args[0], "elts", call.args) for call in body.of(ast.Call) if call.args]
    told += [[word.value for word in call.keywords if word.arg in _ASKED] for call in body.of(ast.Call)]
    triples = [arguments[:3] for arguments in told if len(arguments) >= 3]
    return any(same(b, c) and not same(a, b) and isinstance(b, ast.Name) and b.id in given for a, b, c in triples)


_ASKED = ("query", "key", "value")


MECHANISMS = ("BahdanauAttention", "LuongAttention", "BahdanauMonotonicAttention", "LuongMonotonicAttention")
"""TensorFlow's parts that attend to the states of an encoder."""


def sequence_to_sequence(view: View) -> Iterator[Evidence]:
    """Seq2Seq: an encoder over a sequence whose state or output a decoder over another sequence takes."""
    mechanism = next((call for call in view.program.named(*MECHANISMS) if "seq2seq" in call.dotted), None)
    if mechanism is not None:
        yield Evidence("Seq2Seq", mechanism.place, "a decoder that attends to an encoder's output")
        return
    crossing = _crosses(view)
    if crossing is not None and not only_itself(view, crossing) and any(True for _ in transformer(view)):
        place = crossing.module.source.place(getattr(crossing.node, "lineno", 1))
        yield Evidence("Seq2Seq", place, "a decoder that attends to an encoder's output")
        return
    recurrent = [layer for layer in view.layers if layer.kind in ("lstm", "gru", "rnn")]
    repeated = view.first_call("RepeatVector")
    orders = [layer.call.order for layer in recurrent]
    if repeated is not None and orders and orders[0] < repeated.order < orders[-1]:
        yield Evidence("Seq2Seq", repeated.place, "what one sequence came to is repeated for another")
        return
    if recurrent:
        yield from shown(view, "Seq2Seq", "a recurrent layer starts from another's last state", _starts_from)
    embedded = [layer for layer in view.layers if layer.kind == "embedding"]
    holders: dict[str, Layer] = {}
    for layer in (*recurrent, *embedded):
        named = layer.call.keywords.get("name")
        owners = (owner.cls.name for owner in _holders(view, layer))
        names = (*owners, _target_of(layer.call), (named.text or "") if named else "")
        name = words_of(" ".join(names))
        for side, told in _SIDES.items():
            if told.search(name):
                holders.setdefault(side, layer)
    if "enc" in holders and "dec" in holders:
        yield Evidence("Seq2Seq", holders["dec"].call.place, "an encoder over one sequence and a decoder over another")


def _starts_from(body: Body) -> ast.AST | None:
    """`layer(x, initial_state=[h, c])`, where another gave the state, `_, h, c = LSTM(64, return_state=True)(y)`, and a
    sequence comes out; not where that gave `x` too, as the layer below."""
    for call in body.of(ast.Call):
        state = keyword(call, "initial_state")
        told = {name.id for name in walk(state) if isinstance(name, ast.Name)} if state is not None else set()
        given = [value for name in sorted(told) for value in body.assigned.get(name, ())]
        below = [value for given in call.args[:1] for value in body.assigned.get(last_name(given), ())]
        makers = [each for each in given if isinstance(each, ast.Call) and each not in below]
        stated = any("return_state" in unparse(made) for each in makers for made in body.meant(each.func)[:1])
        if stated and any("return_sequences" in unparse(made) for made in body.meant(call.func)[:1]):
            return state
    return None


_SIDES = {side: re.compile(rf"{side}oder|(^|[_ ]){side}(?!odec)") for side in ("enc", "dec")}
"""What layers are called on either side; a codec is neither."""


def _holders(view: View, layer: Layer) -> Iterator[Instance]:
    """The network objects around a layer, from within; not the whole, which holds both sides."""
    owner = view.owner_of(layer.call)
    around = view.around(owner) if owner is not None else []
    yield from (each for each in around if each is owner or view.root_of(each) is not each)


def _target_of(call: Call) -> str:
    """The name, or the names, that the statement of a call gives its result."""
    line = assignment_of(call)
    return " ".join(map(last_name, getattr(line.targets[0], "elts", line.targets))) if line is not None else ""

"""Families that are shown by the layers a network is made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core import vocabulary
from core.analysis.facts import Place
from core.analysis.program import Call, Resolved
from core.analysis.rules.evidence import CONCATENATIONS, PRODUCTS, Evidence, Family, has_call, shown
from core.analysis.rules.view import PARAMETRIC, Body, Layer, Network, View, last_name

SEQUENCE = ("lstm", "gru", "rnn", "attention", "transformer")
GRAPH = ("gcn", "gat", "sage", "gin", "graph")
UP = ("convt", "upsample", "pixelshuffle")


def ready_made(view: View) -> Iterator[Evidence]:
    """A model of a known library, by the name that the library gives it."""
    for layer in view.layers:
        if layer.kind == "factory":
            yield Evidence(layer.family, layer.call.place, f"made by {layer.call.dotted}")


def heirs(view: View) -> Iterator[Evidence]:
    """A class of the user's that derives from a library's model with a name of its own."""
    from core.analysis.rules.factories import HEADS, HOMES, named_family

    for instance in view.network_instances:
        for base in instance.cls.external_bases():
            name = base.rpartition(".")[2]
            family = named_family(HEADS.sub("", name)) if base.startswith(HOMES) else None
            if family:
                yield Evidence(family, instance.cls.module.place(instance.cls.node.bases[0]), f"derives from {base}")


def recurrent(view: View) -> Iterator[Evidence]:
    """LSTM, GRU and RNN layers and cells."""
    for kind, family in (("lstm", "LSTM"), ("gru", "GRU"), ("rnn", "RNN")):
        layer = _first(view, kind)
        if layer is not None and not _only_container(layer, view):
            yield Evidence(family, layer.call.place, f"built of {layer.call.name}")
    for layer in view.layers:
        if layer.kind in ("rnn", "factory") or layer.call.name in ("RNNBase",):
            yield from _told_cell(layer)
    yield from shown(view, "LSTM", "a cell with gates and a state, written out", _written_lstm)


def _only_container(layer: Layer, view: View) -> bool:
    """`nn.RNN(LSTMCell(...))`, `dynamic_rnn(cell)`: runs a cell that is another layer."""
    values = [*layer.call.positional[:2], *layer.call.keywords.values()]
    return layer.kind == "rnn" and (
        any(value.dotted and not isinstance(value.value, (int, str)) for value in values[:2])
        or (layer.call.name.islower() and bool(_first(view, "lstm") or _first(view, "gru")))
    )


def _told_cell(layer: Layer) -> Iterator[Evidence]:
    """`getattr(nn, "LSTM")` and the like are followed elsewhere; here: `RNN(mode="LSTM")`."""
    for value in layer.call.keywords.values():
        if value.text and value.text.upper() in ("LSTM", "GRU"):
            yield Evidence(value.text.upper(), value.place, "the cell that is asked for")


def _written_lstm(body: Body) -> ast.AST | None:
    """`c = f * c + i * g` and `h = o * tanh(c)`."""
    if not ("tanh" in body.calls and "sigmoid" in body.calls):
        return None
    for node in body.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            sides = [side for side in (node.left, node.right) if isinstance(side, ast.BinOp) and isinstance(side.op, ast.Mult)]
            if len(sides) == 2 and len(body.calls["sigmoid"]) >= 2 and len(body.calls["tanh"]) >= 2:
                return node
    return None


def convolutional(view: View) -> Iterator[Evidence]:
    """Convolutions that are a network's body: not the one that cuts patches, nor one inside a speech or text transformer."""
    for network in view.networks:
        kinds = network.kinds
        convs = [layer for layer in network.layers if layer.kind in ("conv", "convt") and not _is_patching(layer.call) and not _is_pointwise_in_transformer(layer, network)]
        if convs and not (kinds["transformer"] + kinds["attention"] >= 2 and len(convs) <= 2 and kinds["linear"] > len(convs)):
            yield Evidence("CNN", convs[0].call.place, f"built of {convs[0].call.name}")
            return


def _is_pointwise_in_transformer(layer: Layer, network: Network) -> bool:
    kernel = _argument(layer.call, "kernel_size", 2)
    return network.kinds["attention"] > 0 and kernel == 1


def _argument(call: Call, name: str, position: int) -> object:
    found = call.argument(name, position)
    if found is None:
        return None
    value = found.value
    items = getattr(value, "items", None)
    return items[0].value if isinstance(items, list) and items else value


def _is_patching(call: Call) -> bool:
    """A convolution whose stride is its kernel and more than 3: it cuts a picture into patches."""
    keras = "keras" in call.dotted or "flax" in call.dotted or "haiku" in call.dotted
    kernel, stride = _argument(call, "kernel_size", 1 if keras else 2), _argument(call, "stride" if "strides" not in call.keywords else "strides", 2 if keras else 3)
    same_text = _text(call, "kernel_size") is not None and _text(call, "kernel_size") in (_text(call, "stride"), _text(call, "strides"))
    return (isinstance(kernel, int) and kernel == stride and kernel >= 4) or same_text


def _text(call: Call, keyword: str) -> str | None:
    return next((ast.unparse(item.value) for item in call.node.keywords if item.arg == keyword and not isinstance(item.value, ast.Constant)), None)


def dense(view: View) -> Iterator[Evidence]:
    """MLP: a network whose body is linear layers, two or more. Linear: one alone; Logistic Regression: one that classifies."""
    others = False
    for network in view.networks:
        kinds = network.kinds
        if any(kinds[kind] for kind in ("conv", "convt", *SEQUENCE, *GRAPH, "factory")):
            others = True
            continue
        linear = [layer for layer in network.layers if layer.kind == "linear"]
        linear += [layer for layer in network.layers if layer.kind == "mlp"]
        if len(linear) >= 2 or (linear and (_repeated(linear[0].call) or linear[0].kind == "mlp")):
            yield Evidence("MLP", linear[0].call.place, f"built of {linear[0].call.name}")
            return
    yield from _matrix_mlp(view, others)


def _repeated(call: Call) -> bool:
    """Whether a layer is built in a loop of its builder, whose turns are unknown."""
    home = call.within.node if call.within is not None else None
    return call.loop is not None and home is not None and any(node is call.loop.node for node in ast.walk(home))


def _matrix_mlp(view: View, others: bool) -> Iterator[Evidence]:
    """Networks without layer objects: products with weight matrices (version 1 of TensorFlow, plain arrays)."""
    if others or view.kinds["linear"] or any(view.kinds[kind] for kind in (*SEQUENCE, *GRAPH, "conv", "factory")):
        return
    calls = [call for call in view.program.calls if call.dotted.removeprefix("tensorflow.compat.v1").startswith(("tensorflow.matmul", ".matmul"))]
    distinct = list({id(call.node): call for call in calls}.values())
    if len(distinct) >= 2 and not has_attention(view):
        yield Evidence("MLP", distinct[0].place, "products with weight matrices")
    elif len(distinct) == 1:
        yield Evidence("Logistic Regression" if view.first_call("softmax", "sigmoid") else "Linear", distinct[0].place, "one product with a weight matrix")


def linear(view: View) -> Iterator[Evidence]:
    """A single linear layer and nothing else that learns; with cross-entropy over its several outputs: Logistic Regression."""
    kinds = view.kinds
    if any(kinds[kind] for kind in ("conv", "convt", *SEQUENCE, *GRAPH, "factory")) and not _stands_alone(view):
        return
    nets = [network for network in view.networks if any(layer.kind == "linear" for layer in network.layers)]
    for network in nets:
        lone = [layer for layer in network.layers if layer.kind == "linear"]
        if len(lone) == 1 and not any(network.kinds[kind] for kind in ("conv", "mlp", *SEQUENCE, *GRAPH, "factory")):
            if len(nets) == 1 or network is nets[0]:
                yield from _logistic(view, lone[0].call)
                yield Evidence("Linear", lone[0].call.place, f"one {lone[0].call.name}")
                return


def _stands_alone(view: View) -> bool:
    return not view.networks or view.networks[0].kinds["linear"] == 1 and len(view.networks[0].layers) == 1


def _logistic(view: View, call: Call) -> Iterator[Evidence]:
    from core.analysis.rules.loss import family, loss_name

    outputs = _argument(call, "out_features" if "torch" in call.dotted else "units", 1 if "torch" in call.dotted else 0)
    if view.kinds["embedding"]:
        return
    for other in view.program.calls:
        name = loss_name(other.dotted)
        cross = name is not None and family(name) in ("cross_entropy", "binary_cross_entropy", "nll_loss")
        if cross and (not isinstance(outputs, int) or outputs > 1 or (name is not None and family(name) == "binary_cross_entropy")):
            yield Evidence("Logistic Regression", call.place, "one linear layer under cross-entropy")
            return


def embedding(view: View) -> Iterator[Evidence]:
    """Embeddings and nothing else that learns."""
    kinds = view.kinds
    if kinds["embedding"] and not any(kinds[kind] for kind in ("linear", "conv", "convt", *SEQUENCE, *GRAPH, "factory")):
        layer = _first(view, "embedding")
        if layer is not None:
            yield Evidence("Embedding", layer.call.place, "embeddings alone")


def residual(view: View) -> Iterator[Evidence]:
    """ResNet: convolution blocks whose output is added to their input, in a class of their own or over and over."""
    if not view.kinds["conv"] and not view.kinds["convt"]:
        return
    for instance in view.network_instances:
        body = _forward(view, instance.cls)
        if body is None or instance.cls.find("forward") is None and instance.cls.find("__call__") is None and instance.cls.find("call") is None:
            continue
        own = [layer for layer in view.layers if (owner := view.owner_of(layer.call)) is not None and owner.cls is instance.cls]
        node = _adds_input(body)
        if node is not None and sum(layer.kind == "conv" for layer in own) >= 2 and not any(layer.kind in ("attention", "convt") for layer in own):
            yield Evidence("ResNet", body.place(node), "convolutions whose output is added to their input")
            return
    for body in view.bodies:
        if body.cls is None and _functional_residual(body, view):
            node = next(iter(body.calls.get("add", body.calls.get("Add", []))))
            yield Evidence("ResNet", body.place(node), "convolutions whose output is added to their input")
            return


def _forward(view: View, cls: object) -> Body | None:
    for body in view.bodies:
        if body.cls is not None and body.name in ("forward", "__call__", "call") and body.cls in tuple(getattr(cls, "lineage")()):
            return body
    return None


def _adds_input(body: Body) -> ast.AST | None:
    """`x + self.block(x)`, `out += identity` where identity is the input or a projection of it."""
    arguments = getattr(body.node, "args", None)
    inputs = {arg.arg for arg in arguments.args[1:2]} if arguments else set()
    aliases = set(inputs)
    for name, values in body.assigned.items():
        if any(isinstance(value, ast.Name) and value.id in aliases for value in values):
            aliases.add(name)
        if any(isinstance(value, ast.Call) and any(isinstance(a, ast.Name) and a.id in inputs for a in value.args) and _is_shortcut(name) for value in values):
            aliases.add(name)
    for node in body.nodes:
        sides: list[ast.AST] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            sides = [node.left, node.right]
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
            sides = [node.target, node.value]
        if len(sides) == 2 and any(_is_input(side, aliases) for side in sides):
            return node
    return None


def _is_shortcut(name: str) -> bool:
    return any(part in name.casefold() for part in ("residual", "identity", "shortcut", "skip", "downsample", "res"))


def _is_input(node: ast.AST, aliases: set[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in aliases
    if isinstance(node, ast.Call):
        return _is_shortcut(last_name(node.func)) and any(isinstance(argument, ast.Name) and argument.id in aliases for argument in node.args)
    return False


def _functional_residual(body: Body, view: View) -> bool:
    """A function that builds a block of the functional kind: convolutions, then `add([x, shortcut])`."""
    adds = body.calls.get("add", []) + body.calls.get("Add", [])
    convs = [name for name in body.calls if name in ("Conv2D", "Conv2d", "conv2d", "Convolution2D", "Conv1D", "SeparableConv2D", "conv_2d")]
    listed = any(isinstance(arg, (ast.List, ast.Tuple)) for call in adds for arg in call.args)
    listed = listed or any(isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and last_name(node.func.func) == "Add" for node in body.nodes)
    return bool(listed and convs)


def unet(view: View) -> Iterator[Evidence]:
    """UNet: a network that goes down and up again and joins what it had on the way down (concatenation after upsampling)."""
    for network in view.networks:
        kinds = network.kinds
        if not kinds["conv"] or not any(kinds[kind] for kind in UP):
            continue
        classes = {part.cls for part in network.parts}
        for body in view.bodies:
            own = body.cls in classes if network.instance else any(layer.call.within is not None and layer.call.within.node is body.node or layer.call.within is None and body.cls is None for layer in network.layers)
            call = body.calls_any(CONCATENATIONS)
            if own and call is not None and _joins_skips(body, call, kinds["pool"] + _strided(network) > 0):
                yield Evidence("UNet", body.place(call), "joins what it had on the way down to what it has on the way up")
                return


def _strided(network: Network) -> int:
    def strides(layer: Layer) -> bool:
        value = _argument(layer.call, "strides" if "strides" in layer.call.keywords else "stride", 3)
        return isinstance(value, int) and value > 1

    return sum(layer.kind == "conv" and strides(layer) for layer in network.layers)


def _joins_skips(body: Body, call: ast.Call, goes_down: bool) -> bool:
    """Whether the concatenation stands where signals are joined channel by channel, more than once or in an up-block."""
    names = [name for name in CONCATENATIONS if name in body.calls]
    count = sum(len(body.calls[name]) for name in names)
    skip_words = any(word in ast.unparse(call).casefold() for word in ("skip", "enc", "down", "res", "pop", "h.pop", "x1", "x2", "d1", "hs"))
    two = any(isinstance(argument, (ast.List, ast.Tuple)) and len(argument.elts) == 2 or isinstance(argument, ast.Name) for argument in call.args)
    return goes_down and two and (count >= 2 or skip_words)


def graph(view: View) -> Iterator[Evidence]:
    """GCN, GAT, GraphSAGE, GIN and other graph layers; also written out: products with an adjacency, attention over neighbours."""
    for kind, family in (("gcn", "GCN"), ("gat", "GAT"), ("sage", "GraphSAGE"), ("gin", "GIN"), ("graph", "GNN")):
        layer = _first(view, kind)
        if layer is not None:
            yield Evidence(family, layer.call.place, f"built of {layer.call.name}")
    for instance in view.network_instances:
        if any(base.endswith("MessagePassing") for base in instance.cls.external_bases()):
            yield Evidence("GNN", instance.cls.module.place(instance.cls.node.bases[0]), "derives from MessagePassing")
    yield from _written_graph(view)


def _written_graph(view: View) -> Iterator[Evidence]:
    for body in view.bodies:
        if body.cls is None:
            continue
        parameters = {arg.arg for arg in getattr(getattr(body.node, "args", None), "args", [])}
        adjacency = {name for name in parameters if name.casefold().startswith(("adj", "edge_index", "adjacency"))}
        if not adjacency or body.name not in ("forward", "__call__", "call"):
            continue
        softmax = body.calls_any(("softmax",))
        if softmax is not None and (body.calls_any(("where", "masked_fill", "masked_fill_")) is not None):
            yield Evidence("GAT", body.place(softmax), "attention over the neighbours that the adjacency leaves")
            continue
        for name in PRODUCTS:
            for call in body.calls.get(name, ()):
                if any(isinstance(inner, ast.Name) and inner.id in adjacency for argument in call.args for inner in ast.walk(argument)):
                    yield Evidence("GCN", body.place(call), "features times the adjacency")


def attention(view: View) -> Iterator[Evidence]:
    """Attention: attention layers, or a softmax of scores that weighs values, written out."""
    layer = _first(view, "attention") or _first(view, "transformer")
    if layer is not None:
        yield Evidence("Attention", layer.call.place, f"built of {layer.call.name}")
        return
    found = written_attention(view) or _returned_weights(view)
    if found is not None:
        yield Evidence("Attention", found[0].place(found[1]), "a softmax of scores weighs values")


def has_attention(view: View) -> bool:
    """Whether any attention is there."""
    return bool(view.kinds["attention"] or view.kinds["transformer"] or written_attention(view))


def written_attention(view: View) -> tuple[Body, ast.AST] | None:
    """A body where what a softmax gave is multiplied with something that is not a loss."""
    for body in view.bodies:
        if "softmax" not in body.calls and "Softmax" not in body.calls and "attn" not in body.assigned:
            continue
        node = _softmax_weighs(body)
        if node is not None:
            return body, node
    return None


def _returned_weights(view: View) -> tuple[Body, ast.AST] | None:
    """An attention class that gives back a softmax of scores, which others multiply with values."""
    multiplied = any(name in body.calls for body in view.bodies if body.cls is not None for name in ("bmm", "matmul", "einsum"))
    for body in view.bodies:
        if multiplied and body.cls is not None and "att" in body.cls.name.casefold() and body.name in ("forward", "__call__", "call"):
            for node in body.nodes:
                if isinstance(node, ast.Return) and node.value is not None and has_call(node.value, ("softmax",)):
                    return body, node
    return None


def _softmax_weighs(body: Body) -> ast.AST | None:
    weights = {name for name, values in body.assigned.items() if any(has_call(value, ("softmax",)) or (isinstance(value, ast.Call) and "softmax" in last_name(value.func).casefold()) for value in values)}
    for _ in range(2):
        weights |= {
            name
            for name, values in body.assigned.items()
            for value in values
            if isinstance(value, ast.Call) and any(isinstance(inner, ast.Name) and inner.id in weights for inner in ast.walk(value))
            and last_name(value.func) not in PRODUCTS
        }
    scores = any(name in body.calls for name in PRODUCTS) or any(isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult) for node in body.nodes)
    for node in body.nodes:
        if isinstance(node, ast.Call) and last_name(node.func) in PRODUCTS:
            operands = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
            if any(isinstance(inner, ast.Name) and inner.id in weights or has_call(operand, ("softmax",)) for operand in operands for inner in ast.walk(operand)):
                return node
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.MatMult, ast.Mult)):
            sides = (node.left, node.right)
            weighed = any(isinstance(inner, ast.Name) and inner.id in weights for side in sides for inner in ast.walk(side))
            if weighed and (isinstance(node.op, ast.MatMult) or (scores and any(word in body.name.casefold() + (body.cls.name.casefold() if body.cls else "") for word in ("att", "attention")))):
                return node
    return None


def transformer(view: View) -> Iterator[Evidence]:
    """Transformer: transformer layers, or attention with a feed-forward part, normalised and added, over and over."""
    layer = _first(view, "transformer")
    if layer is not None:
        yield Evidence("Transformer", layer.call.place, f"built of {layer.call.name}")
        if layer.call.name == "Transformer" and "torch" in layer.call.dotted:
            yield Evidence("Seq2Seq", layer.call.place, "an encoder and a decoder")
        return
    if not has_attention(view) or any(view.kinds[kind] for kind in GRAPH):
        return
    for network in (*view.networks, _together(view)):
        kinds = network.kinds
        norms = kinds["layernorm"] + _own_norms(network)
        if kinds["linear"] + kinds["conv"] >= 3 and norms >= 2 and _attends(network, view):
            place = next((layer.call.place for layer in network.layers if layer.kind == "attention"), network.call.place)
            if not any(network.kinds[kind] for kind in ("lstm", "gru", "rnn")) and _convolution_share(network) < 0.5:
                yield Evidence("Transformer", place, "attention and feed-forward layers, normalised, one block after the other")
                return


def _together(view: View) -> Network:
    """All networks without convolutions as one: blocks that are built one by one and handed over."""
    parts = [network for network in view.networks if not network.kinds["conv"]]
    whole = Network(parts[0].instance if parts else None, name="together")
    whole.layers = [layer for network in parts for layer in network.layers]
    whole.parts = [part for network in parts for part in network.parts]
    return whole if whole.layers else Network(None, layers=view.layers[:1])


def _own_norms(network: Network) -> int:
    """Norm layers that the user wrote: classes of the network that take a root of a mean of squares."""
    return sum(part.cls.name.casefold().endswith(("norm", "normalization")) for part in network.parts)


def _attends(network: Network, view: View) -> bool:
    if network.kinds["attention"]:
        return True
    classes = {part.cls for part in network.parts}
    return any(body.cls in classes and body.cls is not None and _softmax_weighs(body) is not None for body in view.bodies) or (
        network.instance is None and written_attention(view) is not None
    )


def _convolution_share(network: Network) -> float:
    kinds = network.kinds
    convs = kinds["conv"] + kinds["convt"]
    return convs / max(convs + kinds["linear"] + kinds["attention"], 1)


def vision_transformer(view: View) -> Iterator[Evidence]:
    """ViT: a transformer over patches of a picture: a convolution that cuts them, or a rearrangement by a patch size."""
    if not any(True for _ in transformer(view)):
        return
    cut = next((layer for layer in view.layers if layer.kind == "conv" and _is_patching(layer.call)), None)
    if cut is not None:
        yield Evidence("ViT", cut.call.place, "a transformer over patches cut by a convolution")
        return
    for call in view.program.calls:
        if call.name in ("Rearrange", "rearrange", "extract_patches", "unfold") and ("p1" in ast.unparse(call.node) or "patch" in ast.unparse(call.node)):
            yield Evidence("ViT", call.place, "a transformer over patches")
            return


CAUSAL = frozenset({"tril", "triu", "subsequent_mask", "make_causal_mask", "generate_square_subsequent_mask", "CausalSelfAttention", "causal_attention_mask"})


def language_transformer(view: View) -> Iterator[Evidence]:
    """GPT: a transformer over tokens whose attention sees only what came before, with no encoder beside it."""
    if not view.kinds["embedding"] or any(True for _ in vision_transformer(view)):
        return
    if view.kinds["transformer"] or not any(True for _ in transformer(view)) or _crosses(view):
        return
    call = view.first_call("tril", "make_causal_mask", "triu", "generate_square_subsequent_mask")
    causal = next((c for c in view.program.calls if any(v.value is True for k, v in c.keywords.items() if k in ("is_causal", "causal", "use_causal_mask"))), None)
    found = call or causal
    if found is not None:
        yield Evidence("GPT", found.place, "a transformer that sees only what came before")


def _crosses(view: View) -> bool:
    """Whether a decoder attends to an encoder's output."""
    for body in view.bodies:
        parameters = [arg.arg.casefold() for arg in getattr(getattr(body.node, "args", None), "args", [])]
        if body.cls is not None and any(name in ("memory", "enc_src", "encoded", "encoder_output", "enc_output", "encoder_outputs", "context_kv", "src_mask", "enc_out") for name in parameters):
            return True
    return False


def sequence_to_sequence(view: View) -> Iterator[Evidence]:
    """Seq2Seq: an encoder over a sequence whose state or output a decoder over another sequence takes."""
    if _crosses(view) and any(True for _ in transformer(view)):
        body = next(body for body in view.bodies if body.cls is not None and any(arg.arg.casefold() in ("memory", "enc_src", "encoded", "encoder_output", "enc_output", "encoder_outputs", "enc_out", "src_mask") for arg in getattr(body.node.args, "args", [])))  # type: ignore[attr-defined]
        yield Evidence("Seq2Seq", body.module.source.place(getattr(body.node, "lineno", 1)), "a decoder that attends to an encoder's output")
        return
    recurrent = [layer for layer in view.layers if layer.kind in ("lstm", "gru", "rnn")]
    embedded = [layer for layer in view.layers if layer.kind == "embedding"]
    holders: dict[str, Layer] = {}
    for layer in recurrent or embedded:
        owner = view.owner_of(layer.call)
        named = layer.call.keywords.get("name")
        names = (owner.cls.name if owner else "", _target_of(layer.call), (named.text or "") if named else "")
        name = " ".join(names).casefold()
        for side in ("encoder", "decoder", "enc", "dec"):
            if side in name:
                holders.setdefault(side[:3], layer)
    if "enc" in holders and "dec" in holders and not _reconstructs(view):
        yield Evidence("Seq2Seq", holders["dec"].call.place, "an encoder over one sequence and a decoder over another")


def _target_of(call: Call) -> str:
    """The name that the statement of a call gives its result."""
    home = call.within.node if call.within is not None else call.module.tree
    for node in ast.walk(home):
        if isinstance(node, ast.Assign) and any(inner is call.node for inner in ast.walk(node.value)):
            return last_name(node.targets[0])
    return ""


def _reconstructs(view: View) -> bool:
    from core.analysis.rules.generative import latent_sampling

    return any(True for _ in latent_sampling(view))


def mixers(view: View) -> Iterator[Evidence]:
    """MLP-Mixer: linear layers over channels, then, transposed, over places; no attention."""
    if view.kinds["attention"] or view.kinds["transformer"] or view.kinds["linear"] < 4:
        return
    for instance in view.network_instances:
        body = _forward(view, instance.cls)
        if body is None or "ixer" not in instance.cls.name:
            continue
        turned = body.calls_any(("transpose", "permute", "swapaxes", "Permute", "rearrange"))
        if turned is not None and _adds_input(body) is not None:
            yield Evidence("MLP-Mixer", body.place(turned), "linear layers over channels and over places in turn")
            return


def capsules(view: View) -> Iterator[Evidence]:
    """Capsule: a squash of vectors by their length, and routing by agreement."""

    def squash(body: Body) -> ast.AST | None:
        for node in body.nodes:
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.BinOp) and isinstance(node.right.op, ast.Add):
                if ast.dump(node.left) in (ast.dump(node.right.left), ast.dump(node.right.right)) and "norm" in ast.unparse(node).casefold():
                    return node
        return None

    routed = any("rout" in name.casefold() for body in view.bodies for name in (*body.assigned, *body.calls, body.name))
    if routed:
        yield from shown(view, "Capsule", "vectors are squashed by their length and routed", squash)


def experts(view: View) -> Iterator[Evidence]:
    """Mixture of Experts: a gate's softmax or top-k weighs the outputs of a list of experts."""

    def gated(body: Body) -> ast.AST | None:
        names = {name.casefold() for name in (*body.assigned, *body.calls)} | {node.attr.casefold() for node in body.nodes if isinstance(node, ast.Attribute)}
        call = body.calls_any(("topk", "top_k", "softmax"))
        return call if call is not None and any("expert" in name for name in names) and any("gat" in name or "rout" in name for name in names) else None

    yield from shown(view, "Mixture of Experts", "a gate weighs experts", gated)


def depthwise(view: View) -> Iterator[Evidence]:
    """MobileNet, Xception: depthwise convolutions followed by pointwise ones, in classes or calls of a separable kind."""
    blocks = [layer for layer in view.layers if layer.kind == "conv" and _grouped(layer.call)]
    names = {instance.cls.name.casefold() for instance in view.network_instances}
    if blocks and any("mobilenet" in name for name in names):
        yield Evidence("MobileNet", blocks[0].call.place, "depthwise and pointwise convolutions")
    if blocks and any("efficientnet" in name for name in names):
        yield Evidence("EfficientNet", blocks[0].call.place, "depthwise convolutions and squeezing")
    separable = [layer for layer in view.layers if "Separable" in layer.call.name]
    if len(separable) >= 2 and any("xception" in body.name.casefold() for body in view.bodies):
        yield Evidence("Xception", separable[0].call.place, "separable convolutions")


def _grouped(call: Call) -> bool:
    groups = call.keywords.get("groups") or call.keywords.get("feature_group_count")
    return call.name.startswith("Depthwise") or (groups is not None and groups.value not in (1, None))


def plain_nets(view: View) -> Iterator[Evidence]:
    """VGG: 3x3 convolutions stacked by a list in which "M" is a pooling. DenseNet: a block's input joined to its output, over and over."""
    for call in view.program.calls:
        if call.name in ("MaxPool2d", "MaxPooling2D") and call.owner is not None and _reads_plan(call):
            yield Evidence("VGG", call.place, "3x3 convolutions stacked by a plan with poolings")
            break
    for instance in view.network_instances:
        body = _forward(view, instance.cls)
        if body is None or view.kinds["convt"] or view.kinds["upsample"]:
            continue
        join = body.calls_any(("cat", "concatenate", "concat"))
        own = sum(layer.kind == "conv" and layer.call.owner is not None and layer.call.owner.cls is instance.cls for layer in view.layers)
        if join is not None and own and join.args and isinstance(join.args[0], (ast.List, ast.Tuple)) and any(isinstance(item, ast.Name) and item.id in _parameters(body) for item in join.args[0].elts):
            yield Evidence("DenseNet", body.place(join), "a block's input is joined to its output")
            break
        if join is not None and own >= 4 and join.args and isinstance(join.args[0], (ast.List, ast.Tuple)) and len(join.args[0].elts) >= 3:
            yield Evidence("Inception", body.place(join), "parallel convolutions of several sizes, joined")
            break


def _parameters(body: Body) -> set[str]:
    return {arg.arg for arg in getattr(getattr(body.node, "args", None), "args", [])}


def _reads_plan(call: Call) -> bool:
    node = call.within.node if call.within is not None else None
    if node is None:
        return False
    return any(isinstance(inner, ast.Compare) and any(isinstance(side, ast.Constant) and side.value in ("M", "pool") for side in (inner.left, *inner.comparators)) for inner in ast.walk(node))


def siamese(view: View) -> Iterator[Evidence]:
    """Siamese: one forward that sends two inputs through the same part and compares what comes out."""

    def twice(body: Body) -> ast.AST | None:
        if body.cls is None or body.name not in ("forward", "__call__", "call") or view.kinds["attention"] or view.kinds["transformer"]:
            return None
        inputs = [arg.arg for arg in getattr(getattr(body.node, "args", None), "args", [])[1:]]
        if len(inputs) < 2:
            return None
        used: dict[str, set[str]] = {}
        for calls in body.calls.values():
            for call in calls:
                if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "self" and len(call.args) == 1:
                    if isinstance(call.args[0], ast.Name) and call.args[0].id in inputs[:3]:
                        used.setdefault(call.func.attr, set()).add(call.args[0].id)
                        if len(used[call.func.attr]) >= 2 and "embed" not in call.func.attr.casefold():
                            return call
        return None

    yield from shown(view, "Siamese", "two inputs go through the same part", twice)


def detector(view: View) -> Iterator[Evidence]:
    """YOLO: boxes relative to anchors and grid cells come out of a convolutional network."""

    def decodes(body: Body) -> ast.AST | None:
        names = {name.casefold() for name in (*body.assigned, *_parameters(body))} | {node.attr.casefold() for node in body.nodes if isinstance(node, ast.Attribute)}
        anchored = any("anchor" in name for name in names) and any("grid" in name for name in names)
        return body.calls_any(("sigmoid", "exp")) if anchored and view.kinds["conv"] else None

    yield from shown(view, "YOLO", "boxes relative to anchors and grid cells", decodes)


def word_vectors(view: View) -> Iterator[Evidence]:
    """Word2Vec: embeddings of a word and of its context, their product scored against noise (or gensim's own)."""
    call = next((call for call in view.program.calls if call.dotted.endswith(("gensim.models.Word2Vec", "gensim.models.word2vec.Word2Vec"))), None)
    noise = view.first_call("nce_loss", "sampled_softmax_loss")
    if call is not None:
        yield Evidence("Word2Vec", call.place, "gensim's Word2Vec")
    elif noise is not None and view.kinds["embedding"] and not view.kinds["lstm"]:
        yield Evidence("Word2Vec", noise.place, "embeddings scored against noise")
    elif view.kinds["embedding"] >= 2 and not any(view.kinds[kind] for kind in ("conv", *SEQUENCE, *GRAPH)):
        names = {name.casefold() for body in view.bodies for name in (body.name, *body.assigned)}
        layer = _first(view, "embedding")
        if layer is not None and any("context" in name or "center" in name or "neg" in name for name in names) and any("logsigmoid" in body.calls or "log_sigmoid" in body.calls or "logsigmoid" in {c.casefold() for c in body.calls} for body in view.bodies):
            yield Evidence("Word2Vec", layer.call.place, "embeddings of words and contexts, scored against noise")


CLASSICAL = {
    "BoostedTrees": "Gradient Boosted Trees", "GradientBoostedDecisionTree": "Gradient Boosted Trees", "RandomForestGraphs": "Random Forest",
    "TensorForestEstimator": "Random Forest", "KMeansClustering": "K-Means", "DecisionTree": "Decision Tree", "ExtraTree": "Decision Tree", "RandomForest": "Random Forest", "ExtraTrees": "Random Forest",
    "GradientBoosting": "Gradient Boosted Trees", "HistGradientBoosting": "Gradient Boosted Trees", "XGB": "Gradient Boosted Trees",
    "LGBM": "Gradient Boosted Trees", "CatBoost": "Gradient Boosted Trees", "AdaBoost": "AdaBoost", "KMeans": "K-Means", "MiniBatchKMeans": "K-Means",
    "SVC": "SVM", "SVR": "SVM", "LinearSVC": "SVM", "LinearSVR": "SVM", "NuSVC": "SVM", "OneClassSVM": "SVM", "LogisticRegression": "Logistic Regression",
    "LinearRegression": "Linear", "Ridge": "Linear", "Lasso": "Linear", "ElasticNet": "Linear", "SGDClassifier": "Linear", "SGDRegressor": "Linear",
    "MLPClassifier": "MLP", "MLPRegressor": "MLP", "KNeighbors": "KNN", "GaussianNB": "Naive Bayes", "MultinomialNB": "Naive Bayes",
    "BernoulliNB": "Naive Bayes", "GaussianProcess": "Gaussian Process", "GaussianMixture": "Gaussian Mixture", "BernoulliRBM": "RBM",
    "Voting": "Ensemble", "Stacking": "Ensemble", "RandomForestClassifier": "Random Forest", "RidgeClassifier": "Linear",
}  # fmt: skip
"""Estimators by the beginning of their name (without Classifier, Regressor, CV)."""


def classical(view: View) -> Iterator[Evidence]:
    """Estimators of scikit-learn, XGBoost, LightGBM and CatBoost, by their class."""
    for call in view.program.calls:
        root = call.dotted.split(".")[0]
        if root not in ("sklearn", "xgboost", "lightgbm", "catboost") and ".estimator" not in call.dotted and ".contrib" not in call.dotted:
            continue
        stem = call.name.removesuffix("CV").removesuffix("Classifier").removesuffix("Regressor").removesuffix("RF")
        family = CLASSICAL.get(call.name) or CLASSICAL.get(stem.removesuffix("Model"))
        if family is None and call.name == "train" and root in ("xgboost", "lightgbm"):
            family = "Gradient Boosted Trees"
        if family:
            yield Evidence(family, call.place, f"built of {call.name}")


def written_line(view: View) -> Iterator[Evidence]:
    """Linear: weight * input + bias, written out, and no layer at all."""
    if any(kind in PARAMETRIC for kind in view.kinds) or any(True for _ in _matrix_mlp(view, False)):
        return

    def line(body: Body) -> ast.AST | None:
        for node in body.nodes:
            sides: list[ast.AST] = []
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
                sides = [node.left, node.right]
            elif isinstance(node, ast.Call) and last_name(node.func) == "add" and len(node.args) == 2:
                sides = list(node.args)
            for one, other in (sides, sides[::-1]) if len(sides) == 2 else ():
                biased = re.fullmatch(r"b|bias|b0|beta_?0|intercept", last_name(one), re.IGNORECASE)
                factors = _factors(other)
                if biased and any(re.fullmatch(r"w|weights?|m|a|kernel|W1?|slope|coef", last_name(factor), re.IGNORECASE) for factor in factors):
                    return node
        return None

    if view.optimizers or view.first_call("minimize", "grad", "value_and_grad", "backward", "gradient"):
        yield from shown(view, "Linear", "weight * input + bias, written out", line)


def _factors(node: ast.AST) -> list[ast.AST]:
    """The two sides of a product of any kind."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.MatMult)):
        return [node.left, node.right]
    if isinstance(node, ast.Call) and last_name(node.func) in (*PRODUCTS, "mul"):
        return [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
    return []


def _first(view: View, kind: str) -> Layer | None:
    return next((layer for layer in view.layers if layer.kind == kind), None)


def place_of(value: Resolved) -> Place:
    """Where a value stands."""
    return value.place


FAMILIES: tuple[Family, ...] = (
    ready_made, heirs, recurrent, convolutional, dense, linear, written_line, embedding, residual, unet, graph, attention, transformer,
    vision_transformer, language_transformer, sequence_to_sequence, mixers, capsules, experts, depthwise, plain_nets, siamese,
    detector, word_vectors, classical,
)  # fmt: skip


def known(name: str) -> bool:
    """Whether the vocabulary has a family of this name."""
    return vocabulary.load().canonical("architecture", name) is not None

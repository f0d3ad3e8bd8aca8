"""Adversaries by what their networks are given: labels and pictures beside the data, or what another network made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from core.analysis.facts import Place
from core.analysis.nodes import name_of, same, walk
from core.analysis.program import ListValue
from core.analysis.rules.bodies import Body, last_name
from core.analysis.rules.families.arithmetic import is_constant
from core.analysis.rules.families.asking import CONCATENATIONS, RANDOM, Evidence, has_call, is_shut, once, shown
from core.analysis.rules.families.autoencoders import LABELS, ONE_HOT
from core.analysis.rules.families.play import (
    IGNORED,
    JUDGE,
    MADE,
    MAKER,
    MAKES,
    Play,
    callee_of,
    names_of,
)
from core.analysis.rules.families.plays import made_by, makes_from_noise, play_of, plays_of
from core.analysis.rules.loss_names import asks_loss, family, loss_name
from core.analysis.rules.view import View


@once
def conditional_gan(view: View) -> Iterator[Evidence]:
    """Conditional GAN: labels, or the picture to be changed, are given to the maker or to the judge as well."""
    if play_of(view) is None or any(True for _ in cycles(view)):
        return
    yield from (each for play in plays_of(view) for each in (*conditioned(view, play), *_sorted(view, play)))
    yield from shown(view, "Conditional GAN", "the same goes with what is made and with what is real", _goes_with_both)


def conditioned(view: View, play: Play) -> Iterator[Evidence]:
    """What is given along in one play."""
    told = (play.maker,) if play.real is play.node else (play.judge, play.maker)
    asked = [call for calls in play.body.calls.values() for call in calls if callee_of(call) in told]
    for call in (call for call in asked if not _tells_both(play.body, call)):
        called = last_name(call.func)
        arguments = call.args[1:] if called == "apply" else call.args[:1] if called in TAUGHT else call.args
        arguments = arguments[:1] if last_name(call.func) in TAUGHT else arguments  # then what is right
        listed = len(arguments) == 1 and isinstance(arguments[0], (ast.List, ast.Tuple))
        arguments = getattr(arguments[0], "elts", arguments) if listed else arguments
        arguments = sorted(arguments, key=lambda a: not _comes_from(play, a))
        arguments = [part for each in arguments for part in _joined(play.body, each)]
        if called not in TAUGHT and any(word.arg in _LABELLED for word in call.keywords):
            arguments += [word.value for word in call.keywords]
        unused = [*_nothing(view, call), *_lengths(view, call)]
        arguments = [a for a in arguments if not isinstance(a, ast.Constant) and a not in unused]
        arguments = [a for a in arguments if not MODES.search(last_name(a))]
        names = {last_name(argument).casefold() for argument in arguments}
        names -= {last_name(each) for each in arguments[:1]} & {"c"}  # content, of which something else is made
        labels = any(name in LABELS or re.search("label|class|cond|^c_(org|src|trg|tgt)", name) for name in names)
        labels = labels or any(_is_target(play.body, argument) for argument in arguments[1:])
        if len(arguments) >= 2 and (
            labels
            or (
                call is play.node
                and called in (play.judge, *TAUGHT)
                and not any(_comes_from(play, argument) or _is_network(argument) for argument in arguments[1:])
                and not any(play.body.words(argument, 3) & RANDOM for argument in arguments[1:])
                and not any(map(NOISE.search, names))
                and not any("feature" in name or "alpha" in name or "step" in name for name in names)
            )
        ):
            if is_shut(view, play.body, call):
                continue
            yield Evidence("Conditional GAN", play.body.place(call), "labels or a picture are given along")
            return
    if len(_joined(play.body, play.node)) > 1:
        yield Evidence("Conditional GAN", play.body.place(play.node), "labels are joined to what is judged")


def _sorted(view: View, play: Play) -> Iterator[Evidence]:
    """A judge that also says of which class the real is and what its maker is trained to make, each of which a loss
    of classes is taken of: `told, kind = judge(made)`, `told_loss(told, ones) + class_loss(kind, labels)`."""
    judged = [call for calls in play.body.calls.values() for call in calls if callee_of(call) == play.judge]
    given = {call: {*_names_given(play.body, call)} for call in judged}
    found: set[bool] = set()
    for node in _losses_of_classes(view, play) if any(len(names) > 1 for names in given.values()) else ():
        compared = {last_name(each) for each in node.args[:1]}
        before = [call for call in judged if call.lineno < node.lineno and compared & given[call]]
        last = max(before, key=lambda call: call.lineno, default=None)
        if last is not None and not has_call(last, ("detach",)):
            found.add(any(_comes_from(play, argument) for argument in last.args))
    if len(found) > 1:
        yield Evidence("Conditional GAN", play.body.place(play.node), "the judge sorts what is real and what is made")


def _losses_of_classes(view: View, play: Play) -> Iterator[ast.Call]:
    """The calls of losses of classes in a play."""
    for call in view.program.whose(asks_loss):
        told = loss_name(call.dotted.removesuffix(".__call__"))
        if told and call.home is play.body.node and isinstance(call.node, ast.Call) and family(told) in _SORTING:
            yield call.node


_SORTING = ("cross_entropy", "nll_loss")
"""The families of losses of classes."""


def _names_given(body: Body, call: ast.Call) -> list[str]:
    """The names that what a call gives goes by."""
    return [name for name, values in body.assigned.items() if any(value is call for value in values)]


def _tells_both(body: Body, call: ast.Call) -> bool:
    """Whether a judge is given what is real and what is made, and no third thing, and tells of each:
    `real, fake = judge(x, made)`."""
    given = _names_given(body, call)
    alone = not call.args[2:]
    return alone and any(map(_OF_REAL.search, given)) and any(map(_OF_MADE.search, given))


_OF_REAL = re.compile(r"(^|_)(real|true|r)(_|$)", re.IGNORECASE)
_OF_MADE = re.compile(r"(^|_)(fake|made|gen|generated|g|f)(_|$)", re.IGNORECASE)
"""What judgements are called."""


def _goes_with_both(body: Body) -> ast.AST | None:
    """`cat((drawing, fake), 1)` and `cat((drawing, photo), 1)`: what is joined, channel by channel, to both."""
    joined = [
        (call, call.args[0].elts)
        for name in sorted(CONCATENATIONS & body.calls.keys())
        for call in body.calls[name]
        if call.args and isinstance(call.args[0], (ast.List, ast.Tuple)) and len(call.args[0].elts) == 2
        if not any(is_constant(axis, 0) for axis in (*call.args[1:], *(word.value for word in call.keywords)))
        if len(call.args) + len(call.keywords) > 1
    ]
    for call, (given, made) in joined:
        for _, (also, real) in joined if _is_made(body, made) else ():
            if same(given, also) and not same(made, real) and "label" not in last_name(given):
                return call
    return None


_LABELLED = LABELS - {"c"}
"""What labels are called, and no codes, which InfoGAN gives too."""
TAUGHT = ("train_on_batch", "test_on_batch")
"""How a judge of Keras is trained and tried on what it is given first, beside what is right."""


NOISE = re.compile(r"^z(_|\d|$)|noise|latent")
"""What a latent is called: judged together with what was made of it, it is no condition."""


def _joined(body: Body, node: ast.expr) -> list[ast.expr]:
    """What was joined into one value, which a name stands for: noise and labels of `net(concat([z, labels]))`."""
    made = body.assigned.get(node.id, ())[-1:] if isinstance(node, ast.Name) else [node]
    for value in made:
        name = last_name(value.func) if isinstance(value, ast.Call) and value.args else ""
        if isinstance(value, ast.Call) and (name in CONCATENATIONS or "concat" in name):
            given = value.args[0]
            parts = given.elts if isinstance(given, (ast.List, ast.Tuple)) else value.args
            if any(
                "label" in last_name(part) or _is_told_y(body, part, parts) or _is_kind(body, part) for part in parts
            ):
                return list(parts)
    return [node]


def _is_kind(body: Body, part: ast.expr) -> bool:
    """Whether a part is a kind that is made into a vector: `one_hot(y, 10)`."""
    return any(map(ONE_HOT.search, body.words(part, 1)))


def _is_told_y(body: Body, part: ast.expr, parts: list[ast.expr]) -> bool:
    """Whether a part is called `y`, and is none of a point of a curve: not made of what it is joined to."""
    others = {last_name(each) for each in parts if each is not part} - {""}
    made = body.assigned.get("y", ()) if last_name(part) == "y" else ()
    return last_name(part) == "y" and all(others.isdisjoint(body.words(value, 0)) for value in made)


def _is_made(body: Body, node: ast.AST) -> bool:
    """Whether a value is called made, or comes straight out of a maker."""
    values = body.assigned.get(last_name(node), ())
    return bool(MADE.search(last_name(node))) or any(
        isinstance(value, ast.Call) and MAKER.search(callee_of(value)) and not JUDGE.search(callee_of(value))
        for value in values
    )


MODES = re.compile(
    r"^_?(is_?)?(train(ing)?|reuse|phase(_train)?|mode|keep_?prob|drop_?out)$"
    r"|(^|_)(num|n|dims?|size|channels?|format|hidden|depth|width|height|scope|name|layers?|repeat)(_|$)",
    re.IGNORECASE,
)
"""What says how a network is to run, or how large it is, beside its data."""


def _is_target(body: Body, node: ast.AST) -> bool:
    """Whether a value is called as targets are (`y_onehot`) and is not drawn at random."""
    drawn = RANDOM | {"random", "multinomial", "uniform", "rand", "randint", "categorical"}
    return last_name(node).startswith("y_") and not body.words(node, 2) & drawn


def _nothing(view: View, node: ast.Call) -> list[ast.expr]:
    """The arguments of a call that are no data in this run: settings, and None for labels that the data do not have."""
    call = next((call for call in view.program.calls if call.node is node), None)
    if call is None or len(call.positional) != len(node.args):
        return []
    literal = (int, float, str, type(None))
    return [given for given, value in zip(node.args, call.positional, strict=True) if isinstance(value.value, literal)]


def _lengths(view: View, node: ast.Call) -> list[ast.expr]:
    """The arguments of a call that only say how long series are: of `judge(x, t)`, with `rnn(x, sequence_length=t)`."""
    called = next((body for body in view.bodies if body.name == last_name(node.func)), None)
    if called is None:
        return []
    taken = called.parameters
    given = (word for calls in called.calls.values() for call in calls for word in call.keywords)
    saying = {last_name(word.value) for word in given if _LENGTHS.fullmatch(word.arg or "")}
    return [given for name, given in zip(taken, node.args, strict=False) if name in saying]


_LENGTHS = re.compile(r"(seq(uence)?_?)?len(gth)?s?")


def _is_network(node: ast.AST) -> bool:
    """Whether a value is called as a judge is: `stacked(g, d)` is given networks, not data."""
    return isinstance(node, ast.Name) and JUDGE.search(node.id) is not None


def _comes_from(play: Play, node: ast.AST) -> bool:
    """Whether a value comes out of the maker."""
    return play.maker in play.body.words(node, 2)


def changes_pictures(view: View) -> bool:
    """Whether a GAN's maker is given pictures first, by their name, and no noise: it makes one of another."""
    play = play_of(view)
    if play is None or makes_from_noise(view):
        return False
    calls = [call for call in made_by(play) if call.args and not _is_flat(view, play.body, call)]
    given = [last_name(each) for call in calls for each in _listed(play.body, call.args[0])]
    drawn = any(play.body.words(argument, 2) & _DRAWN for call in calls for argument in call.args)
    told = all(_PICTURES.search(name) and not _LATENT.search(name) for name in given)
    return bool(given) and told and not drawn


def draws_what_is_told(view: View) -> Place | None:
    """Where a GAN's maker is given noise, and what is called a text or its embedding."""
    play = play_of(view)
    if play is None or not view.kinds["conv"] or not makes_from_noise(view):
        return None
    calls = (call for call in made_by(play) if len(call.args) > 1)
    words = ((call, {word for each in call.args for word in play.body.words(each, 1)}) for call in calls)
    return next((play.body.place(call) for call, told in words if any(map(_TEXTS.search, told))), None)


_TEXTS = re.compile(r"(^|_)(te?xts?|captions?|sents?|sentences?|descriptions?)(_|$)|^(right|wrong)_embed(ding)?s?$")
"""What texts are called, and the embeddings of those that do and that do not fit a picture."""


def _listed(body: Body, node: ast.expr) -> list[ast.expr]:
    """What is in a list that is given, or that has a name: `inputs = [picture, z]`."""
    made = body.assigned.get(node.id, ())[-1:] if isinstance(node, ast.Name) else [node]
    return next((each.elts for each in made if isinstance(each, (ast.List, ast.Tuple))), [node])


def _is_flat(view: View, body: Body, call: ast.Call) -> bool:
    """Whether what a call is given is the input of a network that holds numbers in a row: `Input(shape=(size,))`."""
    given = call.args[0]
    values = body.assigned.get(given.id, ()) if isinstance(given, ast.Name) else ()
    before = [value for value in values if isinstance(value, ast.Call) and value.lineno < call.lineno]
    made = [each for each in view.program.named("Input") if before and each.node is before[-1]]
    shapes = [each.argument("shape", 0) for each in made]
    return any(isinstance(shape.value, ListValue) and len(shape.value.items) == 1 for shape in shapes if shape)


def enlarges(body: Body) -> ast.AST | None:
    """A network that is given a coarse picture beside what it denoises, resizes it and joins both:
    `cat([x, interpolate(low_res, size)], dim=1)`."""
    coarse = {name for name in body.parameters if _COARSE.search(name)} if body.cls is not None else set()
    resized = {
        name
        for name, values in body.assigned.items()
        for value in values
        if coarse and RESIZING & body.words(value, 0) and coarse & body.words(value, 0)
    }
    joining = (call for name in CONCATENATIONS & body.calls.keys() for call in body.calls[name]) if resized else ()
    return next((call for call in joining if resized & body.words(call, 0)), None)


def goes_with_noisy(body: Body) -> ast.AST | None:
    """A picture that is joined, channel by channel, to what is denoised: `cat([y_cond, y_t], dim=1)`."""
    joining = (call for name in CONCATENATIONS & body.calls.keys() for call in body.calls[name] if call.args)
    pairs = ((call, list(map(last_name, getattr(call.args[0], "elts", ())))) for call in joining)
    return next((call for call, pair in pairs if len(pair) == 2 and any(map(_CONDITION.search, pair))), None)


_CONDITION = re.compile(
    r"^(x|y|im|img|image)_cond(ition)?$|^cond(ition)?_(x|y|im|img|image)s?$|"
    r"^(source|src|gr[ae]y|masked|blurr?y|hazy|degraded|lq|lr|low_?res)(_?(x|im|img|image))?s?$",
    re.IGNORECASE,
)
"""What a picture is called of which another is made; `x_self_cond` is what was made a step before."""


def swaps(body: Body) -> ast.AST | None:
    """What makes a picture of what one holds, in another's manner: `decode(content, style)`."""
    given = body.parameters[1:] if body.cls is not None and body.name == "decode" else []
    return body.node if "content" in given and len(given) > 1 else None


_COARSE = re.compile(r"low_?res|(^|_)lr(_|$)", re.IGNORECASE)
"""What a coarse picture is called; a mask, a map or depth may be coarse too."""
RESIZING = frozenset({"interpolate", "resize", "upsample"})


_PICTURES = re.compile(r"(^|_)(real|img|image|photo|source|src|input|x|a|lr|blur(red)?|gr[ae]y)s?(_|$)", re.IGNORECASE)
_LATENT = re.compile(r"(^|_)(z|noise|latents?|labels?)(_|$)", re.IGNORECASE)
"""`input_z`, `img_label`: what a maker is given, which is no picture."""
_DRAWN = frozenset({"rand", "uniform", "random"})


@once
def cycles(view: View) -> Iterator[Evidence]:
    """CycleGAN: two makers, each applied to what the other made, and the result compared with the beginning."""
    if play_of(view) is None:
        return
    makers = names_of(view, MAKES)

    def makes(name: str) -> bool:
        return name in makers or bool(MAKER.search(name) and not JUDGE.search(name) and not _CODERS.search(name))

    def there_and_back(body: Body) -> ast.AST | None:
        pairs: set[tuple[str, str]] = set()
        for call, outer, inner in body.once(_applied_to_made):
            if any((name, outer) in pairs and makes(name) for name in inner) and makes(outer):
                return call
            pairs |= {(outer, name) for name in inner}
        return None

    yield from shown(view, "CycleGAN", "two makers, each applied to what the other made", there_and_back)


def _applied_to_made(body: Body) -> list[tuple[ast.Call, str, set[str]]]:
    """The calls that are given what others made, or a name that one of those gave a value; each with what it calls, and
    what those did."""
    found = []
    for call in (each for calls in body.calls.values() for each in calls if each.args):
        outer = callee_of(call)
        if outer not in IGNORED:
            inside = [inner for argument in call.args for inner in walk(argument)]
            names = {name_of(each) for each in inside} - {""}
            made = [value for name in names if not _made_of_itself(body, name) for value in body.assigned.get(name, ())]
            inner = {callee_of(each) for each in (*inside, *made) if isinstance(each, ast.Call)}
            found.append((call, outer, inner - IGNORED - {outer, ""}))
    return [each for each in found if each[2]]


_CODERS = re.compile("enc|dec")
_TURNS = re.compile(r"(to|as|from)_|denorm|tensor2")
"""How functions begin that only turn what they are given into another type."""
_STORES = re.compile(r"pool|buffer|histor", re.IGNORECASE)
"""What is called so that keeps pictures that were made."""


def _made_of_itself(body: Body, name: str) -> bool:
    """Whether a name goes through one thing after the other: `x = up(x)`, not only `x = to_data(x)`, nor a store of
    earlier pictures, `x = image_pool.query(x)`."""
    values = [value for value in body.assigned.get(name, ()) if isinstance(value, ast.Call)]
    through = [value for value in values if callee_of(value) not in IGNORED and not _TURNS.match(callee_of(value))]
    through = [value for value in through if not _STORES.search(last_name(getattr(value.func, "value", value)))]
    return any(isinstance(inner, ast.Name) and inner.id == name for value in through for inner in walk(value))

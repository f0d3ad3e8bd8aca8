"""Ways of saying a thing that are read as one plainer way: "another loss than MSE", "five passes over the data"."""

from __future__ import annotations

import re

from core.search.amounts import AMOUNTS, COMPARING, COMPARISONS, COUNTED, MEASURES, NUMBER, RATE
from core.search.grammar import outside_quotes

_DATA = (
    r"(?:the |its |their |all (?:the )?)?(?:whole |entire |full |complete )?(?:training )?"
    r"(?:data(?: ?sets?)?|sets?|corpus|examples)\b(?: sets?\b)?"
)
_TIMES = r"(?P<times>once|(?:a|one) (?:single |only )?time|twice|thrice|[\w-]+ times)\b"
_FIELDS = (
    r"(?:optimi[sz]er|data(?: ?set)?|framework|library|loss(?: function)?|environment|architecture|task|scheduler"
    r"|device|learning rate|lr|batch size)s?"
)
_GRADIENTS = r"(?:its |their |the |all )?(?:norms? of (?:its |their |the |all )?gradients?|gradients?'?(?: norms?)?)"
_FEATURE = (
    r"(dropout|(?:gradient|grad) clip(?:ping)?|weight decay|ema|mixed precision|early stopping|GPU|CUDA"
    r"|batch ?norm(?:ali[sz]ation)?|(?:learning[- ]rate |lr )?schedul(?:er|ing|e))"
)
_OFF = r"(?:(?:turn|switch)ed off|disabled|deactivated)\b"
_ON = r"(?:(?:turn|switch)ed on|enabled|activated)\b"
_IS = r"(?:(?:is|are|was|were) )?"
_IS_NOT = r"(?:(?:is|are|was|were)n'?t|(?:(?:is|are|was|were) )?(?:not|never))"
_SORTED = (
    r"learning rates?|lr|batch|epochs|steps|iterations|episodes|size|parameters|params|weights|latent|hidden|dropout"
    r"|age|date|seed|depth|accuracy|loss"
)
_ORDERED = rf"by (?:the |their |its )?(?:(?:number|amount) of )?(?:{_SORTED})\b[^,]*?"
_MUCH = r"(?:high|large|big|long|most|highest|largest|biggest|longest)"
_LITTLE = r"(?:low|small|short|few|least|fewest|lowest|smallest|shortest)"
_COMMON = r"(?:common|popular|frequent|(?:(?:often|widely|commonly) )?used)"
_BY = r"(?:in|on|with|for|made|written|trained)"
_LIBRARY = r"(?:torch|torchvision|tf|keras|nn|optim|layers|datasets|optax|flax|linen|losses|optimizers|lr_scheduler)"
_PART = r"(?:data|function|compile|distributed|autograd|func|jit|amp|random|image|summary|multiprocessing|profiler)"
"""What a library offers beside names of facts: "using tf.data"."""
_PAIR = r"[(\[]\s*([\d.e-]+)\s*,\s*([\d.e-]+)\s*[)\]]"
"""A value of two numbers as code writes it, or an interval."""
_BARE = r"[^\s,;&()\[\]\0]+"
_NAMED = r"(?:^(?:file ?)?name|\b(?:with|whose|where)(?: the| an?)? (?:file ?)?names?|\bfile ?names?)(?: that)?"
_NAME = r"(?!(?:an?|the)\b)(?=[\w.-]*[^\W\d])([\w.-]+)"
LONGEST_SAID = 2_000
"""Characters of a line that anybody would ask; a pasted file must not hang the screen."""
_TALK = (
    # "ls implementations/", "python train.py --lr 1e-4", "grep Adam"
    (
        r"^\$? ?(?:cd|ls|cat|less|head|vim?|nano|code|python3?|bash|sh)(?: -\w+)*"
        r" (?=\S*(?:/|\.(?:py|ipynb|ya?ml)\b))",
        "",
    ),
    (r"^\$? ?grep(?: -+\w+)* (?=\S)", ""),
    # "hmm, what about the GANs", "ok now only those with Adam", "sorry, I meant Flax", "which one was it again"
    (
        r"^(?:(?:(?:h+m+|well|cool|nice|great|er)(?=[,.!]| (?:what|which|how|ok|is|are|any|only|show)\b)|(?:u[hm]+|erm"
        r"|wow|ok|okay|alright|sorry|thanks|thank you|actually|oh|ah|so|now)\b(?! of\b))[ ,.!]+)+(?:like )?(?=\w)",
        "",
    ),
    (r"^i (?:meant|mean)(?: to (?:say|ask))?,? (?=\w)", ""),
    (r"^i (?:think|believe|guess|suppose)(?: that)?,? (?=\w)", ""),
    (
        r"^i (?:forgot|forget|(?:(?:can't|cannot|don't|do not|vaguely) )?(?:remember|recall))"
        r" (?=(?:which|what|an?|the|that|some|there)\b)",
        "",
    ),
    (
        r"^(?:please |(?:i(?:'d| would) like|i (?:want|need)) to |(?:can|could) you |let'?s )*"
        r"(compare all .+?)(?: (?:with|to|against) (?:each|one an)other)?$",
        r"\1",
    ),
    (r"^(.*\b(?:which|what|who)\b.*?)(?: thing)? again(?=\?*$)", r"\1"),
    (r",? pl[sz](?=[?!.]*$)", ""),
    (r"^((?:build|implement|write|code) .+) from scratch$", r"\1"),
)
"""What one says before and behind a question and that asks for nothing."""
_SWITCHES = (
    # "nothing that isn't Adam", "not (VAE or GAN)", but not "epochs not (more than 10)"
    (
        r"\b(?:nothing|none) (?:(?:that|which) )?(?:without|lack(?:s|ing)?|(?:is|are|was|were)(?:n't| not)"
        r"|(?:does|do|did)(?:n't| not) (?:use|have))\b",
        "with",
    ),
    (
        rf"(?<![^\s(])(?:but )?(?:not|no|without|except(?: for)?|excluding) (?=\((?!{COMPARING}|[\d<>=])[^()]+\))",
        "NOT ",
    ),
    # "all but two GANs", "GANs, conditional or not", "cuda:0", "DCGAN(s)"
    (
        r"\ball but (?:one|two|three|four|five|\d+)(?: of(?: the)?)? (?!(?:\w+est|most|least|latest)\b)(?=[\w-]+s$)",
        "all ",
    ),
    (r" \([\w-]+ or not\)|(?:,(?: whether)?| with(?: an?)?) [\w-]+ or not(?=$|,)", ""),
    (r"\bcuda:\d\b", "cuda"),
    (r"(?<=\w)\(s\)", "s"),
    # "dropout is turned off", "dropout enabled", "unseeded runs", "on MNIST and nothing else", "MNIST alone"
    (rf"\b{_FEATURE} {_IS_NOT} {_OFF}", r"with \1"),
    (rf"\b(?:do|does|did)(?:n't| not) (?:disable|deactivate|(?:turn|switch) off) (?:the )?{_FEATURE}\b", r"with \1"),
    (rf"\b{_FEATURE} {_IS_NOT} {_ON}", r"no \1"),
    (rf"\b{_FEATURE} {_IS}(?:off\b|{_OFF})", r"no \1"),
    (rf"\b{_FEATURE} {_IS}{_ON}", r"with \1"),
    (rf"(?<!not )(?<!n't )(?<!never )\b{_OFF} (?:the )?{_FEATURE}\b", r"no \1"),
    (r"\b(?:unseeded|seedless)\b", "no seed"),
    (
        r"\b(no|without|w/o|with)(?: any| some)? regulari[sz]ation(?=$|[,.?!]| (?:on|in|for)\b)",
        r"\1 dropout or weight decay",
    ),
    (
        r"^((?:which (?:is|was) )?(?:the |our |my )?)very first "
        r"(?=(?:[\w-]+ ){0,2}(?:script|model|notebook|run|(?-i:[\w-]*[A-Z]{2,}\w*))$)",
        r"\1oldest ",
    ),
    (r"\b([\w-]+) and nothing else$", r"only \1"),
    (r"(?<!leave )(?<!leaves )(?<!leaving )(?<!left )\b((?-i:[A-Z])[\w-]*) alone$", r"only \1"),
)
"""What is on or off, or alone."""
_ASKING = (
    # "RNNs (LSTMs included)", "autoencoders, variational ones included", "unconditional vs conditional GANs", "which
    # are in Keras and which in PyTorch"
    (r" \(((?:the )?[\w-]+) included\)", r", \1 included"),
    (r",? (?:(?:the )?[\w-]+ ones included|including (?:the )?[\w-]+ ones)$", ""),
    (r",? (?:including|included) (?:the |all )?(?:notebooks|scripts|configs)(?: too| as well)?$", ""),
    (r"\b(plain|simple) (?:old|vanilla) (?=\w)", r"\1 "),
    # "by epochs from high to low", "the most common optimizer"
    (rf"\b({_ORDERED}),? (?:from )?(?:the )?{_MUCH} to (?:the )?{_LITTLE}$", r"\1 descending"),
    (rf"\b({_ORDERED}),? (?:from )?(?:the )?{_LITTLE} to (?:the )?{_MUCH}$", r"\1 ascending"),
    (
        rf"^(?:(?:which|what)(?:'s| is)? )?(?:the )?most {_COMMON} ({_FIELDS})"
        r"(?=\??$| (?:of|among|amongst|in|on|for|across)\b)"
        rf"|^(?:which|what) ({_FIELDS}) (?:is|are) (?:the )?(?:most {_COMMON}|used (?:the )?most(?: often)?)\??$",
        r"which \1\2 are used",
    ),
    (r"\b(un|non-?)(\w{4,}) (vs\.?|versus|against|and|or) \2 ([\w-]+)", r"\1\2 \4 \3 \2 \4"),
    (
        rf"^which (?:ones )?([\w-]+ )??(?:are |were )?({_BY} .+?),? (?:and|but) which (?:ones )?(?:are |were )?"
        rf"({_BY} .+)$",
        r"compare \1\2 with \1\3",
    ),
    # "how many different losses", "how large is the batch", "how high was the learning rate"
    (rf"^(how many) (?:different|distinct) (?={_FIELDS}\b)", r"\1 "),
    (
        r"^how (?:large|big|high|small|low) (?:is|are|was|were) the "
        r"(?=(?:mini-?)?batch|learning rate|lr|dropout|latent)",
        "what is the ",
    ),
    (
        r"^how (?:big|large) (?:is|are) ((?:the|my|our) (?:.* )?(?:models?|networks?|(?-i:[A-Z])[\w-]+))$",
        r"what is the number of parameters of \1",
    ),
    # "last modified", "python scripts"
    (r"^last (?=(?:modified|changed|updated|edited)$)", "recently "),
    (r"\bpython (?:scripts|files|programs)\b", "kind:script"),
    (r"\bpython (?=(?:script|file|program|code)\b)", ""),
    # "compare the learning rates of the GANs"
    (
        r"^compare (?:the )?(?:learning rates?|lrs?|batch(?:es| sizes?)|optimi[sz]ers?|epochs|loss(?:es)?|schedulers?"
        r"|datasets?|settings|hyper-?parameters) (?:of|across|among|for|in) (?:all )?(?:of )?(?:the |our |my )?"
        r"(?=(?:(?!(?:and|or|with|to|vs\.?|versus|against|between)\b)\S+ ?)+$)",
        "compare all ",
    ),
    # "rank the GANs by batch size", "notebooks versus scripts", "how do GANs stack up against VAEs"
    (rf"^(?:please )?rank (?=.* by (?:the |their |its )?(?:(?:number|amount) of )?(?:{_SORTED})\b)", "order "),
    (
        r"\bnotebooks (vs\.?|versus|against|compared (?:to|with)) (?:python |\.py )?(?:scripts|files)\b",
        r"kind:notebook \1 kind:script",
    ),
    (r"^(how (?:do|does) .+) (?:stack|measure|hold) up (?:against|to|next to)\b", r"\1 compare to"),
)
"""Ways to ask for a comparison, an order or a detail."""
_TELLING = (
    # "clips its gradients", "gradients are clipped"
    (rf"\b(?:clip|cap)(?:s|ped|ping)? {_GRADIENTS}\b", "with gradient clipping"),
    (rf"\b{_GRADIENTS} (?:(?:is|are|was|were|get|gets|being) )?(?:clip|cap)p(?:ed|ing)\b", "gradient clipping"),
    # "anneals its learning rate", "the learning rate is decayed"
    (rf"\b(?:anneal|decay)(?:s|ed|ing)? (?:its |their |the )?{RATE}\b", "with learning rate decay"),
    (rf"\b{RATE} (?:(?:is|are|was|were|gets?|being) )?(?:anneal|decay)(?:s|ed)\b", "learning rate decay"),
    # "needs a GPU", "hard-coded to CUDA"
    (
        r"(?<!\bI )(?<!\bwe )(?<!not )(?<!n't )\b(?:needs?|requires?|demands?|hard-?(?:coded|wired)(?: to| for)?) "
        r"(?:an? |the )?(GPU|CUDA)\b",
        r"only on \1",
    ),
    # "fixes the seed at 42"
    (
        r"\b(?:fix|set|pin)(?:e?s|ed|ting|ning|ing)? (?:the |its |their )?(?:random )?seed (?:at|to|as) (?=\d)",
        "seed ",
    ),
    # "rates in the 1e-4 range", "z of size 62", "one million frames"
    (rf"\bin the ({NUMBER}) range\b", r"around \1"),
    (rf"\bin the ({NUMBER}) (?:to|-) ({NUMBER}) range\b", r"between \1 and \2"),
    (r"\b(?:z|noise|latents?)(?: vectors?| codes?)? of (?:size|dimension|length) (?=\d)", "latent size "),
    (r"\b(?:images|pictures|inputs) of (?:size|resolution) (?=\d+\b)(?!\d+ ?(?:[x×]|by|[kmg]?b)\b)", "image size "),
    # "nothing but the largest"
    (r"\b(?:nothing|none) (?:but|except|other than|else (?:but|except|than))\b", "only"),
    (
        r"\b((?:\d[\d.,]*(?:[km]|e\d+)|\d{5,}|million|thousand)(?: or (?:more|less|fewer|so))?)"
        r" (?:environment |training |game |emulator )?frames\b",
        r"\1 steps",
    ),
    # "another optimizer than Adam", "data different from IMDB"
    (rf"\b(?:an?other|(?:(?:a|some|any) )?different) ({_FIELDS}) (?:than|from|to)\b", r"\1 other than"),
    # "on any dataset but MNIST"
    (r"\b(any|every|all)((?: (?!but\b)[\w-]+){1,2}) but (?!not\b|also\b|only\b)", r"\1\2 except "),
    # "five passes over the data", "goes through the data twice"
    (rf"\b(?:passes|sweeps|times|loops) (?:over|through|of|across) {_DATA}", "epochs"),
    (rf"\b(?:pass|sweep|loop) (?:over|through|of|across) {_DATA}", "epoch"),
    (
        rf"\b(?:go|gone|went|loop|iterat|run|pass|cycl|see|read|visit|show)\w* (?:over |through |across )?{_DATA}"
        rf"(?: just| only| exactly| precisely)* {_TIMES}",
        "for {times} epochs",
    ),
    (
        rf"\b{_DATA} (?:is|are|was|were) (?:seen|shown|visited|read|used)"
        rf"(?: just| only| exactly| precisely)* {_TIMES}",
        "for {times} epochs",
    ),
    # "tens of thousands of steps"
    *(
        (rf"\b{many}s of {large}s of (?=(?:\w+ )?{COUNTED})", f"between {times * of} and {10 * times * of} ")
        for many, times in (("ten", 10), ("hundred", 100))
        for large, of in (("thousand", 1000), ("million", 10**6))
    ),
    # "put the two WGANs side by side"
    (
        r"^(?:please )?(?:put|set|show|place|view|lay|hold)(?: me| us)? (.+?) (?:side[ -]by[ -]side|head to head"
        r"|(?:next to|beside) (?:each |one an)other)[.!]?$",
        r"compare \1",
    ),
    # "in Keras and in PyTorch"
    (r"(?<!not )\b(in|on) ([\w-]+) (and|or) \1 (?=[a-z][\w-]*(?:$|[,.?!]))", r"\1 \2 \3 "),
    # "LSTM + dropout", no "64 + epochs"
    (r"(?<=[^\W\d]) \+ (?=\w)", " and "),
    # "written against JAX"
    (r"\b(written|coded) against (?=\w)", r"\1 in "),
    # "10 epochs at the very most"
    (r"\bat the (?:very )?(most|least)\b", r"at \1"),
)
"""Ways to tell what a script does."""
_CODE = (
    # "import numpy as np"
    (r"\b(import(?:s|ing)? [\w.]+) as \w+\b", r"\1"),
    # pieces of code: "params.lr < 0.1", "nn.LSTM", "model=gan", "--model gan"
    (r"(?<![\w.:])(?:run\.)?(?:params|hparams|config|cfg|args|hp)\.(?=[a-z_]\w*\s*(?:[<>=!:]))", ""),
    (rf"(?<![\w.:/])(?!(?:tf|torch)\.{_PART}\b)(?:{_LIBRARY}\.)+(?=[a-z]\w)", ""),
    (
        r"(?<![\w.])(?:[\w.]+\s*=\s*)?(?:\w+\.)*"
        r"(?:dict|compile|fit|trainer?|config|run|dataloader|trainingarguments)\((?=\s*\w+\s*=)",
        "",
    ),
    (r"(?<![\w.])(?:env\s*=\s*)?gym(?:nasium)?\.make\((?=[\0'])", "environment:"),
    (r"(?<![\w.:])(?:--)?(?:model|network|net|agent|algo|algorithm)\s*=\s*(?=\w)", ""),
    (r"(?<!\S)--(?:model|network|net|agent|algo|algorithm)\s+(?=\w)", ""),
    # "lr=3e-4,gamma=0.99", "opt:adam;lr:1e-3", "name contains gan", "whose name starts with b", "scripts called train"
    (rf"(\b[a-z_][\w.]*(?:={_BARE}(?=[,;&])|:{_BARE}(?=[;&])))[,;&](?=[a-z_][\w.]*[=:])", r"\1 "),
    (rf"{_NAMED} (?:contain|includ)\w* (?:the word )?{_NAME}", r"id:*\1*"),
    (rf"{_NAMED} (?:start|begin)(?:s|ning|ing)? with {_NAME}", r"id:*/\1*"),
    (r"\b(scripts?|files?|notebooks?|configs?) (?:that (?:is|are) )?(?:named|called) ([\w.-]+)$", r"\1 id:*\2*"),
    # 'SELECT * FROM runs WHERE optimizer = "SGD"', but not "select the GANs where dropout is used"
    (r"^\s*select (?:\*|[\w.]+(?:, ?[\w.]+)*) from \w+ where\s+(.*?);?$", r"\1"),
    (r"\b([a-z_][\w.]*)\s*<>\s*(?=[\0\w'])", r"\1!="),
    (r"\b([a-z_][\w.]*)\s+(=|==|!=|<=|>=|<|>)\s*(?=[\0'])", r"\1\2"),
    # "betas = (0.5, 0.999)", "lr in [1e-4, 1e-3]", "epochs (more than 100)"
    (rf"\b(?:in|within)\s+{_PAIR}", r"between \1 and \2"),
    (_PAIR, r"\1 and \2"),
    (
        rf"\((?={COMPARING}|[\d.e-]+(?: or \w+)?\)|[\d.e-]+ (?:to|or|and) [\d.e-]+\))"
        r"(?![^()]*\b(?-i:AND|OR|NOT)\b)([^():|]*)\)",
        r" \1",
    ),
)
"""Pieces of code and SQL, and what stands in parentheses."""
_RULES = [
    (re.compile(said, re.IGNORECASE), meant)
    for said, meant in (*_TALK, *COMPARISONS, *AMOUNTS, *_SWITCHES, *MEASURES, *_ASKING, *_TELLING, *_CODE)
]
_COUNTS = {"once": "1", "twice": "2", "thrice": "3"}


def recast(line: str) -> str:
    """A line of prose said more plainly; what stands in quotes stays as it is, and so does a pasted file."""
    for said, meant in _RULES if len(line) <= LONGEST_SAID else ():
        for match in reversed(list(said.finditer(outside_quotes(line)))):
            line = f"{line[: match.start()]}{_plainer(line, match, meant)}{line[match.end() :]}"
    return line


def _plainer(line: str, match: re.Match[str], meant: str) -> str:
    """What one match is replaced by, its groups as they are written."""
    times = match.groupdict().get("times", "").casefold()
    count = _COUNTS.get(times, times.partition(" ")[0])
    text = meant.replace("{times}", "1" if count in ("a", "one") else count)
    return re.sub(r"\\(\d)", lambda group: line[slice(*match.span(int(group[1])))], text)

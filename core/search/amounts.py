"""Ways of saying numbers, sizes, ages and how they are compared, with how they are read: "a dozen epochs", "equal or
higher", "a 2-layer LSTM"."""

from __future__ import annotations

from calendar import month_name

_SIZES = r"more|less|fewer|larger|bigger|smaller|higher|lower|greater|longer|shorter"
_UP = r"more|greater|larger|higher|bigger|longer|above|over"
_DOWN = r"less|fewer|smaller|lower|shorter|below|under"
NUMBER = r"(?!(?:19|20)\d\d\b)\.?\d[\d.,e-]*[km]?\b"
"""A number that is no year."""
COMPARING = (
    rf"(?:{_SIZES}|over|above|below|under|at least|at most|up to|not|no|except|without|excluding|between|[<>]=?)\b"
)
RATE = r"(?:learning[- ]rates?|lr)"
COUNTED = r"(?:epochs|steps|timesteps|iterations|updates|episodes|parameters|weights)\b"
_LATENT = r"(?:latent|noise|code|bottleneck)(?: (?:space|vector|code|variable|input)s?)?\b"
_LAYERS = r"(?:(?:hidden|dense|linear|fully[- ]connected) )?layers? (?:with|of)"
_UNITS = r"(?:hidden )?(?:units|neurons|nodes)\b"
_EXTENT = r"(?:batch(?:es)?|latent|hidden|image)(?: (?:size|dimension)s?)?"
_POWERS = " or ".join(str(2**power) for power in range(1, 14))
_MONTH = "|".join(f"{name}|{name[:3]}" for name in month_name if name)
_DAY = rf"(?:20[0-3]\d-\d\d(?:-\d\d)?|(?:{_MONTH})(?: 20[0-3]\d)?\b)"
_AGE = r"(?:an?|\w+) (?:year|month|week|day)s?"
_OF_MODELS = r"(?=$|[,.?!]| (?:and|but|or|with|on|in|that|which)\b)"
"""What follows an age that models have, not people: "over 10 years old people"."""
COMPARISONS = (
    # "more then 100 epochs", "less thn 20"
    (rf"\b({_SIZES}|rather|other|else) t(?:hen|hn|ahn)\b", r"\1 than"),
    # "lower like 0.001"
    (rf"\b({_SIZES}) like(?= {NUMBER})", r"\1 than"),
    (rf"\bmore or less (?={NUMBER})", "around "),
    # "equal or higher", "larger 0.1", "minimum 10", "from 10 upwards", "not even 10 epochs", "within 10 and 20", "runs
    # past 60k steps"
    (rf"\b(?:{_UP})(?: than)?,? or (?:equal|same)(?: to| than| as)?\b", "at least"),
    (rf"\b(?:equal|same)(?: to| as)?,? or (?:{_UP})(?: than)?\b", "at least"),
    (rf"\b(?:{_DOWN})(?: than)?,? or (?:equal|same)(?: to| than| as)?\b", "at most"),
    (rf"\b(?:equal|same)(?: to| as)?,? or (?:{_DOWN})(?: than)?\b", "at most"),
    (rf"\b({_SIZES})(?= {NUMBER})", r"\1 than"),
    (rf"\b(?:a )?minimum (?:of )?(?={NUMBER})", "at least "),
    (rf"\b(?:a )?maximum (?:of )?(?={NUMBER})", "at most "),
    (rf"\bfrom ({NUMBER}) (?:on|onwards?|upwards?)\b", r"at least \1"),
    (rf"\bstarting (?:at|from) (?={NUMBER})", "at least "),
    (r"\b(?:not even|(?:does|do|did)(?:n't| not) (?:even )?reach) (?=[\d.]+|\w+ (?:epochs|steps))", "less than "),
    (rf"\bwithin (?={NUMBER} and )", "between "),
    (rf"\b(?:runs?|trains?|goes|going|go) (?:well )?past (?={NUMBER})", "more than "),
)
"""How a number is compared."""
AMOUNTS = (
    # "3 * 10^-4", "dropout with p = 0.5"
    (r"(?<![\w.])(\d(?:\.\d+)?)\s*[x*×]\s*10\s*(?:\^|\*\*)\s*(-?\d+)", r"\1e\2"),
    (r"\b(dropout)(?: with)?,? p\s*=\s*", r"\1 "),
    # "a dozen epochs", "a couple of epochs", "50 percent", "1e-3 or so", "100 epochs+"
    (r"\b(?:a )?half (?:a |one )?dozen\b", "6"),
    (r"\b(?:(?:a|one)|(top|first|last|latest|newest)) dozen\b", r"\1 12"),
    (r"\b(?:two|a couple(?: of)?) dozen\b", "24"),
    (r"\b(?:a )?couple (?:of )?(?=hundred\b|thousand\b)", "two "),
    (rf"\b(?:a )?couple of (?={COUNTED})", "2 "),
    *(
        (rf"\b({_EXTENT}|{COUNTED}) in the {many}\b(?! of)", rf"\1 between {low} and {10 * low - 1}")
        for many, low in (("tens", 10), ("hundreds", 100), ("thousands", 1000), ("millions", 10**6))
    ),
    (r"(?<=\d) (?=[KMG]B\b)", ""),
    # "γ=0.99", "lr ∈ [1e-4, 1e-3]"
    *(
        (rf"(?<!\w){letter}(?=\s*[=:<>]|\s+\.?\d)", name)
        for letter, name in zip("αβγεητλ", ("alpha", "beta", "gamma", "epsilon", "lr", "tau", "lambda"), strict=True)
    ),
    (r"\s*∈\s*", " in "),
    # "28*28 images", "bs64", "lr1e-4"
    (r"(?<![\w.*])(\d{2,4}) ?\* ?(\d{2,4})(?![\w.*^])", r"\1x\2"),
    (r"(?<![\w:./-])(bsz?|lr|wd|batch|epochs|seed)(\d[\d.]*(?:e-?\d+)?)(?![\w./-])", r"\1 \2"),
    (rf"\bbetas (?:of |are )?({NUMBER})(?:,| and)? ({NUMBER})", r"betas \1 and \2"),
    (r"\ba couple of\b", "some"),
    (rf"\bsingle-digit (?={COUNTED})", "fewer than 10 "),
    (rf"(?<!s of )\b(?:several hundred|hundreds of) (?={COUNTED})", "between 200 and 999 "),
    (rf"(?<!s of )\b(?:several thousand|thousands of) (?={COUNTED})", "between 2000 and 9999 "),
    (r"(?<=\d) ?per ?cent\b", "%"),
    # "smallest three batch sizes", "at most 3 epochs limit 5"
    (r"\b(largest|biggest|highest|smallest|lowest|longest|shortest) (two|three|four|five|\d+) (?=[a-z])", r"\2 \1 "),
    (r"(?:,|(?<=[a-z]s)|(?<=sc)) limit (\d{1,2})$", r" limit:\1"),
    (rf"({NUMBER})(,? {COUNTED})? or (?:thereabouts|so)\b", r"around \1\2"),
    (r"\bor (?:thereabouts|so|something(?: like that| similar)?)\b", ""),
    (r"\blast but not least\b|^yes or no\b[,:]? ?", ""),
    (r"\b(?:a )?quarter of a million\b", "250000"),
    (rf"\b(\d[\d.,]*[km]?) ({COUNTED})\+", r"\1+ \2"),
)
"""Numbers in words, and such as are about right."""
MEASURES = (
    # "in one batch", "64 samples in a batch", "100-dim noise", "2d latent space", "layers of 512 units"
    (r"\b(\d+|two|three)[- ](?:dimensional|dim|d)\s+(?=hidden|embedding)", r"\1 "),
    (rf"\b(\d+|two|three)[- ]?(?:dimensional|dim|d) {_LATENT}", r"latent dimension \1"),
    (r"\b(in|within|inside|over|per|from) (?:one|a single) (?=(?:mini-?)?batch\b)", r"\1 a "),
    (
        r"\b(?:samples|examples|images|pictures|sequences|sentences|items|transitions)"
        r" (?:in|to|inside|within) (?:an?|the|each|every|one|a single) (?:mini-?)?batch\b",
        "samples per batch",
    ),
    (rf"\b(\d+|two|three|four|five|six) {_LAYERS} (\d+) {_UNITS}(?: each)?", r"hidden size \2, \1 layers"),
    (rf"\b{_LAYERS} (\d+) {_UNITS}", r"hidden size \1"),
    (r"\b(\d+)-sized (?:mini-?)?batch(?:es)?\b", r"batch size \1"),
    # "a 2-layer LSTM", "single-head attention", "scripts larger than 5 MB"
    *(
        (
            rf"\b(?:an? )?({said})(?:-(layer|head)(?:ed|s)?| (layer)(?! norm)) ((?:[\w-]+ )?[\w-]+)"
            r"(?=$|[,.?!]| (?:on|for|in|with|and|or)\b)",
            rf"\4 with {number} \2\3s",
        )
        for said, number in ((r"\d+|two|three|four|five|six", r"\1"), ("one(?=-)|single", "1"))
    ),
    (
        r"\b(files|scripts|notebooks|configs)((?: that| which)? (?:are|is|have|has))? (?:(?:of|with) )?"
        rf"(?={COMPARING}(?: than)? \d[\d.]* ?[km]b\b)",
        r"\1 of size ",
    ),
    # "models larger than 10M"
    *(
        (
            rf"\b(models?|networks?)(?: (?:that|which))?(?: (?:are|is))? (?:{sizes}) than"
            r" (\d[\d.]*(?:[kmb]| (?:thousand|million|billion)))\b(?: param(?:eter)?s)?"
            r"(?! (?!(?:on|in|for|and|or|with|that)\b)[a-z])",
            rf"\1 with {compared} than \2 parameters",
        )
        for sizes, compared in (("larger|bigger", "more"), ("smaller", "fewer"))
    ),
    # "2024-03 to 2024-05", "March-June 2024", "before 2024-03", "more than two years old", "made 2023-2024"
    (rf"(?<![\w:.-])(?<!from )(?<!between )({_DAY}) ?(?:[-\u2013]|\.\.| to ) ?({_DAY})(?![\w-])", r"between \1 and \2"),
    *(
        (rf"(?<![^\s(])(20[1-3]\d)-{number:02}(?![\w-])", rf"{name} \1")
        for number, name in enumerate(month_name)
        if name
    ),
    (rf"(?<!people )\b(?:more than|over|at least) ({_AGE}) old{_OF_MODELS}", r"older than \1"),
    (rf"(?<!people )\b(?:less than|under|at most|not even) ({_AGE}) old{_OF_MODELS}", r"newer than \1"),
    (
        r"(?:^|(?<=made )|(?<=\bin )|(?<!data )(?<=\bfrom ))(20[1-3]\d) ?[-\u2013] ?(20[1-3]\d)\b",
        r"between \1 and \2",
    ),
    # "the average learning rate", "how many epochs on average"
    (
        r"\b(?:average|mean|median|typical|usual) "
        rf"(?=learning rates?\b|batch(?:es| sizes?)\b|(?:number of )?(?:{COUNTED})(?! per)|dropout)",
        "",
    ),
    (r"^on average,? |,? on average$", ""),
    # "Adam / batch 64", "64 as the batch size", "batch size 32/64"
    (r"(?<=\w) / (?=\w)", ", "),
    (rf"({NUMBER}) as (?:the|an?|its|their) (?=learning rate|lr\b|batch|latent|seed|dropout)", r"\1 as "),
    (r"\b(batch(?: size)?s?|epochs|seeds?) (\d+)/(\d+)(?![\w/])", r"\1 \2 or \3"),
    (rf"\b{RATE} (\d[\d.]*(?:\.|e-)\d+)/(\d[\d.]*(?:\.|e-)\d+)(?![\w/])", r"lr \1 or \2"),
    # "128 is the smallest batch size", "the batch size is a power of two"
    (rf"^({NUMBER}) (?:is|was|being) (?:the|their) (?:smallest|lowest|minimum|minimal) (.+)$", r"\2 at least \1"),
    (rf"^({NUMBER}) (?:is|was|being) (?:the|their) (?:largest|highest|maximum|maximal) (.+)$", r"\2 at most \1"),
    (rf"\b({_EXTENT}) (?:(?:that )?(?:is|are|being|of) )?(?:an? )?powers? of (?:two|2)\b", rf"\1 {_POWERS}"),
)
"""Sizes, ages and averages, and which one of several numbers is meant."""

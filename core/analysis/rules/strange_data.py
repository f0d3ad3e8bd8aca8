"""Tasks over data unlike what was learned from: what is unusual, and what is of another domain."""

from __future__ import annotations

import re

from core.analysis.rules.loss_names import CLASSIFYING
from core.analysis.rules.pictured_places import Answer
from core.analysis.rules.purposes import Purposed


def finding_unusual(model: Purposed) -> Answer | None:
    """What is normal is a class, or how unusual something is, is told: `normal_class`, `anomaly_score`."""
    for body in model.view.bodies:
        if body.speaks_of(_UNUSUAL) or any(map(_UNUSUAL.search, body.parameters)):
            return "anomaly detection", body.place(body.node), "what is normal, or how unusual something is"
    return None


_UNUSUAL = re.compile(r"(^|_)(ab)?normal_class(es)?(_|$)|(^|_)anomal(y|ous)_?(scores?|maps?|class(es)?)(_|$)")


def adapting(model: Purposed) -> Answer | None:
    """Kinds that are told in one domain and carried over to another: where a step is taken, a domain is spoken of and
    what it is the source of, and the target; not where sentences or pictures are made of others."""
    making = "Seq2Seq" in model.families or ("Conditional GAN" in model.families and "l1_loss" in model.losses)
    if CLASSIFYING.isdisjoint(model.losses) or making:
        return None
    for body in model.view.calling("backward", "apply_gradients", "minimize"):
        names = body.spoken.union(map(str.casefold, body.parameters))
        if all(any(map(part.search, names)) for part in _DOMAINS):
            return "domain adaptation", body.place(body.node), "a domain that is the source, and one that is the target"
    return None


_DOMAINS = [re.compile(rf"(^|_){part}(_|$)") for part in ("domains?", "(source|src)", "(target|tgt|trg)")]

"""The law of the world: how many tickets of which kind, how they end, how long it takes, what is
paid. Numbers only; `story.py` draws from them, `truth.py` integrates over them.

Depends on the vocabulary. Promises that both read the same numbers, so the truth is the law's own.

The mix is confounded on purpose: a carrier with many easy tickets looks fast until its mix is
taken into account. Approvals take longer than refusals: who counts decided claims only, too early,
sees too few approvals.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache

from .vocabulary import OUTCOMES, TYPES

CARRIERS = {
    "postnl": 0.30,
    "dhl_de": 0.18,
    "dpd": 0.17,
    "colissimo": 0.11,
    "ups": 0.10,
    "royal_mailv2": 0.08,
    "inpost_pl": 0.06,
}
CURRENCIES = {"royal_mailv2": "GBP", "inpost_pl": "PLN"}  # every other pays in EUR
PER_EURO = {"EUR": 1.0, "GBP": 0.86, "PLN": 4.25}

TYPE_SHARES = {
    "damaged": 0.20,
    "lost": 0.18,
    "delayed": 0.20,
    "delivered_not_received": 0.14,
    "late_delivery": 0.08,
    "address_change": 0.08,
    "unjust_return": 0.06,
    "other_shipping": 0.06,
}
TILT = {
    ("postnl", "delayed"): 2.0,
    ("postnl", "address_change"): 1.5,
    ("postnl", "lost"): 0.6,
    ("colissimo", "lost"): 2.2,
    ("colissimo", "delayed"): 0.5,
    ("dpd", "delivered_not_received"): 1.7,
    ("ups", "damaged"): 1.6,
    ("inpost_pl", "delivered_not_received"): 0.4,
    ("royal_mailv2", "lost"): 1.4,
}

# days: log-normal, the median is a product of three factors
MEDIAN_DAYS = {
    "damaged": 14.5,
    "lost": 17.0,
    "delayed": 7.0,
    "delivered_not_received": 12.5,
    "late_delivery": 8.0,
    "address_change": 0.9,
    "unjust_return": 13.0,
    "other_shipping": 10.0,
}
CARRIER_PACE = {
    "postnl": 0.80,
    "dhl_de": 0.90,
    "dpd": 1.05,
    "ups": 0.95,
    "colissimo": 1.45,
    "royal_mailv2": 1.20,
    "inpost_pl": 1.10,
}
OUTCOME_PACE = {"claim_approved": 1.25, "claim_declined": 0.90}  # every other 0.70
OTHER_PACE = 0.70
SPREAD = 0.80  # sigma of the logarithm
NEVER = 0.02  # share that nobody ever resolves
REOPENED = 0.03  # of those resolved, once
RESOLVED_DAYS, OPEN_AGAIN_DAYS = (0.25, 6.0), (0.25, 5.0)  # then: at least, and more in the mean

# share of tickets of a type that end in a carrier's yes or no, and the logit of the yes
CLAIM_SHARES = {
    "damaged": 0.76,
    "lost": 0.72,
    "delayed": 0.10,
    "delivered_not_received": 0.62,
    "late_delivery": 0.28,
    "address_change": 0.0,
    "unjust_return": 0.55,
    "other_shipping": 0.35,
}
TYPE_LOGIT = {
    "damaged": 0.35,
    "lost": 0.95,
    "delayed": -0.70,
    "delivered_not_received": -0.25,
    "late_delivery": -0.50,
    "address_change": 0.0,
    "unjust_return": 0.15,
    "other_shipping": -0.35,
}
CARRIER_LOGIT = {
    "postnl": 0.45,
    "dhl_de": 0.20,
    "dpd": -0.10,
    "ups": 0.0,
    "colissimo": -0.55,
    "royal_mailv2": -0.20,
    "inpost_pl": 0.10,
}
WITHOUT_RESOLUTION = 0.006  # closed, and the API does not say how
OTHER_ENDS = {
    "damaged": {
        "claim_closed_in_carrier_portal": 0.30,
        "impossible_to_open_claim": 0.25,
        "solved_merchant": 0.30,
        "returned": 0.10,
        "delivered": 0.05,
    },
    "lost": {
        "delivered": 0.45,
        "solved_merchant": 0.18,
        "claim_closed_in_carrier_portal": 0.15,
        "impossible_to_open_claim": 0.12,
        "returned": 0.10,
    },
    "delayed": {
        "delivered": 0.72,
        "solved_merchant": 0.16,
        "returned": 0.08,
        "impossible_to_open_claim": 0.04,
    },
    "delivered_not_received": {
        "delivered": 0.50,
        "solved_merchant": 0.25,
        "impossible_to_open_claim": 0.15,
        "claim_closed_in_carrier_portal": 0.10,
    },
    "late_delivery": {
        "delivered": 0.55,
        "solved_merchant": 0.25,
        "impossible_to_open_claim": 0.15,
        "claim_closed_in_carrier_portal": 0.05,
    },
    "address_change": {
        "address_change_confirmed": 0.52,
        "address_change_requested": 0.18,
        "address_change_declined": 0.14,
        "delivered": 0.09,
        "solved_merchant": 0.05,
        "returned": 0.02,
    },
    "unjust_return": {
        "returned": 0.55,
        "solved_merchant": 0.25,
        "impossible_to_open_claim": 0.10,
        "claim_closed_in_carrier_portal": 0.10,
    },
    "other_shipping": {
        "solved_merchant": 0.50,
        "delivered": 0.20,
        "impossible_to_open_claim": 0.20,
        "claim_closed_in_carrier_portal": 0.10,
    },
}

# money: log-normal in euro, cut off at the cover
MEDIAN_EURO = {
    "damaged": 62.0,
    "lost": 78.0,
    "delayed": 14.0,
    "delivered_not_received": 71.0,
    "late_delivery": 12.0,
    "address_change": 10.0,
    "unjust_return": 24.0,
    "other_shipping": 35.0,
}
AMOUNT_SPREAD = 0.8
COVER_EURO = 500.0
APPROVED_WITHOUT_AMOUNT = 0.06
DECLINED_WITH_ZERO = 0.15
PORTAL_WITH_AMOUNT = 0.08  # paid outside a claim's yes: rare, and not to be lost


def currency(carrier: str) -> str:
    """What a carrier pays in."""
    return CURRENCIES.get(carrier, "EUR")


@lru_cache(maxsize=1)
def kinds() -> dict[tuple[str, str], float]:
    """The share of every (carrier, type) among all tickets."""
    weights = {
        (carrier, type_): share * TYPE_SHARES[type_] * TILT.get((carrier, type_), 1.0)
        for carrier, share in CARRIERS.items()
        for type_ in TYPES
    }
    whole = sum(weights.values())
    return {kind: weight / whole for kind, weight in weights.items()}


@cache
def ends(carrier: str, type_: str) -> dict[str | None, float]:
    """The share of every outcome among the tickets of a kind that are ever resolved."""
    decided = CLAIM_SHARES[type_]
    yes = 1 / (1 + math.exp(-TYPE_LOGIT[type_] - CARRIER_LOGIT[carrier]))
    known = {
        "claim_approved": decided * yes,
        "claim_declined": decided * (1 - yes),
        **{outcome: (1 - decided) * share for outcome, share in OTHER_ENDS[type_].items()},
    }
    shares = {outcome: share * (1 - WITHOUT_RESOLUTION) for outcome, share in known.items()}
    return {
        outcome: WITHOUT_RESOLUTION if outcome is None else shares.get(outcome, 0.0)
        for outcome in OUTCOMES
    }


def median_days(carrier: str, type_: str, outcome: str | None) -> float:
    """Days from creation to first resolution that half of such tickets need, of those resolved."""
    pace = OUTCOME_PACE.get(outcome, OTHER_PACE) if outcome else OTHER_PACE
    return MEDIAN_DAYS[type_] * CARRIER_PACE[carrier] * pace

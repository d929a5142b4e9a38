"""Which statuses a ticket passes on its way, and which documents the carrier asks for.

Depends on the keyed draws. Promises that every status and every data type of the contract can be
met, the rare ones rarely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from .draws import LOTS


@dataclass(frozen=True)
class Step:
    """A status that a ticket may pass: how likely, only after which other, for how long."""

    status: str
    chance: float
    by_type: dict[str, float] = field(default_factory=dict)
    after: str | None = None
    weight: float = 1.0  # share of the way, relative to the other steps


_SCANS = {"delayed": 0.45, "late_delivery": 0.30, "lost": 0.40, "delivered_not_received": 0.20}
_DISPUTES = {"delivered_not_received": 0.50, "late_delivery": 0.25}
_DOCUMENTS = {
    "damaged": 0.70,
    "lost": 0.55,
    "delivered_not_received": 0.50,
    "unjust_return": 0.35,
    "late_delivery": 0.20,
    "delayed": 0.12,
    "address_change": 0.05,
}

STEPS = (
    Step("unknown", 0.004, weight=0.2),
    Step("processing", 0.90, weight=0.2),
    Step("hold", 0.03, weight=0.8),
    Step("waiting_for_scan", 0.05, _SCANS),
    Step("new_scan_received", 0.45, after="waiting_for_scan", weight=0.3),
    Step("delayed", 0.02, {"delayed": 0.35, "late_delivery": 0.25}),
    Step("delivered_scan_received", 0.02, _DISPUTES, weight=0.4),
    Step("delivery_confirmation_requested", 0.01, _DISPUTES, weight=0.8),
    Step("delivery_confirmation_rejected", 0.35, after="delivery_confirmation_requested"),
    Step("communicated_to_carrier", 0.92, weight=0.4),
    Step("waiting_for_carrier", 0.85, weight=2.5),
    Step("customer_documents_requested", 0.30, _DOCUMENTS, weight=1.2),
    Step("customer_reminder_sent", 0.40, after="customer_documents_requested", weight=0.8),
    Step("waiting_for_customer", 0.20, after="customer_documents_requested", weight=0.6),
    Step("documents_forwarded_to_carrier", 0.92, after="customer_documents_requested", weight=0.5),
    Step("waiting_for_carrier", 0.60, after="documents_forwarded_to_carrier", weight=2.0),
    Step("action_required", 0.07, weight=0.8),
    Step("carrier_reminder_sent", 0.35, weight=1.2),
    Step("escalated", 0.08, weight=1.5),
    Step("escalated_ava", 0.35, after="escalated", weight=1.5),
    Step("smart_refund_available", 0.05, weight=0.8),
    Step("smart_refund_update", 0.50, after="smart_refund_available", weight=0.4),
    Step("carrier_update_received", 0.70, weight=0.6),
)
FIRST = Step("pending", 1.0, weight=0.3)

ASKING = frozenset({"customer_documents_requested", "action_required"})
ANSWERING = ASKING | {"customer_reminder_sent", "waiting_for_customer"}

# how an outcome shows as a status, the first far more often
LAST = {
    "claim_approved": ("claim_paid", "solved"),
    "claim_declined": ("closed", "solved"),
    "claim_closed_in_carrier_portal": ("closed", "manually_solved"),
    "delivered": ("solved_by_automation", "solved"),
    "returned": ("solved_by_automation", "solved"),
    "solved_merchant": ("manually_solved", "closed"),
    "address_change_confirmed": ("solved_by_automation", "solved"),
    "address_change_declined": ("closed", "solved_by_automation"),
    "address_change_requested": ("solved", "solved_by_automation"),
    "impossible_to_open_claim": ("closed", "manually_solved"),
    None: ("closed", "closed"),
}

_CLAIM_PAPERS = ("sales_invoice", "purchase_invoice", "description_of_contents", "claim_letter")
_PAPERS = {
    "damaged": ("damage_photo", "exterior_photo", "interior_photo", *_CLAIM_PAPERS, "sales_data"),
    "lost": (*_CLAIM_PAPERS, "sales_data", "carrier_claims_form"),
    "delivered_not_received": ("customer_confirmation", *_CLAIM_PAPERS, "carrier_claims_form"),
    "unjust_return": ("sales_invoice", "exterior_photo", "other"),
    "late_delivery": ("sales_data", "other"),
    "delayed": ("description_of_contents", "other"),
    "address_change": ("customer_confirmation", "other"),
    "other_shipping": ("other", "interior_photo", "sales_data"),
}


def way(type_: str, lots: Sequence[int]) -> list[Step]:
    """The open statuses of such a ticket in their order, from `pending` on."""
    steps, met = [FIRST], {FIRST.status}
    for (limit, step), lot in zip(_limits(type_), lots, strict=False):
        if lot < limit and (step.after is None or step.after in met):
            steps.append(step)
            met.add(step.status)
    return steps


def papers(type_: str, count: float, choice: float) -> list[str]:
    """The documents that a carrier asks for at once: one to three different ones."""
    known = _PAPERS[type_]
    first = int(choice * len(known))
    number = min(1 + int(count * 3), len(known))
    return [known[(first + step) % len(known)] for step in range(number)]


@cache
def _limits(type_: str) -> list[tuple[float, Step]]:
    return [(step.by_type.get(type_, step.chance) * LOTS, step) for step in STEPS]

"""Values the vendor documents for the enumerated fields, and a count of those it does not.

Depends on `tickets` for the shape only. An unknown value is loaded like any other; it is counted,
so that a run can say once that a new one has appeared. Source of the lists: the vendor's OpenAPI,
https://sendcloud.dev/api/v3/support/retrieve-a-support-ticket (28 statuses, 5 stages, 8 types,
10 outcomes, 11 data types).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from .tickets import Ticket

STATUSES = frozenset(
    "action_required carrier_reminder_sent carrier_update_received claim_paid closed "
    "communicated_to_carrier customer_documents_requested customer_reminder_sent delayed "
    "delivered_scan_received delivery_confirmation_rejected delivery_confirmation_requested "
    "documents_forwarded_to_carrier escalated escalated_ava hold manually_solved "
    "new_scan_received pending processing smart_refund_available smart_refund_update solved "
    "solved_by_automation unknown waiting_for_carrier waiting_for_customer "
    "waiting_for_scan".split()
)
STAGES = frozenset(
    "in_progress action_required manually_solved_stage solved_by_automation_stage unknown".split()
)
TYPES = frozenset(
    "address_change damaged delayed delivered_not_received late_delivery lost other_shipping "
    "unjust_return".split()
)
OUTCOMES = frozenset(
    "claim_approved claim_declined claim_closed_in_carrier_portal delivered returned "
    "solved_merchant address_change_confirmed address_change_declined address_change_requested "
    "impossible_to_open_claim".split()
)
DATA_TYPES = frozenset(
    "claim_letter sales_invoice sales_data purchase_invoice description_of_contents "
    "customer_confirmation exterior_photo interior_photo damage_photo carrier_claims_form "
    "other".split()
)
KNOWN = {
    "status": STATUSES,
    "stage": STAGES,
    "type": TYPES,
    "resolution.outcome": OUTCOMES,
    "requested_actions.data_type": DATA_TYPES,
}
MOST_NAMED = 10
IDENTIFIER = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class UnknownValues:
    """Values that the contract does not list, by field, with the tickets that have them."""

    def __init__(self) -> None:
        self.tickets: defaultdict[tuple[str, str], set[int]] = defaultdict(set)

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        """Distinct tickets by field and value."""
        return {found: len(tickets) for found, tickets in self.tickets.items()}

    def add(self, ticket: Ticket) -> None:
        """Look at the enumerated fields of one ticket; a second look counts nothing twice."""
        for field, value in _enumerated(ticket):
            if value not in KNOWN[field]:
                self.tickets[field, value].add(ticket["id"])

    def sentences(self) -> list[str]:
        """One sentence for each unknown value, with its count; of many, the most frequent ones."""
        often = sorted(self.counts.items(), key=lambda each: (-each[1], each[0]))
        more = len(often) - MOST_NAMED
        rest = [f"{more} more unknown values, loaded as they came."] if more > 0 else []
        return [*self._named(sorted(often[:MOST_NAMED])), *rest]

    def _named(self, counts: list[tuple[tuple[str, str], int]]) -> list[str]:
        return [
            f"Unknown {field} {_shown(value)}: {count} "
            f"{'ticket' if count == 1 else 'tickets'}, loaded as it came."
            for (field, value), count in counts
        ]


def _enumerated(ticket: Ticket) -> Iterator[tuple[str, str]]:
    yield "status", ticket["status"]
    yield "stage", ticket["stage"]
    if ticket["type"] is not None:
        yield "type", ticket["type"]
    if ticket["resolution"] is not None:
        yield "resolution.outcome", ticket["resolution"]["outcome"]
    for action in ticket["requested_actions"]:
        yield "requested_actions.data_type", action["data_type"]


def _shown(value: str) -> str:
    """A new enum value is an identifier; anything else might be a person's words."""
    return repr(value) if IDENTIFIER.fullmatch(value) else f"(text of {len(value)} characters)"

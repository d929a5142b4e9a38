"""The words of the contract as this room reads them, and what this room takes them to mean.

Depends on nothing: a second reading of the API, on purpose not shared with the connector.
`tests/simulator` compares it with the vendor's OpenAPI document.
"""

from __future__ import annotations

# every status with the stage that it stands in; the vendor documents the words, not the pairs, and
# shows two of them: pending -> in_progress, claim_paid -> manually_solved_stage
STAGES = {
    "pending": "in_progress",
    "processing": "in_progress",
    "hold": "in_progress",
    "waiting_for_scan": "in_progress",
    "new_scan_received": "in_progress",
    "delayed": "in_progress",
    "delivered_scan_received": "in_progress",
    "delivery_confirmation_requested": "action_required",
    "delivery_confirmation_rejected": "in_progress",
    "communicated_to_carrier": "in_progress",
    "waiting_for_carrier": "in_progress",
    "carrier_reminder_sent": "in_progress",
    "carrier_update_received": "in_progress",
    "documents_forwarded_to_carrier": "in_progress",
    "customer_documents_requested": "action_required",
    "customer_reminder_sent": "action_required",
    "waiting_for_customer": "action_required",
    "action_required": "action_required",
    "escalated": "in_progress",
    "escalated_ava": "in_progress",
    "smart_refund_available": "action_required",
    "smart_refund_update": "in_progress",
    "unknown": "unknown",
    "claim_paid": "manually_solved_stage",
    "manually_solved": "manually_solved_stage",
    "solved": "manually_solved_stage",
    "closed": "manually_solved_stage",
    "solved_by_automation": "solved_by_automation_stage",
}
STATUSES = tuple(STAGES)
CLOSED = frozenset({"claim_paid", "manually_solved", "solved", "closed", "solved_by_automation"})

TYPES = (
    "damaged",
    "lost",
    "delayed",
    "delivered_not_received",
    "late_delivery",
    "address_change",
    "unjust_return",
    "other_shipping",
)

# outcomes by the group in which analysts count them; None is a closed ticket without a resolution
OUTCOME_GROUPS: dict[str | None, str] = {
    "claim_approved": "claim_approved",
    "claim_declined": "claim_declined",
    "delivered": "delivered_or_returned",
    "returned": "delivered_or_returned",
    "address_change_confirmed": "address_change",
    "address_change_declined": "address_change",
    "address_change_requested": "address_change",
    "claim_closed_in_carrier_portal": "other",
    "solved_merchant": "other",
    "impossible_to_open_claim": "other",
    None: "unknown",
}
OUTCOMES = tuple(OUTCOME_GROUPS)
GROUPS = tuple(dict.fromkeys(OUTCOME_GROUPS.values()))

DATA_TYPES = (
    "claim_letter",
    "sales_invoice",
    "sales_data",
    "purchase_invoice",
    "description_of_contents",
    "customer_confirmation",
    "exterior_photo",
    "interior_photo",
    "damage_photo",
    "carrier_claims_form",
    "other",
)

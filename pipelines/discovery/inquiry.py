"""The inquiry: all questions in their order, each answer kept without a ticket in it.

Depends on the other modules of this room and the source's client. Promises to ask with GET alone,
about twenty times, at the client's pace.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sources.sendcloud_support import PAGE_SIZE, TicketNotFoundError
from sources.sendcloud_support.api import Page, Probe, SupportClient, probe
from sources.sendcloud_support.planning import ORDERS, Order, agreeing, describe

from .bounds import ask_bound
from .findings import Findings, Verdict
from .names import TIMES, VALUES, Known, ask_control, ask_time, ask_value
from .pages import ask_actions, ask_largest_size, ask_past_the_end

LIKELY = "customer_documents_requested"
"""A documented status in which a ticket is likely to have requested actions."""


def discover(client: SupportClient, first: Page, now: datetime) -> Findings:
    """Find out what can be found out, from the first page on, which was read already."""
    return Inquiry(client, first, now).run()


class Inquiry:
    """One inquiry and what it knows so far."""

    def __init__(self, client: SupportClient, first: Page, now: datetime) -> None:
        self.client, self.first, self.now = client, first, now
        self.seen: dict[int, dict[str, Any]] = {}
        self.findings = Findings(has_counts=first.total is not None, is_empty=first.is_empty)

    def run(self) -> Findings:
        """Ask everything; of an account without tickets nothing can be told."""
        if not self.findings.is_empty:
            self._look_at_pages()
            self._look_for_filters()
            self._look_for_actions()
        self.findings.requests = self.client.requests
        self.findings.throttled = self.client.throttled
        return self.findings

    def _look_at_pages(self) -> None:
        pages = self.first.pages or 1
        self.samples = [self.first]
        if pages > 1:
            self.samples.append(self.client.page(pages)[0])
        orders: tuple[Order, ...] = ORDERS
        for page in self.samples:
            orders = agreeing(orders, page.items)
        self.findings.order = describe(orders)
        largest = ask_largest_size(self._ask)
        self.findings.largest_size, self.findings.above_largest = largest
        if self.first.pages is not None:
            self.findings.past_the_end = ask_past_the_end(self._ask, pages)

    def _look_for_filters(self) -> None:
        known = ask_control(self._ask, self.first.total)
        self.findings.unknown_names = _told(known)
        if known.tells_nothing:
            return
        for name in TIMES:
            verdict, takes_days_only, answer = ask_time(self._ask, known, name)
            self._keep(name, verdict, answer)
            if verdict is Verdict.FILTER:
                sample = [dict(item) for page in self.samples for item in page.items]
                self.findings.bounds[name] = ask_bound(self._ask, name, sample, takes_days_only)
        for name in VALUES:
            self._keep(name, *ask_value(self._ask, known, name))

    def _look_for_actions(self) -> None:
        """On every ticket that any answer held, and on those likely to have some."""
        if self.findings.names.get("status") is Verdict.FILTER:
            self._ask(status=LIKELY)
        for page in self.samples:
            self.seen |= {item["id"]: dict(item) for item in page.items}
        self.findings.actions = ask_actions(self.seen.values(), self.now, self._detail)

    def _keep(self, name: str, verdict: Verdict, answer: Probe) -> None:
        self.findings.names[name] = verdict
        if not answer.is_ok:
            error = f" ({answer.error})" if answer.error else ""
            self.findings.details[name] = f"HTTP {answer.status}{error}"

    def _ask(self, about: str = "", **parameters: Any) -> Probe:
        answer = probe(self.client, {"page": 1, "size": PAGE_SIZE} | parameters, about)
        self.seen |= {item["id"]: dict(item) for item in answer.items}
        self.findings.headers = tuple(sorted({*self.findings.headers, *answer.headers}))
        return answer

    def _detail(self, ticket_id: int) -> dict[str, Any] | None:
        try:
            ticket, _ = self.client.ticket(ticket_id)
        except TicketNotFoundError:
            return None
        return ticket if isinstance(ticket, dict) else None


def _told(known: Known) -> str:
    if known.refuses_unknown:
        return f"refused, HTTP {known.control.status} ({known.control.error})"
    if known.tells_nothing:
        return "not ignored: no ticket came, so no name can be told"
    return "ignored"

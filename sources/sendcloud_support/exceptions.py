"""Errors of the connector, one class for each thing that can be done next.

    SendcloudError
    ├── GiveUpError                 asking again gives the same answer
    │   ├── AccessError             credentials refused, or no access to the beta
    │   ├── RefusedError            400, 404, … for this very request; others may be answered
    │   └── AnswerError             the API answered something that cannot be trusted
    ├── TryLaterError               the API was there and could not answer now
    │   ├── ThrottledError          429: too many requests on this key
    │   └── UnavailableError        5xx, reset, timeout, cut or unreadable body
    ├── WrongClockError             a clock is, or was, far from the right time
    ├── UnreadableTableError        a table of the warehouse is there and cannot be read
    └── SkipTicketError             this ticket cannot be had, the others can
        └── TicketNotFoundError     404 of the detail endpoint

A message says what was asked, what came back and what to do. It never holds a secret, the body
of an answer, or a ticket's content.
"""

from __future__ import annotations


class SendcloudError(Exception):
    """Base of everything this connector raises on purpose.

    `status` is the HTTP status that was answered, None where none was.
    """

    status: int | None = None


class GiveUpError(SendcloudError):
    """Asking again gives the same answer: somebody has to change something."""


class AccessError(GiveUpError):
    """401 after renewal, 403, or a token that the token host does not grant."""


class RefusedError(GiveUpError):
    """A status that belongs to this request alone: a page out of reach, a ticket not given."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class AnswerError(GiveUpError):
    """A page or a ticket that contradicts the contract or the request: loading it would lie."""


class TryLaterError(SendcloudError):
    """The API could not answer now; the same request may succeed later."""

    def __init__(self, message: str, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class ThrottledError(TryLaterError):
    """429. `wait_seconds` is what the answer asked for: `Retry-After`, else the window it names."""


class UnavailableError(TryLaterError):
    """5xx, a refused or reset connection, a timeout, a body that is cut or unreadable."""


class SkipTicketError(SendcloudError):
    """One ticket cannot be had; the rest of the run goes on."""


class TicketNotFoundError(SkipTicketError):
    """The API answered 404 for this id: it does not exist, or not for this organization."""


class WrongClockError(SendcloudError):
    """This machine's clock, or one that dated what is held, is far from the right time."""


class UnreadableTableError(SendcloudError):
    """A table is there and cannot be read: to take it for empty would read everything anew."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The warehouse has a table {name}, but it cannot be read. Nothing was read from the "
            "API or changed. If it is a view or a foreign table, mend what it shows; if not, "
            "restore it from a copy, or drop it: then everything is read again."
        )

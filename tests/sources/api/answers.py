"""Answers that the API and its gateways give, and what no message may repeat of them."""

from __future__ import annotations

from base64 import b64encode

from tests.sources.conftest import PUBLIC, SECRET, SECRETS, envelope, ticket

BASIC = f"Basic {b64encode(f'{PUBLIC}:{SECRET}'.encode()).decode()}"
PAGE = {"json": envelope(ticket())}
HTML = "<!DOCTYPE html><html><body>Bad gateway, ask Jane Doe</body></html>"
BODY_WORDS = "Jane Doe of ORD-2026-5678"


def errors(code: str, status: int) -> dict[str, object]:
    entry = {"code": code, "detail": BODY_WORDS, "title": BODY_WORDS, "status": status}
    return {"errors": [entry]}


def check_discretion(error: BaseException) -> None:
    """No secret and nothing of the body: not in the message, not in what it was raised from."""
    seen = set()
    chain: BaseException | None = error
    while chain is not None and id(chain) not in seen:
        seen.add(id(chain))
        for words in (*SECRETS, "Jane", "ORD-2026", b64encode(SECRET.encode()).decode()):
            assert words not in f"{chain} {chain!r} {chain.args}"
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)

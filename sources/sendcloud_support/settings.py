"""Values that more than one module of the connector needs, with their source.

Facts are from the vendor's pages (https://sendcloud.dev/api/v3/support), 2026.
"""

from __future__ import annotations

SOURCE_NAME = "sendcloud_support"
"""Name of the dlt source and of its schema."""

BASE_URL = "https://panel.sendcloud.sc/api/v3"
TOKEN_URL = "https://account.sendcloud.com/oauth2/token"  # noqa: S105 (an address, no secret)
SCOPES_PAGE = "https://sendcloud.dev/api/v3/scopes"
TICKETS_PATH = "dsf/tickets"

SCOPE = "api"
"""The one scope of the authentication page; the scopes page has finer ones since."""

PAGE_SIZE = 20
"""The largest `size` the list endpoint documents (1..20, default 15)."""

REQUESTS_PER_MINUTE = 30
"""The limit that the Support API's 429 answer names: "30 per 1 minute"."""

"""What is asked of the API and how: client, pages, credentials, transport, pace and patience.

Depends on `records` for what a ticket is.
"""

from __future__ import annotations

from .client import SupportClient
from .configuration import SupportConfiguration, account_section, read_configuration
from .credentials import SendcloudCredentials
from .failures import NotFoundError
from .pages import Page, read_detail, read_page, read_ticket
from .probing import Probe, probe
from .pseudonyms import Pseudonyms

__all__ = [
    "NotFoundError",
    "Page",
    "Probe",
    "Pseudonyms",
    "SendcloudCredentials",
    "SupportClient",
    "SupportConfiguration",
    "account_section",
    "probe",
    "read_configuration",
    "read_detail",
    "read_page",
    "read_ticket",
]

"""Accounts: whose tickets are loaded, with which keys, and where they are kept.

Depends on the warehouse, on failures and on dlt's configuration, which tells accounts by names.
"""

from __future__ import annotations

from .account import Account
from .configured import (
    account_of_all,
    configured_account,
    configured_accounts,
    marts_of_all,
    only_account,
)
from .rounds import ENDINGS, go_round, worst

__all__ = [
    "ENDINGS",
    "Account",
    "account_of_all",
    "configured_account",
    "configured_accounts",
    "go_round",
    "marts_of_all",
    "only_account",
    "worst",
]

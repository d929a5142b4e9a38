"""Answers that wait: which journal is this account's, on this warehouse.

Depends on `account`, `journal` and `places`. Promises that a run with other keys neither loads nor
loses what waits for another account, that renewed keys go on with what waits for the old ones, and
that a journal of the version before, which kept one for all warehouses, is gone on with where it
belongs.
"""

from __future__ import annotations

import dlt

from sources.sendcloud_support import SupportConfiguration
from sources.sendcloud_support.holdings import Claim, Journal

from .places import (
    FORMER_JOURNAL,
    fingerprint,
    former_fingerprint,
    former_folder,
)
from .warehouse import PIPELINE, own_folder


def open_journal(
    pipeline: dlt.Pipeline, configuration: SupportConfiguration, claim: Claim
) -> Journal:
    """The journal of the claim's account, with what waited for it elsewhere."""
    folder = own_folder(pipeline) / "journal"
    here = fingerprint(pipeline.destination, pipeline.dataset_name)
    before = former_owner(pipeline, configuration)
    renewed = [f"{claim.former} {here}"] if claim.former else []
    journal = Journal(folder / claim.identity[:16], f"{claim.identity} {here}", [before, *renewed])
    if claim.former:
        journal.adopt(folder / claim.former[:16])
    journal.adopt(former_folder(own_folder(pipeline), PIPELINE) / FORMER_JOURNAL)
    if claim.is_settled and not claim.is_free:
        drop_others(journal)
    return journal


def drop_others(journal: Journal) -> None:
    """The warehouse holds this account's tickets: what waits for another can never be loaded."""
    for other in journal.path.parent.glob("*"):
        if other != journal.path:
            other.unlink(missing_ok=True)


def former_owner(pipeline: dlt.Pipeline, configuration: SupportConfiguration) -> str:
    """How versions before this one named the owner of a journal."""
    account = f"{configuration.base_url} {configuration.credentials.identity}"
    return f"{account} {former_fingerprint(pipeline.destination, pipeline.dataset_name)}"

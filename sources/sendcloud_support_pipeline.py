"""Loads Sendcloud support tickets, incrementally, with their requests, resolutions and histories.

Run it as it is, as often as you like. Keys are read from `.dlt/secrets.toml`;
sendcloud_support/README.md tells where to get them.
"""

import dlt
from sendcloud_support import sendcloud_support


def open_pipeline() -> dlt.Pipeline:
    """Any name, dataset and SQL destination will do."""
    return dlt.pipeline(
        pipeline_name="sendcloud_support", destination="duckdb", dataset_name="sendcloud"
    )


def load_tickets() -> None:
    """First everything, later what is new or may have changed; once a week everything again."""
    print(open_pipeline().run(sendcloud_support()))


def load_everything_again() -> None:
    """A complete sweep: marks what the API no longer has."""
    print(open_pipeline().run(sendcloud_support(full=True)))


def load_for_ten_minutes() -> None:
    """A part of it: the next run goes on from there."""
    print(open_pipeline().run(sendcloud_support(max_minutes=10)))


def load_claims_only() -> None:
    """Lost and damaged parcels. A filtered run proves nothing, so each reads the whole list."""
    source = sendcloud_support()
    source.tickets.add_filter(lambda ticket: ticket["type"] in ("lost", "damaged"))
    print(open_pipeline().run(source))


if __name__ == "__main__":
    load_tickets()

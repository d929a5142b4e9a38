"""Loads Sendcloud support tickets with their outstanding requests and resolutions.

Run it as it is, or let the last line call `load_claims_only`. Keys are read from
`.dlt/secrets.toml`; sendcloud_support/README.md tells where to get them.
"""

import dlt
from sendcloud_support import create_all_tables, sendcloud_support


def load_all_tickets() -> None:
    """Every ticket of the organization, merged on its id: safe to run as often as you like."""
    pipeline = dlt.pipeline(
        pipeline_name="sendcloud_support", destination="duckdb", dataset_name="sendcloud"
    )
    create_all_tables(pipeline)
    print(pipeline.run(sendcloud_support()))


def load_claims_only() -> None:
    """Tickets about lost and damaged parcels; the API is read to its end all the same."""
    pipeline = dlt.pipeline(
        pipeline_name="sendcloud_support", destination="duckdb", dataset_name="sendcloud"
    )
    create_all_tables(pipeline)
    source = sendcloud_support()
    source.tickets.add_filter(lambda ticket: ticket["type"] in ("lost", "damaged"))
    print(pipeline.run(source))


if __name__ == "__main__":
    load_all_tickets()

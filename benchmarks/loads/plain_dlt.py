"""dlt's own rest_api source, configured as its documentation shows: every page, merged on the id.

Depends on dlt alone. Nested tables are as dlt makes them, files are jsonl (its default for DuckDB,
insert_values, needs gigabytes). Run as `python -m benchmarks.loads.plain_dlt BASE_URL FILE`.
"""

from __future__ import annotations

import sys

import dlt
from dlt.sources.rest_api import RESTAPIConfig, rest_api_source

KEYS = {"type": "http_basic", "username": "public", "password": "secret"}


def configuration(base_url: str) -> RESTAPIConfig:
    """One resource, pages counted by the answer."""
    return {
        "client": {
            "base_url": base_url,
            "auth": KEYS,  # type: ignore[typeddict-item]
            "paginator": {"type": "page_number", "base_page": 1, "total_path": "pages"},
        },
        "resources": [
            {
                "name": "tickets",
                "primary_key": "id",
                "write_disposition": "merge",
                "endpoint": {
                    "path": "dsf/tickets",
                    "params": {"size": 20},
                    "data_selector": "items",
                },
            }
        ],
    }


def main(base_url: str, file: str) -> None:
    """Read and merge."""
    pipeline = dlt.pipeline(
        "plain", destination=dlt.destinations.duckdb(file), dataset_name="plain_sendcloud"
    )
    pipeline.run(rest_api_source(configuration(base_url)), loader_file_format="jsonl")


if __name__ == "__main__":
    main(*sys.argv[1:])

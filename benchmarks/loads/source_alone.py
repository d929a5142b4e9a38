"""The source alone, in a dlt pipeline of somebody's own, as its guide shows it.

Depends on the source, and on nothing of `pipelines`. Run as
`python -m benchmarks.loads.source_alone BASE_URL FILE`.
"""

from __future__ import annotations

import sys

import dlt

from sources.sendcloud_support import SendcloudCredentials, sendcloud_support

KEYS = {"public_key": "public", "secret_key": "secret"}


def main(base_url: str, file: str) -> None:
    """One `pipeline.run`."""
    pipeline = dlt.pipeline(
        "alone", destination=dlt.destinations.duckdb(file), dataset_name="alone_sendcloud"
    )
    credentials = SendcloudCredentials(**KEYS)
    pipeline.run(sendcloud_support(credentials, base_url, requests_per_minute=0))


if __name__ == "__main__":
    main(*sys.argv[1:])

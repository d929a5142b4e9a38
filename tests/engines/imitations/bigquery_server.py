"""An imitation of BigQuery, which finds its extension of DuckDB among its packages.

Run by the interpreter of BigQuery's environment: `python -P bigquery_server.py FOLDER`. Prints its
port. bqemulator runs BigQuery's SQL on a DuckDB in memory and speaks its protocol over REST, so
that Google's own client is used.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import duckdb
import duckdb_extension_spatial  # type: ignore[import-not-found]


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def main() -> None:
    """Serve until the process is ended."""
    os.environ["HOME"] = sys.argv[1]
    packages = Path(duckdb_extension_spatial.__file__).parent
    [extension] = packages.rglob("spatial.duckdb_extension")
    duckdb.execute(f"install '{extension}'")
    from bqemulator.cli import main as serve  # type: ignore[import-not-found]

    rest, grpc = free_port(), free_port()
    sys.stdout.write(f"{rest}\n")
    sys.stdout.flush()
    ports = ["--rest-port", str(rest), "--grpc-port", str(grpc)]
    serve(["start", *ports, "--log-level", "error"])


main()

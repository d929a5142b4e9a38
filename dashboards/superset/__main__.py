"""`python -m dashboards.superset`: writes the bundle for a warehouse.

Depends on the bundle. Promises to write one file and to ask no database.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import Bundle, BundleError


def main() -> int:
    """Write the bundle that the options ask for; gives the exit code."""
    options = _options().parse_args()
    address = options.database or f"duckdb:///{Path('sendcloud_support.duckdb').absolute()}"
    try:
        Bundle(address, options.schema).write(options.out)
    except (BundleError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2 if isinstance(error, BundleError) else 1
    sys.stdout.write(f"{options.out}: the dashboard over schema {options.schema} of {address}.\n")
    return 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dashboards.superset", description=__doc__)
    parser.add_argument(
        "--database",
        metavar="ADDRESS",
        help="SQLAlchemy's address of the warehouse without password, as Superset reaches it "
        "(default: sendcloud_support.duckdb in this folder)",
    )
    parser.add_argument("--schema", default=Bundle.schema, help="of the marts (%(default)s)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("sendcloud_superset.zip"),
        help="the file to write (%(default)s)",
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())

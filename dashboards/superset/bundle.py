"""The dashboard as the bundle that Superset imports: the files of its own export, in a zip.

Depends on PyYAML. Promises the same bytes for the same options, ids that stay when a tile changes,
other ids for another schema (so that the dashboards of two accounts stand beside each other), and
no password.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import yaml

from .datasets import dataset
from .layout import TITLE, position, settings
from .tiles import TILES, Tile

VERSION = "1.0.0"
MOMENT = "2026-11-30T00:00:00+00:00"
FOLDER = "sendcloud_dashboard"
TOGETHER = "sendcloud_accounts_marts"
NAME = re.compile(r"[a-z_][a-z0-9_]*")

Files = dict[str, dict[str, Any]]


class BundleError(ValueError):
    """The bundle cannot be made of these options."""


@dataclass(frozen=True)
class Bundle:
    """What the dashboard reads: SQLAlchemy's address of a database, and the marts' schema there.

    Raises:
        BundleError: the address has a password, or the schema is none that tiles can be read from.
    """

    address: str
    schema: str = "sendcloud_marts"

    def __post_init__(self) -> None:
        if urlsplit(self.address).password:
            raise BundleError(
                "The address of the database has a password, which the bundle would tell "
                "everybody who has it. Leave it out, and give it to Superset after the import."
            )
        if not NAME.fullmatch(self.schema):
            raise BundleError(f"{self.schema!r} is no schema of marts: small letters, digits, _.")
        if self.schema == TOGETHER:
            raise BundleError(
                f"{TOGETHER} holds the marts of several accounts, which the tiles would add up. "
                "Make a bundle for each account's own schema."
            )

    def identify(self, kind: str, name: str = "") -> str:
        """The id of a thing of this bundle, always the same."""
        return str(uuid5(NAMESPACE_URL, f"sendcloud-support-tickets/{self.schema}/{kind}/{name}"))

    def files(self) -> Files:
        """What is in the bundle, by path."""
        return {
            "metadata.yaml": {"version": VERSION, "type": "Dashboard", "timestamp": MOMENT},
            "databases/sendcloud.yaml": self._database(),
            **{f"datasets/sendcloud/{tile.name}.yaml": self._dataset(tile) for tile in TILES},
            **{f"charts/{tile.name}.yaml": self._chart(tile) for tile in TILES},
            "dashboards/sendcloud.yaml": self._dashboard(),
        }

    def write(self, path: Path) -> None:
        """Write the zip."""
        with ZipFile(path, "w", ZIP_DEFLATED) as zipped:
            for name, content in self.files().items():
                text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
                zipped.writestr(ZipInfo(f"{FOLDER}/{name}", (2026, 11, 30, 0, 0, 0)), text)

    @property
    def _suffix(self) -> str:
        return "" if self.schema == Bundle.schema else f" ({self.schema})"

    def _database(self) -> dict[str, Any]:
        """A DuckDB file is opened for reading only, so that it is never kept from a sync."""
        arguments = {"read_only": True} if self.address.startswith("duckdb:") else {}
        return {
            "database_name": f"Sendcloud warehouse{self._suffix}",
            "sqlalchemy_uri": self.address,
            "expose_in_sqllab": True,
            "allow_run_async": False,
            "allow_ctas": False,
            "allow_cvas": False,
            "allow_dml": False,
            "allow_csv_upload": False,
            "extra": {
                "metadata_params": {},
                "engine_params": {"connect_args": arguments} if arguments else {},
                "metadata_cache_timeout": {},
                "schemas_allowed_for_csv_upload": [],
            },
            "uuid": self.identify("database"),
            "version": VERSION,
        }

    def _dataset(self, tile: Tile) -> dict[str, Any]:
        return {
            **dataset(tile, self.schema),
            "uuid": self.identify("dataset", tile.name),
            "version": VERSION,
            "database_uuid": self.identify("database"),
        }

    def _chart(self, tile: Tile) -> dict[str, Any]:
        form = {"viz_type": tile.chart.viz_type, **tile.chart.form, "adhoc_filters": _filters(tile)}
        return {
            "slice_name": tile.title,
            "description": tile.says,
            "viz_type": tile.chart.viz_type,
            "params": form,
            "cache_timeout": None,
            "uuid": self.identify("chart", tile.name),
            "version": VERSION,
            "dataset_uuid": self.identify("dataset", tile.name),
        }

    def _dashboard(self) -> dict[str, Any]:
        return {
            "dashboard_title": f"{TITLE}{self._suffix}",
            "description": "Made from transform/tiles by `python -m dashboards.superset`.",
            "css": "",
            "slug": self.schema.replace("_", "-"),
            "published": True,
            "uuid": self.identify("dashboard"),
            "position": position(self.identify),
            "metadata": settings(self.identify),
            "version": VERSION,
        }


def _filters(tile: Tile) -> list[dict[str, Any]]:
    if tile.above_zero is None:
        return []
    return [
        {
            "expressionType": "SIMPLE",
            "clause": "WHERE",
            "subject": tile.above_zero,
            "operator": ">",
            "comparator": 0,
        }
    ]

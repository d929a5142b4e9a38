"""A warehouse that is an imitation of BigQuery, for tests."""

from __future__ import annotations

import json
import re
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest

from simulator import Service
from tests.engines.outside import Outside
from tests.pipelines.warehouses import Done, Rows

ADDRESS = "DESTINATION__WAREHOUSE__CREDENTIALS"
AS_NOBODY = "from tests.engines.imitations.bigquery_warehouse import as_nobody; as_nobody()"
TABLE = re.compile(r"\bfrom (\w+)")


def as_nobody() -> None:
    """From now on dlt shows no credentials, for which a service would be asked."""
    from dlt.common.configuration.specs import gcp_credentials
    from google.auth.credentials import AnonymousCredentials

    kinds: Any = gcp_credentials.GcpServiceAccountCredentialsWithoutDefaults
    kinds.to_native_credentials = lambda _: AnonymousCredentials()


class BigQuery(Outside):
    """One project of the imitation."""

    def __init__(
        self, service: Service, folder: Path, port: int, packages: Path, **settings: Any
    ) -> None:
        super().__init__(service, folder, port, packages, **settings)
        self.project = f"test-{uuid4().hex[:12]}"

    def rows(self, sql: str, *values: Any) -> Rows:
        """Rows of a query over dataset `sendcloud`, by Google's own client."""
        from google.auth.credentials import AnonymousCredentials  # type: ignore[import-not-found]
        from google.cloud import bigquery  # type: ignore[import-not-found]

        assert not values
        sql = TABLE.sub(rf"from `{self.project}.sendcloud.\1`", sql)
        with closing(bigquery.Client(self.project, AnonymousCredentials())) as client:
            return [tuple(row.values()) for row in client.query(sql).result()]

    def tables(self) -> list[str]:
        """The tables of the dataset and of its staging."""
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        with closing(bigquery.Client(self.project, AnonymousCredentials())) as client:
            return [
                table.table_id
                for dataset in client.list_datasets()
                for table in client.list_tables(dataset.dataset_id)
            ]

    def environment(self) -> dict[str, str]:
        """As elsewhere, and where the imitation is."""
        return super().environment() | {"BIGQUERY_EMULATOR_HOST": self.host}

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cli(self, *arguments: str, script: str = "", **options: Any) -> Done:
        """As elsewhere, as nobody."""
        return super().cli(*arguments, script=f"{AS_NOBODY}\n{script}", **options)

    def configure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Name the project in the environment, and nobody as its user."""
        super().configure(monkeypatch)
        as_nobody()
        monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", self.host)
        monkeypatch.setenv("DESTINATION__WAREHOUSE__DESTINATION_TYPE", "bigquery")
        key = {"type": "service_account", "project_id": self.project, "private_key": "none"}
        monkeypatch.setenv(ADDRESS, json.dumps(key | {"client_email": "nobody@example.com"}))
        wait_for(self.host)


def wait_for(host: str, seconds: int = 60) -> None:
    """Until the imitation answers."""
    for _ in range(seconds * 10):
        with suppress(OSError), urlopen(f"{host}/bigquery/v2/projects/x/datasets"):
            return
        time.sleep(0.1)

"""BigQuery as a destination of dlt that takes a null among a statement's values.

Depends on dlt's own BigQuery destination, whose packages are an extra. Promises that a value that
is not known is written as `null`, for Google's client cannot tell its type; that each statement
comes into force by itself, so that the order of statements heals what a kill leaves
(`loading.healing`); and that all is loaded from Parquet. Everything else is dlt's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dlt.common.configuration.exceptions import ConfigurationValueError
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema import Schema
from dlt.destinations.impl.bigquery.bigquery import BigQueryClient
from dlt.destinations.impl.bigquery.factory import bigquery
from dlt.destinations.impl.bigquery.sql_client import BigQuerySqlClient

KEY = "destination.warehouse.credentials"
NEEDED = frozenset(("project_id", "client_email", "private_key"))


class KnownSqlClient(BigQuerySqlClient):
    """Sends known values alone."""

    @contextmanager
    def execute_query(self, query: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """As dlt's."""
        sql, known = with_nulls(str(query), args)
        with super().execute_query(sql, *known, **kwargs) as cursor:
            yield cursor

    @contextmanager
    def begin_transaction(self) -> Iterator[Any]:
        """None: BigQuery has them in sessions, which the tests have not."""
        yield self


class KnownClient(BigQueryClient):
    """dlt's client with that one."""

    def __init__(self, schema: Schema, config: Any, capabilities: Any) -> None:
        super().__init__(schema, config, capabilities)
        theirs = self.sql_client
        self.sql_client = KnownSqlClient(
            theirs.dataset_name,
            theirs.staging_dataset_name,
            config.credentials,
            capabilities,
            config.get_location(),
            config.project_id,
            config.http_timeout,
            config.retry_deadline,
        )


class KnownBigQuery(bigquery):
    """The destination; dlt records it as its own `bigquery`."""

    @property
    def client_class(self) -> type[KnownClient]:
        """What loads."""
        return KnownClient

    @property
    def destination_type(self) -> str:
        """dlt's name of it."""
        return "dlt.destinations.bigquery"

    def _raw_capabilities(self) -> DestinationCapabilitiesContext:
        capabilities = super()._raw_capabilities()
        capabilities.preferred_loader_file_format = "parquet"
        capabilities.supports_transactions = False
        return capabilities


def bigquery_credentials(given: Any) -> Any:
    """What dlt takes for the key of a service account; None where the machine has one of its own.

    Raises:
        ConfigurationValueError: It is no such key.
    """
    if given is None or (isinstance(given, Mapping) and set(given) >= NEEDED):
        return given
    raise ConfigurationValueError(
        f"{KEY} is no key of a service account. It should be its JSON as one text, or a table with "
        f"{', '.join(sorted(NEEDED))}; or nothing, where the machine has credentials of its own."
    )


def with_nulls(sql: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    """The statement with `null` in the places of values that are None, and the others."""
    if None not in values:
        return sql, list(values)
    first, *rest = sql.split("%s")
    parts = [
        f"{'null' if value is None else '%s'}{part}"
        for part, value in zip(rest, values, strict=True)
    ]
    return first + "".join(parts), [value for value in values if value is not None]

"""The desk: every table a picture needs, of all tickets or of chosen ones.

Depends on a `dataset` for the warehouse, on `models` for the marts' SQL, and on DuckDB in memory.
Promises the marts as they stand in the warehouse for all tickets; for chosen tickets the same
marts, made by the same SQL from the chosen tickets' facts alone; and that the warehouse is only
read, each table once.

    desk = Desk(dataset)
    desk.mart("mart_resolution_summary")
    desk.choose(Choice(carriers=("dpd",))).mart("mart_resolution_summary")
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa  # type: ignore[import-untyped]

from .dataset import Dataset
from .models import is_seed, model_sql

TICKETS = "fct_ticket_resolution"
FACTS = {
    TICKETS,
    "fct_claim_payouts",
    "fct_requested_actions",
    "fct_open_claim_exposure",
    "fct_status_spans",
    "fct_open_tickets",
    "fct_payout_ledger",
    "fct_unpaid_approvals",
    "stg_tickets",
    "int_open_spans",
    "int_resolutions",
}
"""Tables with a ticket_id: where a choice cuts."""

WHOLE = {"stg_as_of", "int_maturity", "dim_carrier"}
"""Tables that stay the account's whatever is chosen: its clock, pace of decisions, names."""

KEY_COLUMNS = 8

CHOSEN = """
    select ticket_id
    from fct_ticket_resolution
    where (cast($since as date) is null or created_at >= cast($since as date))
        and (cast($until as date) is null or created_at < cast($until as date) + 1)
        and (len($carriers) = 0 or list_contains($carriers, carrier))
        and (len($types) = 0 or list_contains($types, ticket_type))
        and (len($brands) = 0 or list_contains($brands, brand_id))
"""


@dataclass(frozen=True)
class Choice:
    """Which tickets: created from `since` to `until` (both days included), of these carriers,
    types and brands; what is empty chooses all."""

    since: date | None = None
    until: date | None = None
    carriers: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    brands: tuple[int, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether no ticket is left out."""
        return self == Choice()


class Desk:
    """All tickets of the warehouse; the marts as dbt built them."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._read: dict[str, pd.DataFrame] = {}

    def mart(self, name: str) -> pd.DataFrame:
        """A mart, or a model that marts are built on, whole."""
        if name not in self._read:
            self._read[name] = in_order(self.dataset.mart(name))
        return self._read[name]

    def query(self, sql: str, reads: tuple[str, ...], *values: Any) -> pd.DataFrame:  # noqa: ARG002
        """Rows of a statement over the marts that it reads; `%s` for values."""
        return self.dataset.query(sql, *values)

    def choose(self, choice: Choice) -> Desk:
        """The desk with the chosen tickets alone."""
        return self if choice.is_everything else ChosenDesk(self, choice)

    @property
    def tickets(self) -> int:
        """How many tickets there are."""
        return len(self.mart(TICKETS))

    @property
    def as_of(self) -> pd.Timestamp | None:
        """The moment as of which everything is told, UTC; None before the first ticket."""
        moment = self.mart("stg_as_of")["as_of"]
        return None if moment.isna().all() else moment.iloc[0]

    def last_run(self) -> dict[str, Any] | None:
        """The last sync: what it read, and whether it was proven complete."""
        return self.dataset.last_run()

    def typed(self, name: str) -> pa.Table:
        """A table of the warehouse with the types it has there, for another engine."""
        batch = pa.Table.from_pandas(self.mart(name), preserve_index=False)
        columns = ", ".join(
            f'cast("{column}" as {kind}) as "{column}"'
            for column, kind in self.dataset.types(name).items()
        )
        with duckdb.connect() as connection:
            connection.register("batch", batch)
            return connection.execute(f"select {columns} from batch").to_arrow_table()


class ChosenDesk(Desk):
    """Some tickets; the marts made again for them, by their own SQL."""

    def __init__(self, desk: Desk, choice: Choice) -> None:
        super().__init__(desk.dataset)
        self.desk, self.choice = desk, choice
        self._memory = duckdb.connect()
        self._made: set[str] = set()

    def choose(self, choice: Choice) -> Desk:
        """Another choice, from all tickets again."""
        return self.desk.choose(choice)

    def mart(self, name: str) -> pd.DataFrame:
        """A table made for the chosen tickets."""
        if name not in self._read:
            self._make(name)
            self._read[name] = in_order(_as_frame(self._memory.table(name).to_arrow_table()))
        return self._read[name]

    def query(self, sql: str, reads: tuple[str, ...], *values: Any) -> pd.DataFrame:
        """Rows of a statement over marts made for the chosen tickets."""
        for name in reads:
            self._make(name)
        found = self._memory.execute(sql.replace("%s", "?"), list(values))
        return _as_frame(found.to_arrow_table())

    def _make(self, name: str) -> None:
        if name in self._made:
            return
        self._made.add(name)
        if name in WHOLE or is_seed(name):
            self._take(name)
        elif name in FACTS:
            self._cut(name)
        else:
            sql, reads = model_sql(name)
            for read in reads:
                self._make(read)
            self._memory.execute(f"create table {name} as {sql}")

    def _cut(self, name: str) -> None:
        self._choose_tickets()
        self._take(name, "where ticket_id in (select ticket_id from chosen)")

    def _choose_tickets(self) -> None:
        if "chosen" in self._made:
            return
        self._made.add("chosen")
        self._memory.register("batch", self.desk.typed(TICKETS))
        self._memory.execute(
            f"create table chosen as {CHOSEN.replace(TICKETS, 'batch')}", self._values()
        )

    def _take(self, name: str, only: str = "") -> None:
        self._memory.register("batch", self.desk.typed(name))
        self._memory.execute(f"create table {name} as select * from batch {only}")
        self._memory.unregister("batch")

    def _values(self) -> dict[str, Any]:
        choice = self.choice
        return {
            "since": choice.since,
            "until": choice.until,
            "carriers": list(choice.carriers),
            "types": list(choice.types),
            "brands": list(choice.brands),
        }


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """By the columns that tell rows apart, which come first in every mart: no engine keeps one."""
    return frame.sort_values(list(frame.columns[:KEY_COLUMNS]), kind="stable", ignore_index=True)


def _as_frame(table: pa.Table) -> pd.DataFrame:
    """With the types of `read_query`: whole numbers stay so beside missing ones."""
    kinds = {pa.bool_(): pd.BooleanDtype(), pa.string(): pd.StringDtype(na_value=float("nan"))}
    whole = {kind: pd.Int64Dtype() for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64())}
    frame = table.to_pandas(types_mapper=(kinds | whole).get, date_as_object=False)
    moments = frame.select_dtypes("datetime").columns
    return frame.astype(dict.fromkeys(moments, "datetime64[us]"))

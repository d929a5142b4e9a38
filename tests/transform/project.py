"""The dbt project, compiled by dbt once and run statement by statement: a build takes a second.

Depends on `pipelines.marts` for dbt, on DuckDB for running. Promises that what runs is the SQL that
dbt would run, with its seeds, in its order, but without dbt's materializations and data tests;
those are run by dbt itself in `test_build.py`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from pipelines.dbt_environment import PROJECT
from pipelines.warehouse.warehouse import MARTS
from tests.transform.raw import Rows, fill_duckdb

Given = Mapping[str, Sequence[Mapping[str, Any]]]


class Project:
    """Compiled models of transform/, by name, in an order in which they can be built."""

    def __init__(self, target: Path) -> None:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        self.nodes: dict[str, Any] = manifest["nodes"]
        self.exposures: dict[str, Any] = manifest["exposures"]
        self.models = {
            self.nodes[node]["name"]: self.nodes[node]
            for node in _in_order(self.nodes)
            if node.startswith("model.")
        }
        self.seeds = {n["name"]: n for i, n in self.nodes.items() if i.startswith("seed.")}
        self.tests = {n["name"]: n for i, n in self.nodes.items() if i.startswith("test.")}

    @property
    def marts(self) -> dict[str, Any]:
        """The models that people read."""
        return {name: node for name, node in self.models.items() if node["schema"] == MARTS}

    def build(
        self, rows: Rows | None = None, given: Given | None = None, seeds: Given | None = None
    ) -> duckdb.DuckDBPyConnection:
        """A database in memory with raw tables, seeds and all models.

        Args:
            rows: Of the raw tables.
            given: Rows that stand in for models; only what depends on nothing else is then built.
            seeds: Rows instead of those in seeds/.
        """
        connection = duckdb.connect()
        connection.execute("set timezone = 'UTC'")
        fill_duckdb(connection, rows or {})
        return self.build_in(connection, given or {}, seeds or {})

    def build_in(
        self, connection: duckdb.DuckDBPyConnection, given: Given, seeds: Given
    ) -> duckdb.DuckDBPyConnection:
        """The same in a database that has its raw tables."""
        for schema in (MARTS, f"{MARTS}_staging"):
            connection.execute(f"create schema if not exists {schema}")
        for name, node in self.seeds.items():
            _create(connection, node, seeds.get(name, _read_seed(name)))
        for name in given:
            _create(connection, self.models[name], given[name])
        for node in self._to_build(set(given)):
            sql = self.statement(node)
            table = f"{node['schema']}.{node['name']}"
            if node["schema"] == MARTS:
                _create(connection, node, ())
                listed = ", ".join(node["columns"])
                connection.execute(f"insert into {table} select {listed} from ({sql}) as built")
            else:
                connection.execute(f"create table {table} as {sql}")
        connection.execute(f"use {MARTS}")
        return connection

    def statement(self, node: Mapping[str, Any]) -> str:
        """What dbt would run, without the name of the database it was compiled for."""
        compiled: str = node["compiled_code"]
        return compiled.replace(f'"{node["database"]}".', "")

    def _to_build(self, given: set[str]) -> Iterator[Any]:
        """Every model; with some given, only those whose models are all given or built."""
        built = set(given)
        for name, node in self.models.items():
            parents = {
                self.nodes[parent]["name"]
                for parent in node["depends_on"]["nodes"]
                if parent.startswith("model.")
            }
            if name not in built and (not given or (parents and parents <= built)):
                built.add(name)
                yield node


def _in_order(nodes: Mapping[str, Any]) -> Iterator[str]:
    done: set[str] = set()

    def visit(node: str) -> Iterator[str]:
        if node in done or node not in nodes:
            return
        done.add(node)
        for parent in nodes[node]["depends_on"].get("nodes", ()):
            yield from visit(parent)
        yield node

    for node in nodes:
        if node.startswith("model."):
            yield from visit(node)


def _create(
    connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any], rows: Iterable[Any]
) -> None:
    """The table with the contract's types, or the seed's, and these rows."""
    types = node["config"].get("column_types") or {
        name: column["data_type"] for name, column in node["columns"].items()
    }
    if not any(types.values()):
        types = {name: _guess(rows, name) for name in next(iter(rows), {})}
    required = {
        name
        for name, column in node["columns"].items()
        if any(c["type"] == "not_null" for c in column.get("constraints", ()))
    }
    listed = [f"{n} {kind}{' not null' * (n in required)}" for n, kind in types.items()]
    rows = list(rows)
    if rows:  # what a test leaves out of a row is null, whatever the contract says
        listed = [f"{name} {kind}" for name, kind in types.items()]
    table = f"{node['schema']}.{node['name']}"
    connection.execute(f"create or replace table {table} ({', '.join(listed)})")
    if rows:
        batch = pa.table({name: [row.get(name) for row in rows] for name in types})
        connection.register("batch", batch)
        cast = ", ".join(f"cast({name} as {kind})" for name, kind in types.items())
        connection.execute(f"insert into {table} select {cast} from batch")
        connection.unregister("batch")


def _guess(rows: Iterable[Any], name: str) -> str:
    kinds = {bool: "boolean", int: "bigint", float: "double", str: "varchar"}
    value = next((row[name] for row in rows if row.get(name) is not None), "")
    return kinds.get(type(value), "timestamp")


def _read_seed(name: str) -> list[dict[str, str | None]]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            {column: value or None for column, value in row.items()} for row in csv.DictReader(file)
        ]


def read_catalogue() -> list[dict[str, str]]:
    """The metrics of transform/metrics.yml."""
    metrics: list[dict[str, str]] = yaml.safe_load(
        (PROJECT / "metrics.yml").read_text(encoding="utf-8")
    )
    return metrics

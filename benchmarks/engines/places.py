"""The engines that are measured: how each is started, named to a command, and read.

Depends on `process`, and on the tests' servers: a PostgreSQL of its own, and chDB behind an HTTP
face. Promises that nothing is left of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pipelines.reading import read_query
from pipelines.warehouse import open_to_look

from ..process import Cost, measure
from ..programs import inherited

SOURCE = "SOURCES__SENDCLOUD_SUPPORT__"
ADDRESS = "DESTINATION__WAREHOUSE__CREDENTIALS"
COMMAND = ("-m", "pipelines")
WITH_CLIENTS = """
import runpy, sys
sys.path.append({packages!r})
from tests.engines.over_http import speak_http
speak_http()
from pipelines import dbt_process
dbt_process.PYTHON = {python!r}
runpy.run_module("pipelines", run_name="__main__", alter_sys=True)
"""
TICKS = os.sysconf("SC_CLK_TCK")


class Use(NamedTuple):
    """What processes have used so far; the memory is the sum of their peaks."""

    processes: int
    cpu_seconds: float
    megabytes: float

    def since(self, before: Use) -> Use:
        """What was used after `before`."""
        return self._replace(cpu_seconds=self.cpu_seconds - before.cpu_seconds)


@dataclass(frozen=True)
class Place:
    """A warehouse of an engine.

    Args:
        name: The engine.
        environment: Names it to a command; for this process too, which reads it.
        command: What comes between Python and the command's own arguments.
    """

    name: str
    environment: Mapping[str, str]
    command: tuple[str, ...] = COMMAND

    def run(self, *arguments: str) -> Cost:
        """One command."""
        command = [sys.executable, *self.command, *arguments]
        return measure(command, inherited() | self.environment)

    def states(self) -> dict[int, str]:
        """The tickets it holds."""
        sql = "select id, status from tickets where vanished_at is null"
        held = read_query(sql, open_to_look(), schema="sendcloud")
        if self.name == "ducklake":
            from pipelines.warehouse.engines.ducklake import detach

            detach()
        return dict(zip(held["id"].tolist(), held["status"].tolist(), strict=True))


class Given(NamedTuple):
    """What a place is made of: a folder, the API's address, an environment's site-packages."""

    folder: Path
    base_url: str
    packages: Path | None = None


def _place(name: str, given: Given, address: Mapping[str, str], *command: str) -> Place:
    folder = given.folder
    environment = {
        f"{SOURCE}BASE_URL": given.base_url,
        f"{SOURCE}CREDENTIALS__PUBLIC_KEY": "public",
        f"{SOURCE}CREDENTIALS__SECRET_KEY": "secret",
        f"{SOURCE}REQUESTS_PER_MINUTE": "0",
        "DESTINATION__WAREHOUSE__DESTINATION_TYPE": name,
        "DLT_PROJECT_DIR": str(folder),
        "DLT_DATA_DIR": str(folder / "data"),
        "XDG_DATA_HOME": str(folder / "pace"),
        **address,
    }
    return Place(name, environment, command or COMMAND)


@contextmanager
def _duckdb(given: Given) -> Iterator[Place]:
    yield _place("duckdb", given, {ADDRESS: str(given.folder / "tickets.duckdb")})


@contextmanager
def _ducklake(given: Given) -> Iterator[Place]:
    """In the Python whose DuckDB has its extensions; they are put into the folder."""
    from duckdb_extensions import import_extension  # type: ignore[import-not-found]

    folder = given.folder
    os.environ["HOME"] = str(folder)
    for name in ("ducklake", "sqlite_scanner"):
        import_extension(name)
    address = {
        f"{ADDRESS}__CATALOG": f"sqlite:///{folder / 'lake.sqlite'}",
        f"{ADDRESS}__STORAGE__BUCKET_URL": str(folder / "lake.files"),
    }
    yield _place("ducklake", given, address | {"HOME": str(folder)})


@contextmanager
def _postgres(given: Given) -> Iterator[Place]:
    from tests.postgres import find_programs, own_server

    programs = find_programs()
    if programs is None:
        raise SystemExit("No PostgreSQL here: initdb was not found.")
    with own_server(programs) as url:
        yield _place("postgres", given, {ADDRESS: url})


@contextmanager
def _clickhouse(given: Given) -> Iterator[Place]:
    from tests.engines.clickhouse import served, use_clients

    packages = given.packages
    if packages is None:
        raise SystemExit("--packages has to name the environment of clickhouse.")
    use_clients(packages)
    python = str(packages.parents[2] / "bin" / "python")
    with served(packages, given.folder / "clickhouse") as port:
        address = f"clickhouse://default:any@127.0.0.1:{port}/default?http_port={port}&secure=0"
        script = WITH_CLIENTS.format(packages=str(packages), python=python)
        yield _place("clickhouse", given, {ADDRESS: address}, "-c", script)


PLACES: dict[str, Callable[[Given], AbstractContextManager[Place]]] = {
    "duckdb": _duckdb,
    "ducklake": _ducklake,
    "postgres": _postgres,
    "clickhouse": _clickhouse,
}


def use_of_children() -> Use:
    """What the processes under this one have used, with those that they have waited for."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1]), sum(map(int, fields[11:15])) / TICKS
    ours = _below(os.getpid(), {number: parent for number, (parent, _) in parents.items()})
    return Use(len(ours), sum(parents[each][1] for each in ours), sum(map(_peak, ours)))


def _below(process: int, parents: Mapping[int, int]) -> set[int]:
    children = {number for number, parent in parents.items() if parent == process}
    return children.union(*(_below(child, parents) for child in children))


def _peak(process: int) -> float:
    try:
        told = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    line = next((line for line in told.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
    return int(line.split()[1]) / 1024

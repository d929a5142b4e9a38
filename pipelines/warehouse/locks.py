"""One run at a time: a lock on the warehouse's folder and one on the warehouse.

Depends on filelock; for PostgreSQL, and for a lake whose catalog it keeps, on an advisory lock of
the server, which also keeps out runs on other machines. Promises never to wait: whoever comes
second is told at once, and a lock dies with its process. Accounts are apart: several may be loaded
into one database at once, into one DuckDB file by threads of one process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Lock
from zlib import crc32

import dlt
from filelock import BaseFileLock, FileLock, Timeout

from .places import LOCK, resolved
from .warehouse import duckdb_file, kind_of, own_folder

_loading_here: set[tuple[Path, str]] = set()
"""The files and datasets that threads of this process hold."""

_changing = Lock()


class BusyError(Exception):
    """Another run holds the lock."""


class FileBusyError(BusyError):
    """It holds the file of the database, maybe for another account."""


@contextmanager
def only_run(pipeline: dlt.Pipeline) -> Iterator[None]:
    """Hold the locks while the block runs; `BusyError` if another run has one of them."""
    with ExitStack() as held:
        held.enter_context(_held(FileLock(_made(own_folder(pipeline) / LOCK), timeout=0)))
        if database := _shared_file(pipeline):
            held.enter_context(_beside(database, pipeline.dataset_name))
        if pipeline.destination.destination_name and _is_postgres(pipeline):
            held.enter_context(_advisory_lock(pipeline))
        if kind_of(pipeline) == "ducklake":
            held.enter_context(_lock_of_catalog(pipeline))
        yield


def _busy(what: str) -> str:
    return (
        f"Another run is loading this warehouse (it holds {what}). Nothing was read. Let it end, "
        "or stop it; its successor picks up where it was."
    )


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def _held(lock: BaseFileLock, error: type[BusyError] = BusyError) -> Iterator[None]:
    try:
        lock.acquire()
    except Timeout:
        raise error(_busy(f"the file {Path(lock.lock_file).name}")) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _beside(database: Path, dataset: str) -> Iterator[None]:
    """Beside a file, which one process alone can write, but for several accounts at once."""
    path = _made(database.with_name(f"{database.name}.lock"))
    with ExitStack() as held:
        with _changing:
            lock = FileLock(path, timeout=0, thread_local=False, is_singleton=True)
            if (path, dataset) in _loading_here:
                raise BusyError(_busy(f"the file {path.name}"))
            held.enter_context(_held(lock, FileBusyError))
            _loading_here.add((path, dataset))
        try:
            yield
        finally:
            with _changing:
                _loading_here.discard((path, dataset))
                held.close()


def _shared_file(pipeline: dlt.Pipeline) -> Path | None:
    if kind_of(pipeline) != "ducklake":
        return duckdb_file(pipeline)
    from .engines.ducklake import catalog_file

    return catalog_file(resolved(pipeline.destination))


@contextmanager
def _lock_of_catalog(pipeline: dlt.Pipeline) -> Iterator[None]:
    """On the server that keeps the catalog, if it is one: a lake has no locks of its own."""
    from .engines.ducklake import catalog_address

    address, lake = catalog_address(resolved(pipeline.destination))
    if address is None:
        yield
        return
    import psycopg2  # type: ignore[import-untyped]

    with closing(psycopg2.connect(address)) as connection, connection.cursor() as cursor:
        key = crc32(f"{lake}.{pipeline.dataset_name}".encode())
        cursor.execute("select pg_try_advisory_lock(%s)", (key,))
        if not cursor.fetchone()[0]:
            raise BusyError(_busy("the advisory lock of the lake's catalog"))
        yield


def _is_postgres(pipeline: dlt.Pipeline) -> bool:
    return pipeline.destination.destination_type.endswith("postgres")


@contextmanager
def _advisory_lock(pipeline: dlt.Pipeline) -> Iterator[None]:
    key = crc32(f"{pipeline.pipeline_name}.{pipeline.dataset_name}".encode())
    with pipeline.sql_client() as client:
        rows = client.execute_sql("select pg_try_advisory_lock(%s)", key)
        if not rows or not rows[0][0]:
            raise BusyError(_busy("the warehouse's advisory lock"))
        yield

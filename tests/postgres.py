"""A PostgreSQL for tests: the one of TEST_POSTGRES_URL, else one of our own on a free port.

Depends on psycopg2 and, for one of our own, on PostgreSQL's programs. Promises an empty database
for each who asks, gone afterwards. Without a server tests skip; where CI is true they fail.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection, make_dsn

OWNER = "postgres"  # PostgreSQL refuses to be run by root
FAST = "fsync=off synchronous_commit=off full_page_writes=off".split()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server on which databases may be made."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    programs = find_programs()
    if programs is None:
        missing = "No PostgreSQL here: neither TEST_POSTGRES_URL nor initdb was found."
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with own_server(programs) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database of the test's own."""
    with own_database(postgres_server) as url:
        yield url


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """An empty database, dropped at the end whoever still reads it."""
    name = f"test_{uuid4().hex[:12]}"
    _administer(server, f"create database {name}")
    try:
        yield f"{server.rsplit('/', 1)[0]}/{name}"
    finally:
        _administer(server, f"drop database if exists {name} with (force)")


def find_programs() -> Path | None:
    """The folder of initdb and postgres; Debian keeps it off the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextmanager
def own_server(programs: Path, certificates: Path | None = None) -> Iterator[str]:
    """A server in a temporary folder, listening on this machine only.

    With certificates (server.crt and server.key in that folder, of the server's user) it speaks
    TLS, to those who ask for it.
    """
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    user = OWNER if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    port = _free_port()
    server = None
    try:
        options = _tls(certificates, folder, user) if certificates else []
        server = _start(programs, folder, port, user, options)
        yield _url(port)
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # fast shutdown: does not wait for its clients
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _tls(certificates: Path, folder: Path, user: str | None) -> list[str]:
    """The server's own copies: its key must belong to whoever runs it."""
    for name in ("server.crt", "server.key"):
        copied = shutil.copy(certificates / name, folder)
        Path(copied).chmod(0o600)
        if user:
            shutil.chown(copied, user)
    return ["ssl=on", f"ssl_cert_file={folder}/server.crt", f"ssl_key_file={folder}/server.key"]


def _start(
    programs: Path, folder: Path, port: int, user: str | None, more: list[str]
) -> subprocess.Popen[bytes]:
    data = str(folder / "data")
    cluster = f"--pgdata={data} --username=tester --auth=trust --encoding=UTF8 --locale=C --no-sync"
    subprocess.run(
        [str(programs / "initdb"), *cluster.split()],
        check=True,
        capture_output=True,
        user=user,
        cwd=folder,
    )
    options = [*FAST, "listen_addresses=127.0.0.1", "unix_socket_directories=", f"port={port}"]
    options += more
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(programs / "postgres"), "-D", data, *(f"--{option}" for option in options)],
            stdout=log,
            stderr=log,
            user=user,
            cwd=folder,
        )
    _await(_url(port), server, folder / "log")
    return server


def _url(port: int) -> str:
    """The server trusts everybody; dlt wants a password all the same."""
    return f"postgresql://tester:any@127.0.0.1:{port}/postgres"


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-500:]}")
        try:
            psycopg2.connect(url).close()
        except psycopg2.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL did not answer within 30 seconds.")


def connect(url: str) -> connection:
    """A connection that commits each statement and speaks UTC."""
    opened: connection = psycopg2.connect(make_dsn(url, options="-c timezone=UTC"))
    opened.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
    return opened


def _administer(server: str, statement: str) -> None:
    opened = connect(server)
    try:
        with opened.cursor() as cursor:
            cursor.execute(statement)
    finally:
        opened.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port

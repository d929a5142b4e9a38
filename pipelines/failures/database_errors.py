"""What drivers, dlt's destinations and the file system say of a failure, as one sentence.

Depends on nothing of ours but the configuration's keys. Promises that a sentence names what to
change and repeats nothing of a driver's message but the name of the user's own DuckDB file: the
message may quote rows, an address or a password.
"""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from dlt.common.configuration.exceptions import ConfigurationException

from ..warehouse import KEY, configured_file

FAILED, CONFIGURATION = 1, 2

INTACT = (
    "Tickets loaded before are intact, and what was read waits in the journal for the next run."
)
FULL = f"There is no room left on the disk. {INTACT} Make room, then run it again."
GRANT = (
    "Grant it `create` on the database, or let an administrator create schemas sendcloud, "
    "sendcloud_staging and sendcloud_marts (or as configured) that belong to it."
)


class Told(NamedTuple):
    """An exit code and a sentence, and whether waiting alone may mend it."""

    code: int
    sentence: str
    may_pass: bool = False


class Sign(NamedTuple):
    """How a failure is known by its message, and what is told then; `{file}` is DuckDB's file."""

    pattern: re.Pattern[str]
    told: Told


def _sign(pattern: str, code: int, sentence: str, may_pass: bool = False) -> Sign:
    return Sign(re.compile(pattern), Told(code, sentence, may_pass))


DUCKDB = (
    _sign(
        r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)",
        FAILED,
        "{file} is open in another program ({program}, process {pid}), and DuckDB lets only one "
        f"write. {INTACT} Close it there, then run it again.",
        may_pass=True,
    ),
    _sign(
        "Could not set lock on file|used by another process|different configuration than",
        FAILED,
        f"{{file}} is open in another program, and DuckDB lets only one write. {INTACT} Close it "
        "there, then run it again.",
        may_pass=True,
    ),
    _sign(
        "not a valid DuckDB database file",
        CONFIGURATION,
        f"{KEY} names {{file}}, which exists and is no DuckDB database. Name another file, or move "
        "that one away.",
    ),
    _sign(
        "database file with version number",
        CONFIGURATION,
        f"{KEY} names {{file}}, which another version of DuckDB wrote, one that this one cannot "
        "read. Name another file, or write it anew by this version from an export of that one.",
    ),
    _sign(
        "Is a directory", CONFIGURATION, f"{KEY} names the folder {{file}}; it should be a file."
    ),
    _sign(
        "Not a directory|No such file or directory",
        CONFIGURATION,
        f"{KEY} names {{file}}, whose folder does not exist. Make the folder, or name another.",
    ),
    _sign(
        "Permission denied|Read-only file system|read-only mode|Operation not permitted",
        FAILED,
        f"{{file}} and its folder cannot be written by this user. {INTACT} Let this user write "
        f"them, or name another file in {KEY}.",
    ),
    _sign(
        r"No space left|Disk quota|File too large|[Cc]ould not (write|truncate)|max_temp_directory",
        FAILED,
        FULL,
    ),
    _sign(
        "Corrupt database|does not match stored checksum|Serialization Error",
        FAILED,
        "{file} is damaged. Put a copy from before in its place, or move it away and let a sync "
        "load everything anew.",
    ),
    _sign(
        "Failed to download extension|extension .* not found",
        FAILED,
        "DuckDB could not fetch an extension that this warehouse needs. Install it, or let this "
        "machine reach DuckDB's host once.",
    ),
    _sign("Out of Memory|could not allocate", FAILED, f"DuckDB ran out of memory. {INTACT}"),
    _sign(
        "does not match existing data path",
        CONFIGURATION,
        f"The storage in {KEY} is another than the one that the lake's catalog knows. Name that "
        "one, or an empty catalog.",
    ),
)
LAKE = _sign(
    "DuckLake [Mm]eta[Dd]ata",
    FAILED,
    f"The catalog of the lake in {KEY} cannot be opened. {INTACT} Check that its server or its "
    "folder is there, and its user and password.",
)
"""Looked for first: the message quotes that of the catalog's own driver."""

POSTGRES = (
    _sign(
        "password authentication failed|no password supplied|authentication failed",
        CONFIGURATION,
        f"PostgreSQL refuses the user or the password of {KEY}. Check both; in an address an @ in "
        "the password is written %40.",
    ),
    _sign(
        r'role "[^"]*" does not exist|is not permitted to log in',
        CONFIGURATION,
        f"PostgreSQL does not let the user of {KEY} log in. Check its name and that its role may.",
    ),
    _sign(
        r'database "[^"]*" does not exist',
        CONFIGURATION,
        f"PostgreSQL has no database of the name in {KEY}. Check it, or create the database.",
    ),
    _sign(
        "could not translate host name",
        CONFIGURATION,
        f"The host name in {KEY} is not known. Check it, and that this machine can resolve names.",
    ),
    _sign(
        "Connection refused",
        FAILED,
        f"Nothing answers at the host and port of {KEY}. {INTACT} Check both, and that PostgreSQL "
        "runs there.",
        may_pass=True,
    ),
    _sign(
        "No such file or directory.*Is the server running locally",
        FAILED,
        f"No PostgreSQL answers at the socket of {KEY}. {INTACT} Check it, and that it runs there.",
    ),
    _sign(
        "timeout expired|timed out|[Nn]o route to host|Network is unreachable",
        FAILED,
        f"The host of {KEY} does not answer in time. {INTACT} Check that the network leads there.",
        may_pass=True,
    ),
    _sign(
        "pg_hba.conf",
        CONFIGURATION,
        "PostgreSQL lets this user not connect from this machine in this way (its pg_hba.conf). "
        f"Ask its administrator, or set sslmode in {KEY}.",
    ),
    _sign(
        "does not support SSL|SSL error|certificate|sslmode|sslrootcert|server certificate",
        CONFIGURATION,
        f"The encrypted connection that {KEY} asks for cannot be had. Check sslmode, sslrootcert, "
        "sslcert and sslkey there, and PGSSL… in the environment.",
    ),
    _sign(
        "invalid dsn|invalid connection option|invalid URI|invalid .* value",
        CONFIGURATION,
        f"{KEY} has an option that PostgreSQL does not know, or a value that it does not take. "
        "Check what stands behind the ? there.",
    ),
    _sign(
        "too many (connections|clients)|remaining connection slots",
        FAILED,
        f"PostgreSQL has no connection left for this user. {INTACT} Run it again later.",
        may_pass=True,
    ),
    _sign(
        "permission denied for database",
        CONFIGURATION,
        f"The warehouse's user may not create schemas. {GRANT}",
    ),
    _sign(
        "permission denied|must be (owner|superuser)",
        CONFIGURATION,
        f"The warehouse's user may not read and write all that is needed. {GRANT}",
    ),
    _sign(
        "read-only transaction|recovery is in progress",
        FAILED,
        f"PostgreSQL takes no changes there (read-only). {INTACT} Let {KEY} name the primary "
        "server and a database that may be written.",
    ),
    _sign("No space left|could not extend file|disk full|Disk quota", FAILED, FULL),
    _sign(
        "terminating connection|server closed the connection|shutting down|starting up"
        "|connection (already )?closed|could not receive data|could not send data",
        FAILED,
        f"PostgreSQL ended the connection. {INTACT} Run it again.",
        may_pass=True,
    ),
    _sign(
        "lock timeout|statement timeout|deadlock detected",
        FAILED,
        f"PostgreSQL gave up on a statement that others kept waiting. {INTACT} Run it again.",
        may_pass=True,
    ),
)
CLICKHOUSE = (
    _sign(
        r"Code: (192|193|194|516)\b",
        CONFIGURATION,
        f"ClickHouse refuses the user or the password of {KEY}. Check both; in an address an @ in "
        "the password is written %40.",
    ),
    _sign(
        r"Code: 81\b",
        CONFIGURATION,
        f"ClickHouse has no database of the name in {KEY}. Check it, or create the database.",
    ),
    _sign(
        r"Code: 497\b",
        CONFIGURATION,
        "The warehouse's user may not do all that is needed. Grant it all on the database in "
        f"{KEY}.",
    ),
    _sign(
        r"Code: (209|210|279)\b|Connection refused|timed out|Max retries",
        FAILED,
        f"No ClickHouse answers at the host and the ports of {KEY}. {INTACT} Check them: port is "
        "the native one, http_port that of HTTP; secure=0 where there is no TLS.",
        may_pass=True,
    ),
)
FILE = re.compile(r'"(?P<file>[^"\n]+)"')

FULL_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
WRONG_KIND = {errno.ENOTDIR, errno.EISDIR, errno.EEXIST}


def describe_database(error: BaseException) -> Told | None:
    """What is told of the failure, None if it is none that is known."""
    for link in links(error):
        told = _by_driver(link) or _by_system(link)
        if told is not None:
            return told
    return None


def links(error: BaseException) -> Iterator[BaseException]:
    """The error and all that it was made of, each once."""
    seen: list[BaseException] = []
    ahead: list[object] = [error]
    while ahead:
        link = ahead.pop(0)
        if not isinstance(link, BaseException) or any(link is each for each in seen):
            continue
        seen.append(link)
        yield link
        inner = ("dbapi_exception", "inner_exc", "client_exception", "exception")
        ahead += [link.__cause__, *(getattr(link, name, None) for name in inner), link.__context__]


def _by_driver(error: BaseException) -> Told | None:
    driver = type(error).__module__.partition(".")[0]
    of_duckdb = (LAKE, *DUCKDB)
    signs = {
        **dict.fromkeys(("duckdb", "_duckdb"), of_duckdb),
        **dict.fromkeys(("clickhouse_driver", "clickhouse_connect"), CLICKHOUSE),
        "psycopg2": POSTGRES,
    }.get(driver, ())
    if isinstance(error, sqlite3.OperationalError):
        return Told(FAILED, "The file of the pace cannot be written. " + FULL)
    message = str(error)
    for pattern, told in signs:
        found = pattern.search(message)
        if found:
            file = FILE.search(message)
            names = {"file": file["file"] if file else _configured(), **found.groupdict()}
            program = Path(str(names.get("program") or "")).name
            sentence = told.sentence.format(**names | {"program": program})
            return told._replace(sentence=sentence)
    return None


def _configured() -> str:
    """Where a message names no file, it can only be the configured one."""
    try:
        return str(configured_file())
    except ConfigurationException:
        return "The warehouse's file"


def _by_system(error: BaseException) -> Told | None:
    """Of files that we write ourselves: the journal, locks, dlt's working folder."""
    if not isinstance(error, OSError) or error.errno is None:
        return None
    if error.errno in FULL_DISK:
        return Told(FAILED, FULL)
    if not error.filename or error.errno not in NO_RIGHT | WRONG_KIND:
        return None
    is_wrong = error.errno in WRONG_KIND
    what = "is in the way" if is_wrong else "cannot be written by this user"
    return Told(
        CONFIGURATION if is_wrong else FAILED,
        f"{error.filename} {what} ({error.strerror}). {INTACT} Mend that, or let DLT_DATA_DIR name "
        "another folder for dlt to work in.",
    )

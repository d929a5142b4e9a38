"""ClickHouse itself, in this process by chDB, behind an HTTP interface as its clients know it.

Run by the interpreter of ClickHouse's environment: `python http_face.py FOLDER`. Prints its port.
Answers one query at a time, which is what chDB can do, and as much of the protocol as
clickhouse-connect and dbt-clickhouse use.
"""

from __future__ import annotations

import gzip
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import chdb  # type: ignore[import-not-found]

OF_THE_PROTOCOL = set(
    "query database session_id session_timeout session_check close_session default_format "
    "enable_http_compression compress decompress wait_end_of_query buffer_size user password "
    "query_id role send_progress_in_http_headers http_headers_progress_interval_ms quota_key "
    "client_protocol_version cancel_http_readonly_queries_on_client_close stacktrace".split()
)
FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
CODE = re.compile(r"Code: (\d+)")

engine = chdb.connect(sys.argv[1])
one_at_a_time = threading.Lock()


class Face(BaseHTTPRequestHandler):
    """One request, one query."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.answer(b"")

    def do_POST(self) -> None:
        body = self.body()
        encoding = self.headers.get("Content-Encoding", "")
        if encoding == "gzip":
            body = gzip.decompress(body)
        elif encoding == "lz4":
            import lz4.frame  # type: ignore[import-not-found]

            body = lz4.frame.decompress(body)
        self.answer(body)

    def body(self) -> bytes:
        """Of a known length, or in chunks."""
        length = self.headers.get("Content-Length")
        if length is not None:
            return self.rfile.read(int(length))
        chunks = b""
        while size := int(self.rfile.readline().strip() or b"0", 16):
            chunks += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return chunks

    def answer(self, body: bytes) -> None:
        address = urlsplit(self.path)
        if address.path == "/ping":
            self.send(200, b"Ok.\n")
            return
        asked = dict(parse_qsl(address.query, keep_blank_values=True))
        kind = self.headers.get("Content-Type", "")
        if "multipart/form-data" in kind:
            form: Any = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
            for part in form.get_payload():
                name = part.get_param("name", header="content-disposition")
                asked[name] = part.get_payload(decode=True).decode()
            body = b""
        sql, rows = (asked["query"], body) if "query" in asked else (body.decode(), b"")
        try:
            found, kind = run(sql, rows, asked)
        except Exception as error:
            code = CODE.search(str(error))
            self.send(
                500, str(error).encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1"}
            )
        else:
            self.send(200, found, {"X-ClickHouse-Format": kind, "X-ClickHouse-Summary": "{}"})

    def send(self, code: int, text: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        known = {"X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Query-Id": str(uuid4())}
        for name, value in (known | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def run(sql: str, rows: bytes, asked: dict[str, str]) -> tuple[bytes, str]:
    """The answer, and its format. Rows to insert go through a file, as chDB has no other way."""
    sql, kind = sql.strip().rstrip(";"), asked.get("default_format", "TabSeparated")
    named = FORMAT.search(sql)
    with tempfile.NamedTemporaryFile() as file, one_at_a_time:
        if rows and named:
            Path(file.name).write_bytes(rows)
            sql = f"{sql[: named.start()]} FROM INFILE '{file.name}' FORMAT {named[1]}"
        elif named and not re.match("insert", sql, re.IGNORECASE):
            sql, kind = sql[: named.start()], named[1]
        values = {name[6:]: text for name, text in asked.items() if name.startswith("param_")}
        with set_up(asked):
            found = engine.query(sql, kind, params=values) if values else engine.query(sql, kind)
        return (found.bytes() if found is not None else b"") or b"", kind


@contextmanager
def set_up(asked: dict[str, str]) -> Iterator[None]:
    """The database and the settings of a request, which no other request has."""
    engine.query(f"USE `{asked.get('database') or 'default'}`")
    given = {
        name: text
        for name, text in asked.items()
        if name not in OF_THE_PROTOCOL and not name.startswith("param_")
    }
    is_known = {name: set_to(name, text) for name, text in given.items()}
    try:
        yield
    finally:
        for name in given:
            if is_known[name]:
                engine.query(f"SET {name} = DEFAULT")


def set_to(name: str, text: str) -> bool:
    """Whether the engine has such a setting, which it has from now on as a text or a number."""
    try:
        engine.query(f"SET {name} = '{text}'")
    except Exception as error:
        if "UNKNOWN_SETTING" in str(error):
            return False
        engine.query(f"SET {name} = {text}")
    return True


server = ThreadingHTTPServer(("127.0.0.1", 0), Face)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()

"""An imitation of Snowflake, with what it lacks or does otherwise than Snowflake added to it.

Run by the interpreter of Snowflake's environment: `python -P snowflake_server.py`. Prints its port.
fakesnow runs Snowflake's SQL on a DuckDB in memory and speaks Snowflake's protocol, so that its
clients are the real ones. All that is mended here is on the imitation's side.
"""

from __future__ import annotations

import gzip
import json
import re
import socket
import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import fakesnow.arrow  # type: ignore[import-not-found]
import fakesnow.server  # type: ignore[import-not-found]
import fakesnow.transforms  # type: ignore[import-not-found]
import pyarrow as pa
import pyarrow.compute as pc
import uvicorn
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.tokens import TokenType
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

STAGE = re.compile(r"'(@[^']*)'")
OPTIONS = re.compile(r"FILE_FORMAT = \(([^)]*)\)")
MATCHING = re.compile(r"MATCH_BY_COLUMN_NAME='(\w+)'")
OF_FILES = re.compile(r"\s*(PUT|COPY INTO|REMOVE)\b")
CLONE = re.compile(r"create or replace table (\S+) clone (\S+)")
COMMENT = re.compile(r"\s+COMMENT \$\$.*?\$\$", re.IGNORECASE | re.DOTALL)
ABOUT = re.compile(
    r"\s*(comment on|alter\s+table\s+\S+\s+alter\b.*comment \$\$)", re.IGNORECASE | re.DOTALL
)
DONE = "select 'Statement executed successfully.' as status"

answer = fakesnow.server.query_request
to_struct = fakesnow.arrow.timestamp_to_sf_struct


def with_nulls(moments: Any) -> pa.StructArray:
    """A moment that is not known is null, not 1970."""
    if isinstance(moments, pa.ChunkedArray):
        moments = moments.combine_chunks()
    parts = to_struct(moments)
    return pa.StructArray.from_arrays(
        parts.flatten(), fields=list(parts.type), mask=pc.is_null(moments)
    )


async def query_request(request: Request) -> Response:
    """Statements that come in one call, one after the other; the answer to the last."""
    body = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    asked = json.loads(body)
    for sql in statements(asked["sqlText"]):
        answered: Response = await answer(asking(request, asked | {"sqlText": understood(sql)}))
        if not json.loads(answered.body)["success"]:
            return told(answered)
    return answered


def told(answered: Response) -> Response:
    """What went wrong, as an answer: where a server fails, clients ask again for minutes."""
    if answered.status_code != HTTPStatus.INTERNAL_SERVER_ERROR:
        return answered
    state = {"errorCode": "000603", "sqlState": "XX000"}
    found = json.loads(answered.body) | {"code": "000603", "data": state}
    return JSONResponse(found)


def asking(request: Request, body: dict[str, Any]) -> Request:
    """The same request, with this in it."""
    text = json.dumps(body).encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": text, "more_body": False}

    headers = [each for each in request.scope["headers"] if each[0] != b"content-encoding"]
    return Request(request.scope | {"headers": headers}, receive)


def statements(sql: str) -> Iterator[str]:
    """The statements of a text, of which the imitation takes one at a time."""
    if OF_FILES.match(sql):
        yield sql
        return
    start = 0
    for token in Snowflake().tokenize(sql):
        if token.token_type is TokenType.SEMICOLON:
            if sql[start : token.start].strip():
                yield sql[start : token.start]
            start = token.end + 1
    if sql[start:].strip() or start == 0:
        yield sql[start:]


def understood(sql: str) -> str:
    """As the imitation reads it: no quotes around a stage, no commas, no clone, no comments."""
    if not OF_FILES.match(sql):
        sql = CLONE.sub(r"create or replace table \1 as select * from \2", sql)
        return DONE if ABOUT.match(sql) else COMMENT.sub("", sql)
    if sql.lstrip().startswith("REMOVE"):
        return DONE
    sql = STAGE.sub(lambda found: plain_stage(found[1]), sql)
    sql = OPTIONS.sub(lambda found: f"FILE_FORMAT = ({found[1].replace(',', '')})", sql)
    return MATCHING.sub(r"MATCH_BY_COLUMN_NAME=\1", sql).replace("TRUE, AUTO", "TRUE AUTO")


def plain_stage(stage: str) -> str:
    """Without quotes; a folder in it must not look like a number."""
    return re.sub(r"/(\d+)\.(\d+)", r"/l\1_\2", stage.replace('"', ""))


def main() -> None:
    """Serve until the process is ended."""
    fakesnow.arrow.timestamp_to_sf_struct = with_nulls
    # a sum of decimals is exact, and no float
    fakesnow.transforms.numeric_agg_implicit_cast = lambda expression: expression
    routes = fakesnow.server.app.router.routes
    place = next(i for i, each in enumerate(routes) if each.path.endswith("query-request"))
    routes[place] = Route(routes[place].path, query_request, methods=["POST"])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        served = uvicorn.Config(fakesnow.server.app, log_level="warning")
        uvicorn.Server(served).run([listening])


main()

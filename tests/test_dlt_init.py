"""`dlt init sendcloud_support duckdb --location <clone>` gives a working copy of the source.

The copy runs as a user would run it, in a folder of its own and a process of its own, against a
server on this machine that answers the two tickets of the vendor's list example
(https://sendcloud.dev/api/v3/support/retrieve-a-list-of-support-tickets, read in 2026), one of
them with an outstanding request, and a third with the required fields only.
"""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import duckdb
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "sources"
SOURCE = SOURCES / "sendcloud_support"
DLT = Path(sys.executable).with_name("dlt")

TICKETS = [
    {
        "id": 42,
        "status": "pending",
        "stage": "in_progress",
        "type": "damaged",
        "parcel_id": 98765,
        "carrier": "postnl",
        "order_number": "ORD-2026-1234",
        "brand_id": 3,
        "created_at": "2026-03-15T10:30:00+00:00",
        "updated_at": "2026-03-18T14:22:00+00:00",
        "requested_actions": [
            {"id": 144, "data_type": "sales_invoice", "created_at": "2026-03-16T09:00:00+01:00"}
        ],
        "resolution": None,
    },
    {
        "id": 87,
        "status": "claim_paid",
        "stage": "manually_solved_stage",
        "type": "lost",
        "parcel_id": 55432,
        "carrier": "dpd",
        "order_number": "ORD-2026-5678",
        "brand_id": 1,
        "created_at": "2026-02-01T08:00:00+00:00",
        "updated_at": "2026-02-20T16:45:00+00:00",
        "requested_actions": [],
        "resolution": {
            "outcome": "claim_approved",
            "amount": 149.99,
            "currency": "EUR",
            "solved_at": "2026-02-20T16:45:00+00:00",
        },
    },
    {
        "id": 90,
        "status": "pending",
        "stage": "in_progress",
        "created_at": "2026-03-19T00:00:00Z",
        "requested_actions": [],
    },
]

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="dlt init reads a git clone")


class OnePage(BaseHTTPRequestHandler):
    """The list endpoint with three tickets, for the key pair `pub` and `sec`."""

    def do_GET(self) -> None:
        is_known = self.headers["Authorization"] == f"Basic {b64encode(b'pub:sec').decode()}"
        page = {"total": 3, "page": 1, "pages": 1, "size": 20, "items": TICKETS}
        self._answer(200, page) if is_known else self._answer(401, {"errors": []})

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keeps the test's output quiet."""


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), OnePage)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/api/v3"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, api: str) -> dict[str, str]:
    """No home, no telemetry, nothing of the person's own dlt configuration, and our server."""
    home = tmp_path_factory.mktemp("home")
    kept = {
        name: value
        for name, value in os.environ.items()
        if "__" not in name and not name.startswith("DLT_") and not name.lower().endswith("_proxy")
    }
    return kept | {
        "HOME": str(home),
        "DLT_DATA_DIR": str(home / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "SOURCES__SENDCLOUD_SUPPORT__BASE_URL": api,
        "SOURCES__SENDCLOUD_SUPPORT__REQUESTS_PER_MINUTE": "0",
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """An empty folder after `dlt init`, its `--location` a repository with our `sources`."""
    clone = tmp_path_factory.mktemp("clone")
    shutil.copytree(SOURCES, clone / "sources", ignore=shutil.ignore_patterns("__pycache__"))
    commit = ["-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "-qm", "test"]
    for arguments in (["init", "-q"], ["add", "--all"], commit):
        run(["git", *arguments], clone, environment)
    folder = tmp_path_factory.mktemp("project")
    init = ["--non-interactive", "init", "sendcloud_support", "duckdb", "--location", str(clone)]
    said = run([str(DLT), *init], folder, environment)
    assert "sendcloud_support (Sendcloud support tickets: status, claims and payouts" in said
    return folder


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_whole_source_is_copied(project: Path) -> None:
    ours = [path.name for path in SOURCE.iterdir() if path.suffix in (".py", ".md")]

    copied = [path.name for path in (project / "sendcloud_support").iterdir() if path.is_file()]
    assert sorted(copied) == sorted(ours)


def test_the_generated_secrets_ask_for_the_key_pair_and_nothing_else(project: Path) -> None:
    secrets = tomllib.loads((project / ".dlt/secrets.toml").read_text())

    assert list(secrets) == ["sources"]
    assert list(secrets["sources"]) == ["sendcloud_support"]
    assert list(secrets["sources"]["sendcloud_support"]) == ["credentials"]
    assert sorted(secrets["sources"]["sendcloud_support"]["credentials"]) == [
        "public_key",
        "secret_key",
    ]


def test_the_copied_example_loads_every_table(project: Path, environment: dict[str, str]) -> None:
    secrets = project / ".dlt/secrets.toml"
    lines = secrets.read_text().splitlines()
    values = {"public_key": "pub", "secret_key": "sec"}
    secrets.write_text("\n".join(filled(line, values) for line in lines))

    run([sys.executable, "sendcloud_support_pipeline.py"], project, environment)

    assert rows(
        project,
        "select id, status, stage, type, parcel_id, carrier, order_number, brand_id "
        "from tickets order by id",
    ) == [
        (42, "pending", "in_progress", "damaged", 98765, "postnl", "ORD-2026-1234", 3),
        (87, "claim_paid", "manually_solved_stage", "lost", 55432, "dpd", "ORD-2026-5678", 1),
        (90, "pending", "in_progress", None, None, None, None, None),
    ]
    assert rows(
        project,
        "select created_at::varchar, updated_at::varchar, vanished_at from tickets order by id",
    ) == [
        ("2026-03-15 10:30:00+00", "2026-03-18 14:22:00+00", None),
        ("2026-02-01 08:00:00+00", "2026-02-20 16:45:00+00", None),
        ("2026-03-19 00:00:00+00", None, None),
    ]
    assert rows(
        project,
        "select ticket_id, id, data_type, created_at::varchar from tickets__requested_actions",
    ) == [(42, 144, "sales_invoice", "2026-03-16 08:00:00+00")]
    assert rows(
        project,
        "select ticket_id, outcome, amount, currency, solved_at::varchar from tickets__resolution",
    ) == [(87, "claim_approved", Decimal("149.9900"), "EUR", "2026-02-20 16:45:00+00")]


def test_the_examples_other_function_loads_claims_only(
    project: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    here = {
        "SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__PUBLIC_KEY": "pub",
        "SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__SECRET_KEY": "sec",
        "DLT_DATA_DIR": str(tmp_path / "dlt"),
        "PYTHONPATH": str(project),
    }
    call = "import sendcloud_support_pipeline as example; example.load_claims_only()"

    run([sys.executable, "-c", call], tmp_path, environment | here)

    assert rows(tmp_path, "select id, type from tickets order by id") == [
        (42, "damaged"),
        (87, "lost"),
    ]


def test_the_requirements_of_the_source_are_what_it_imports() -> None:
    imported = {name for path in SOURCE.rglob("*.py") for name in packages_imported_by(path)}

    assert {name.replace("-", "_") for name in required()} == imported


def test_the_source_requires_the_versions_that_the_project_is_tested_with() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    project = {each.name: each.specifier for each in map(Requirement, listed)}

    assert required() == {name: project[name] for name in required()}


def required() -> dict[str, object]:
    lines = (SOURCE / "requirements.txt").read_text().splitlines()
    return {each.name: each.specifier for each in map(Requirement, lines)}


def packages_imported_by(path: Path) -> set[str]:
    """The packages, other than Python's own, that a module imports by name."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    plain = {alias.name for each in nodes if isinstance(each, ast.Import) for alias in each.names}
    from_ = {
        str(each.module) for each in nodes if isinstance(each, ast.ImportFrom) and each.level == 0
    }
    return {name.partition(".")[0] for name in plain | from_} - sys.stdlib_module_names


def filled(line: str, values: dict[str, str]) -> str:
    """A line of secrets.toml, its example replaced by the value of its key."""
    key = line.partition("=")[0].strip()
    return f'{key} = "{values[key]}"' if key in values else line


def rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(folder / "sendcloud_support.duckdb"), read_only=True) as warehouse:
        warehouse.execute("set timezone = 'UTC'; set schema = 'sendcloud'")
        return warehouse.execute(sql).fetchall()

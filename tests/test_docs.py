"""What is written is checked: commands, targets, keys, exit codes, columns, links and examples.

Reads the guides as a user would and asks the code whether they are true. Examples in SQL and Python
are run on a warehouse that has the tables and no rows.
"""

from __future__ import annotations

import argparse
import ast
import configparser
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import dlt
import duckdb
import pytest
import yaml
from dlt.common.configuration.specs import BaseConfiguration, GcpServiceAccountCredentials
from dlt.common.configuration.specs.runtime_configuration import RuntimeConfiguration
from dlt.destinations.impl.snowflake.configuration import SnowflakeCredentials

from pipelines.alerts import AlertConfiguration
from pipelines.command_line import EXIT_CODES, build_parser
from pipelines.runs import RunRecord
from pipelines.warehouse.destinations import DEFAULT_DATABASE
from pipelines.warehouse.warehouse import DATASET, MARTS, PIPELINE
from sources.sendcloud_support import (
    SOURCE_NAME,
    SendcloudCredentials,
    SupportConfiguration,
    create_all_tables,
)

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("sources/*/README.md"),
        *ROOT.glob("dashboards/*/README.md"),
    ]
)
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
SHELL_ENDS = re.compile(r"[|;&<>]|2>")


class Example(NamedTuple):
    """A block or a span of code in a page."""

    page: str
    language: str
    text: str


def examples(page: Path) -> Iterator[Example]:
    """Fenced blocks with their language, indented blocks as `sh`, spans as `span`."""
    name, text = page.relative_to(ROOT).as_posix(), page.read_text(encoding="utf-8")
    for indent, language, block in FENCE.findall(text):
        yield Example(name, language, re.sub(f"^{indent}", "", block, flags=re.MULTILINE))
    rest = FENCE.sub("", text)
    for block in INDENTED.findall(rest):
        yield Example(name, "sh", re.sub("^    ", "", block, flags=re.MULTILINE))
    for span in re.findall(r"`([^`\n]+)`", INDENTED.sub("", rest)):
        yield Example(name, "span", span)


EXAMPLES = [example for page in PAGES for example in examples(page)]


def of(*languages: str) -> list[Any]:
    """The distinct examples in these languages, as parameters of a test."""
    found = dict.fromkeys(each for each in EXAMPLES if each.language in languages)
    return [pytest.param(each, id=f"{each.page}: {title(each.text)}") for each in found]


def title(text: str) -> str:
    return text.strip().splitlines()[0][:60]


def shown(program: str) -> list[str]:
    """What stands after a program's name wherever the pages show it, up to a shell operator."""
    lines = {line for example in EXAMPLES for line in example.text.splitlines()}
    said = [line.partition(program)[2] for line in sorted(lines) if program in line]
    calls = {SHELL_ENDS.split(each)[0].strip(" \"',)") for each in said}
    return sorted(each for each in calls if re.match(r"[a-z-]", each))


COMMANDS = shown("python -m pipelines ")
SIMULATOR_CALLS = shown("python -m simulator ")
TARGETS = sorted(
    {name for call in shown("make ") for name in re.findall(r"^[a-z]+|(?<= )[a-z]+", call)}
)


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Each command's parser."""
    actions = build_parser()._actions
    [commands] = [each for each in actions if isinstance(each, argparse._SubParsersAction)]
    return dict(commands.choices)


def test_the_pages_show_every_command() -> None:
    assert {call.split()[0] for call in COMMANDS} >= set(parsers())


@pytest.mark.parametrize("call", COMMANDS)
def test_a_command_that_is_shown_exists(call: str) -> None:
    build_parser().parse_args(shlex.split(call))


@pytest.mark.parametrize("name", sorted(parsers()))
def test_a_command_explains_itself_and_its_options(name: str) -> None:
    parser = parsers()[name]
    options = [each for each in parser._actions if each.option_strings]

    assert parser.description
    assert [each.option_strings for each in options if not each.help] == []


def test_the_options_of_the_simulator_that_are_shown_exist() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    shown_options = {word for call in SIMULATOR_CALLS for word in re.findall(r"--[a-z-]+", call)}
    assert shown_options - set(re.findall(r"--[a-z-]+", done.stdout)) == set()


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_that_is_shown_exists(target: str) -> None:
    assert target in make_targets()


def test_every_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)

    assert set(" ".join(phony).split()) - {"install"} == make_targets()


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_guide_and_the_command_line_agree_about_exit_codes() -> None:
    told = re.findall(r"^  (\d)  (.+)$", EXIT_CODES, re.MULTILINE)

    assert cells("README.md", "exit code") == [list(each) for each in told]
    assert [row[0] for row in cells("docs/scheduling.md", "exit code")] == [
        each[0] for each in told
    ]


def test_the_guide_lists_every_setting_with_its_default() -> None:
    configuration = SupportConfiguration()
    defaults = {
        f"`{name}`": getattr(configuration, name)
        for name in configuration.get_resolvable_fields()
        if name != "credentials"
    } | {"`dataset`, `marts_dataset`": f"{DATASET}`, `{MARTS}"}

    listed = {key: default.strip("`") for key, default, _ in cells("README.md", "key")}
    assert listed == {key: plain(value) for key, value in defaults.items()}


def plain(value: object) -> str:
    """A default as the guide writes it: `15` for 15.0, `-` for nothing."""
    return f"{value:g}" if isinstance(value, float) else str("" if value is None else value) or "-"


def test_the_shipped_configuration_sets_what_is_the_default_anyway() -> None:
    """So that a setting does the same whether it is read from there or left out."""
    shipped = tomllib.loads((ROOT / ".dlt/config.toml").read_text())["sources"][SOURCE_NAME]
    configuration = SupportConfiguration()

    assert shipped == {name: getattr(configuration, name) for name in shipped}


def cells(page: str, first_heading: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading."""
    text = (ROOT / page).read_text(encoding="utf-8")
    table = text[text.index(f"| {first_heading} |") :].partition("\n\n")[0]
    return [
        [cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[2:]
    ]


def names_of(specification: type[BaseConfiguration], section: str) -> set[str]:
    return {f"{section}.{name}" for name in specification().get_resolvable_fields()}


OF_AN_ACCOUNT = re.compile(rf"^(sources\.{SOURCE_NAME})\.accounts\.[a-z0-9_]+")
"""An account among several has the keys of the only one, below its name."""

KEYS = (
    names_of(SupportConfiguration, f"sources.{SOURCE_NAME}")
    | names_of(SendcloudCredentials, f"sources.{SOURCE_NAME}.credentials")
    | names_of(RuntimeConfiguration, "runtime")
    | names_of(AlertConfiguration, f"sources.{SOURCE_NAME}.alerts")
    | {f"sources.{SOURCE_NAME}.{name}" for name in ("dataset", "marts_dataset")}
    | {"destination.warehouse.destination_type", "destination.warehouse.credentials"}
    | {f"destination.warehouse.credentials.{field}" for field in ("catalog", "storage")}  # a lake's
    | {f"destination.warehouse.credentials.{field}" for field in SnowflakeCredentials()}
    | {f"destination.warehouse.credentials.{field}" for field in GcpServiceAccountCredentials()}
    | {"destination.warehouse.location"}  # of BigQuery
)


@pytest.mark.parametrize("example", of("toml"))
def test_a_key_in_an_example_configuration_exists(example: Example) -> None:
    assert set(flat(tomllib.loads(example.text))) <= KEYS


def flat(table: dict[str, Any], section: str = "") -> Iterator[str]:
    for key, value in table.items():
        name = f"{section}.{key}" if section else key
        if isinstance(value, dict):
            yield from flat(value, name)
        else:
            yield OF_AN_ACCOUNT.sub(r"\1", name)


def test_a_key_that_is_named_exists() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    dotted = re.findall(
        rf"\b(?:sources\.{SOURCE_NAME}|destination\.warehouse)\.[a-z_.]*[a-z]", text
    )
    capitals = re.findall(r"\b(?:SOURCES|DESTINATION|RUNTIME)__[A-Z_]+[A-Z]", text)
    named = set(dotted) | {name.lower().replace("__", ".") for name in capitals}

    sections = {f"sources.{SOURCE_NAME}.{name}" for name in ("credentials", "alerts", "accounts")}
    plain_names = {OF_AN_ACCOUNT.sub(r"\1", name) for name in named}
    assert plain_names - KEYS - sections - {f"sources.{SOURCE_NAME}"} == set()


def test_a_mart_that_is_named_exists() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"`((?:fct|mart|dim)_[a-z_]+)`", text))

    assert named - {path.stem for path in (ROOT / "transform/models").rglob("*.sql")} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_links_to_files_that_exist(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", text)

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("example", of("yaml", "ini"))
def test_an_example_of_a_scheduler_is_well_formed(example: Example) -> None:
    if example.language == "yaml":
        assert list(yaml.safe_load(example.text)["jobs"]) == ["sync"]
    else:
        assert configparser.ConfigParser().read_string(example.text) is None


def test_the_workflow_is_well_formed_and_runs_what_is_run_here() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())

    assert workflow["jobs"]["test"]["steps"][-1] == {"run": ".ci/run"}


@pytest.mark.parametrize("example", of("sh"))
def test_a_shell_script_that_is_shown_can_be_read_by_a_shell(example: Example) -> None:
    placeholders_filled = re.sub(r"<[a-z][^>\n]*>", "PLACE", example.text)

    done = subprocess.run(["sh", "-n"], input=placeholders_filled, text=True, check=False)
    assert done.returncode == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a DuckDB warehouse that has every table and no row."""
    folder = tmp_path_factory.mktemp("warehouse")
    pipeline = dlt.pipeline(
        PIPELINE,
        destination=dlt.destinations.duckdb(str(folder / DEFAULT_DATABASE)),
        dataset_name=DATASET,
        pipelines_dir=str(folder),
    )
    create_all_tables(pipeline)
    pipeline.deactivate()
    return folder


@pytest.mark.parametrize("example", of("sql"))
def test_an_example_query_runs(example: Example, folder: Path) -> None:
    with duckdb.connect(str(folder / DEFAULT_DATABASE), read_only=True) as warehouse:
        assert warehouse.execute(example.text).fetchall() == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("example", of("python"))
def test_an_example_program_runs(
    example: Example, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those for other people's programs only have to parse; `dlt init` is tested with its copy.

    Where one would ask the API, what is behind `carry_out` is not.
    """
    program = compile(ast.parse(example.text), example.page, "exec")
    monkeypatch.chdir(folder)
    for name in ("PUBLIC_KEY", "SECRET_KEY"):
        monkeypatch.setenv(f"SOURCES__SENDCLOUD_SUPPORT__CREDENTIALS__{name}", "a-key")
    monkeypatch.setattr("pipelines.runs.carry_out", lambda *given: RunRecord(given[2], NOON))
    elsewhere = {"airflow", "dagster", "orchestration", "sendcloud_support"}
    if not elsewhere & imported(example.text):
        exec(program, {})


def imported(text: str) -> set[str]:
    """The packages that a program imports from."""
    nodes = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.ImportFrom)]
    return {str(each.module).partition(".")[0] for each in nodes}


TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "VARCHAR": "text",
}


def test_the_page_about_tables_has_every_table_column_and_type_of_the_warehouse(
    folder: Path,
) -> None:
    with duckdb.connect(str(folder / DEFAULT_DATABASE), read_only=True) as warehouse:
        columns = warehouse.execute(
            "select table_name, column_name, data_type, is_nullable "
            "from information_schema.columns where table_schema = ? "
            "and table_name not like '\\_dlt%' escape '\\' "
            "and column_name not like '\\_dlt%' escape '\\' order by table_name, ordinal_position",
            [DATASET],
        ).fetchall()
    held: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind, nullable in columns:
        suffix = "" if nullable == "YES" else ", not null"
        described = TYPES.get(kind, kind.lower()) + suffix
        held.setdefault(table, []).append((column, described))

    assert {
        table: [(column, kind) for column, kind, _ in rows] for table, rows in told_tables().items()
    } == held


def test_the_page_about_tables_gives_each_column_the_meaning_it_has_in_the_schema(
    folder: Path,
) -> None:
    pipeline = dlt.attach(PIPELINE, pipelines_dir=str(folder))
    tables = pipeline.schemas[SOURCE_NAME].tables
    pipeline.deactivate()

    assert {
        (table, column): meaning
        for table, rows in told_tables().items()
        for column, _, meaning in rows
    } == {
        (name, column["name"]): column["description"]
        for name, table in tables.items()
        for column in table["columns"].values()
        if not name.startswith("_dlt") and not column["name"].startswith("_dlt")
    }


def told_tables() -> dict[str, list[tuple[str, str, str]]]:
    """Columns by table, as docs/tables.md tells them: name, type, meaning."""
    text = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    row = re.compile(r"^\| `(\w+)` \| ([^|]+?) \| (.+?) \|$", re.MULTILINE)
    told = {section.partition("\n")[0]: row.findall(section) for section in sections}
    return {table: rows for table, rows in told.items() if rows}

"""dbt's manifest: what the project's tables, checks and sources are, and what stands on what.

Depends on `dbt_process` and on the project in `transform/`; on no warehouse. Promises that dbt
reads the project anew only where a file of it has changed since, because that takes it seconds and
a scheduler asks in each of its processes.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dlt.common.runtime.run_context import active

from ..dbt_environment import PROJECT, own_settings
from ..dbt_process import dbt_process

PARTS = ("*.yml", "*.sql", "*.md", "*.csv")
OF_DBT = ("target", "logs", "dbt_packages")


class NoManifestError(Exception):
    """dbt cannot read the project."""

    def __init__(self, log: Path) -> None:
        super().__init__(f"dbt cannot read {PROJECT.name}/. What it says of it: {log}")


def manifest_file(folder: Path | None = None) -> Path:
    """The file of the manifest; dbt makes it if there is none of the project as it is now.

    Args:
        folder: Where manifests are kept, if not in dlt's data folder (`DLT_DATA_DIR`).
    """
    place = folder or Path(active().data_dir) / "sendcloud_support.dbt"
    file = place / f"manifest_{_state_of_project()}.json"
    if not file.exists():
        place.mkdir(parents=True, exist_ok=True)
        _parse(file)
    return file


def read_manifest(folder: Path | None = None) -> dict[str, Any]:
    """The manifest itself; see `manifest_file`."""
    found: dict[str, Any] = json.loads(manifest_file(folder).read_text(encoding="utf-8"))
    return found


def _parse(file: Path) -> None:
    """Beside the place, then into it: another process may be looking for it."""
    arguments = ["--quiet", "parse", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    with tempfile.TemporaryDirectory(dir=file.parent) as beside, dbt_process() as process:
        settings = own_settings(Path(beside))
        made = Path(settings["DBT_TARGET_PATH"]) / "manifest.json"
        if process.run(arguments, settings) or not made.exists():
            raise NoManifestError(_keep_log(Path(settings["DBT_LOG_PATH"]), file.parent))
        made.replace(file)


def _keep_log(logs: Path, place: Path) -> Path:
    kept = place / "dbt.log"
    if (logs / kept.name).exists():
        (logs / kept.name).replace(kept)
    return kept


def _state_of_project() -> str:
    """Tells one state of the project from another: by names, sizes and times of files, and dbt."""
    told = [version("dbt-core"), *map(str, sorted(_files()))]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _files() -> Iterator[tuple[str, int, int]]:
    for path in (found for part in PARTS for found in PROJECT.rglob(part)):
        name = path.relative_to(PROJECT)
        if name.parts[0] not in OF_DBT:
            now = path.stat()
            yield name.as_posix(), now.st_size, now.st_mtime_ns

"""`python -m notebooks`: write the pages of both notebooks, with pictures, for the demo's world.

Depends on marimo's own export and on `python -m pipelines demo`, each in a process of its own.
Promises the same files for the same sources: the demo has a seed and a clock of its own, and
nothing of your own warehouse is read. `--warehouse FILE` takes a demo's file that is there already.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from answers import theme

from .png import pack

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "notebooks"
PICTURES = ROOT / "docs" / "pictures"
FOR_THE_GUIDE = {
    "claim_payouts": "payouts.heat_map(",
    "resolution_time": 'times.survival(desk, "carrier")',
}
"""The cell of each notebook whose picture the guide shows."""

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def main(arguments: list[str] | None = None) -> int:
    """Render both notebooks."""
    parser = argparse.ArgumentParser(prog="python -m notebooks", description=__doc__)
    parser.add_argument("--warehouse", type=Path, help="the demo's file, if it is there already")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        warehouse = options.warehouse or make_demo(Path(folder))
        for name in FOR_THE_GUIDE:
            render(name, warehouse.absolute(), Path(folder))
            sys.stdout.write(f"notebooks/{name}.ipynb\n")
    return 0


def make_demo(folder: Path) -> Path:
    """The demo's file, made in a folder of its own."""
    sys.stdout.write("Making the demo's world; this takes a minute.\n")
    run(folder, ["-m", "pipelines", "demo"], folder)
    return folder / "sendcloud_demo.duckdb"


def render(name: str, warehouse: Path, folder: Path) -> None:
    """Write a notebook's page, and its picture for the guide."""
    page = folder / f"{name}.ipynb"
    export = ["-m", "marimo", "export", "ipynb", str(FOLDER / f"{name}.py"), "-o", str(page)]
    more = {"DESTINATION__WAREHOUSE__CREDENTIALS": str(warehouse), theme.RENDERER: "png"}
    run(ROOT, [*export, "--include-outputs", "--sort", "top-down", "--force"], folder, **more)
    notebook = tidy(json.loads(page.read_text(encoding="utf-8")))
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / page.name).write_text(text, encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(picture_of(notebook, FOR_THE_GUIDE[name]))


def run(cwd: Path, arguments: list[str], folder: Path, **more: str) -> None:
    """Run Python on something of this project, quietly; what it says is shown if it fails."""
    own = {"PYTHONPATH": str(ROOT), "DLT_DATA_DIR": str(folder / "dlt")}
    environment = {**os.environ, **own, **more}
    command = [sys.executable, *arguments]
    done = subprocess.run(  # noqa: S603
        command, cwd=cwd, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments[:4])} failed:\n{done.stdout}{done.stderr}")


def tidy(notebook: dict[str, Any]) -> dict[str, Any]:
    """Name the kernel, so that Jupyter asks nobody, and pack the pictures."""
    notebook["metadata"]["kernelspec"] = KERNEL
    for data in outputs(notebook):
        if "image/png" in data:
            data["image/png"] = pack(data["image/png"])
    return notebook


def outputs(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the cells show, by kind."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            yield output.get("data", {})


def picture_of(notebook: dict[str, Any], source: str) -> bytes:
    """The picture under the cell that begins like this."""
    [cell] = [each for each in notebook["cells"] if "".join(each["source"]).startswith(source)]
    return b64decode(cell["outputs"][0]["data"]["image/png"])


if __name__ == "__main__":
    sys.exit(main())

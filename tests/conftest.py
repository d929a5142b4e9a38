"""Every test starts from the committed configuration and nothing else.

Depends on dlt. Promises that no secret, environment variable, working folder or active pipeline
of the developer, or of another test, reaches a test.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs import PluggableRunContext
from dlt.common.configuration.utils import get_resolved_traces
from dlt.common.pipeline import PipelineContext
from hypothesis import settings

COMMITTED_CONFIG = Path(__file__).parents[1] / ".dlt" / "config.toml"
DLT_SECTIONS = (
    "CREDENTIALS",
    "DATA_WRITER__",
    "DESTINATION",
    "DLT_",
    "EXTRACT__",
    "LOAD__",
    "NORMALIZE__",
    "PIPELINE",
    "RUNTIME__",
    "SCHEMA__",
    "SOURCES__",
)
NETWORK = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle")

settings.register_profile("same every time", deadline=None, derandomize=True, database=None)
settings.register_profile("deep", deadline=None, max_examples=5_000, print_blob=True)
settings.load_profile("same every time")


@pytest.fixture(autouse=True)
def own_dlt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """dlt's folders under `tmp_path`, its configuration as committed, its environment empty."""
    for name in os.environ:
        if name.startswith(DLT_SECTIONS) or name.lower() in NETWORK:
            monkeypatch.delenv(name)
    folder = tmp_path / "dlt"
    (folder / ".dlt").mkdir(parents=True)
    shutil.copy(COMMITTED_CONFIG, folder / ".dlt" / "config.toml")
    for name in ("DLT_PROJECT_DIR", "DLT_DATA_DIR", "DLT_LOCAL_DIR"):
        monkeypatch.setenv(name, str(folder))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    Container()[PluggableRunContext].reload_providers()
    get_resolved_traces().clear()
    yield
    Container()[PipelineContext].deactivate()

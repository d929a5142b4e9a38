"""`python -m pipelines`: see `command_line`.

Loading works without pandas, but DuckDB imports it as soon as it is installed: 50 MB and half a
CPU second that a nightly run need not spend. Here, and only in this process, it counts as absent;
but for the report, which is made with it.

What is imported stays until the end, so looking for garbage in it is another half second.
"""

import atexit
import gc
import sys
from importlib.abc import MetaPathFinder

from .dbt_process import start_early


class WithoutPandas(MetaPathFinder):
    """Answers every search for pandas with "not installed"."""

    def find_spec(self, name: str, *_: object) -> None:
        """None leaves the search to the other finders."""
        if name == "pandas":
            raise ModuleNotFoundError(f"{name} is kept out of this process", name=name)


if __name__ == "__main__":
    gc.set_threshold(20_000)
    atexit.register(gc.freeze)
    if sys.argv[1:] == ["marts"]:
        start_early()
    if sys.argv[1:2] != ["report"]:
        sys.meta_path.insert(0, WithoutPandas())

    from .command_line import main

    gc.freeze()
    sys.exit(main())

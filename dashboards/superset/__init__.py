"""The tiles as a dashboard of Apache Superset, in a bundle that its import takes.

Depends on PyYAML and on `transform/tiles`; Superset itself is needed by `trial` alone, which runs
in an environment of its own (`packages.lock`). Promises no number of its own: every dataset is the
statement of a tile.
"""

from .bundle import Bundle, BundleError

__all__ = ["Bundle", "BundleError"]

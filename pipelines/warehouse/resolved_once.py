"""A destination whose configuration is resolved once, and not for each client.

Depends on dlt's destinations. dlt resolves configuration and capabilities anew whenever it makes a
client or reads a schema, some sixty times in a run, which took a third of its fixed time. Promises
the same configuration for the same question as long as the destination lives; all clients of one
dataset then share one pool of connections too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlt.common.destination import Destination

Question = tuple[str, ...]

KEYS = "credentials"


class ResolvedOnce(Destination[Any, Any]):
    """Stands before a class of dlt's among the bases of another."""

    def configuration(self, initial_config: Any, accept_partial: bool = False) -> Any:
        """As dlt's."""
        question = (str(accept_partial), *_told(initial_config), *_told(self.config_params))
        if question not in self._known:
            self._known[question] = super().configuration(initial_config, accept_partial)
        return self._known[question]

    @property
    def _known(self) -> dict[Question, Any]:
        """Not made by an `__init__`, whose arguments dlt would take for the destination's."""
        known: dict[Question, Any] = vars(self).setdefault("_resolved", {})
        return known


def once(destination: Destination[Any, Any]) -> Destination[Any, Any]:
    """The same destination, resolving once; dlt records it by its own name."""
    kind, name = type(destination), destination.destination_type
    resolving = type(kind.__name__, (ResolvedOnce, kind), {"destination_type": name})
    made: Destination[Any, Any] = resolving(**destination.config_params)
    return made


def _told(fields: Any) -> Iterator[str]:
    """All but the credentials, which belong to the destination."""
    return (f"{name}={value}" for name, value in dict(fields or {}).items() if name != KEYS)

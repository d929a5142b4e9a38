"""The licences of what is installed, as a Markdown table: what each package itself says.

Depends on the standard library only. Run by `make licences`, in the environment that it tells of.
"""

from __future__ import annotations

import sys
from importlib.metadata import Distribution, distributions

PREFIX = "License :: OSI Approved :: "
LONGEST = 60


def licence_of(package: Distribution) -> str:
    """The expression of the metadata, else its classifiers, else its first line of text."""
    about = package.metadata
    said = about.get("License-Expression")
    classified = [
        each.removeprefix(PREFIX)
        for each in about.get_all("Classifier") or []
        if each.startswith(PREFIX)
    ]
    text = (about.get("License") or "").strip().partition("\n")[0]
    return said or ", ".join(classified) or text[:LONGEST] or "not said"


def main() -> None:
    """A line for each package."""
    found = {each.metadata["Name"]: each for each in distributions()}
    lines = ["| package | version | licence |", "|---|---|---|"]
    for name in sorted(found, key=str.lower):
        package = found[name]
        lines.append(f"| {name} | {package.version} | {licence_of(package)} |")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

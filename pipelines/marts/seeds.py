"""The files that people fill, read before dbt builds anything with them.

Depends on `seed_rules`. Promises that what a build would get wrong, differently on each engine or
only after some of the tables, is refused first, by its file and line; values are not repeated, for
some are a merchant's own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dlt.common.configuration.exceptions import ConfigurationValueError

from sources.sendcloud_support.holdings import counted

from .seed_rules import PSEUDONYM, SEEDS, Line, Seed

Numbered = tuple[int, Line]

VALUES = "claim_values"


def check_seeds(folder: Path) -> None:
    """Raise for the first line that cannot be taken as it is, and count the others."""
    _refuse([fault for name, seed in SEEDS.items() for fault in _faults(folder, name, seed)])


def check_concealed(folder: Path) -> None:
    """The same for lines that name an order in clear, where pseudonyms are loaded."""
    values = SEEDS[VALUES]
    columns = {**values.columns, "order_number": PSEUDONYM}
    _refuse(list(_faults(folder, VALUES, replace(values, columns=columns))))


def _refuse(faults: list[str]) -> None:
    if not faults:
        return
    more = f" So {_are(len(faults) - 1)} elsewhere." if len(faults) > 1 else ""
    raise ConfigurationValueError(f"{faults[0]}.{more} Nothing was built: mend it and build again.")


def _are(number: int) -> str:
    return f"{'is' if number == 1 else 'are'} {counted(number, 'more line')}"


def _faults(folder: Path, name: str, seed: Seed) -> Iterator[str]:
    file = folder / f"{name}.csv"
    shown = f"{folder.parent.name}/{folder.name}/{file.name}"
    try:
        lines = list(_lines(file))
    except FileNotFoundError:
        yield f"{shown} is missing; it may be empty but for its columns {','.join(seed.columns)}"
    except UnicodeDecodeError:
        yield f"{shown} is not written in UTF-8"
    except csv.Error as error:
        yield f"{shown} cannot be read as CSV ({error})"
    else:
        for number, fault in _faults_of_lines(lines, seed):
            yield f"{shown}, line {number}: {fault}"


def _lines(file: Path) -> Iterator[tuple[int, list[str]]]:
    """Each line with its number, whatever its ends are; a mark of the encoding is no text."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        start = 1
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1


def _faults_of_lines(lines: list[tuple[int, list[str]]], seed: Seed) -> Iterator[tuple[int, str]]:
    columns = list(seed.columns)
    if not lines or lines[0][1] != columns:
        yield 1, f"the columns should be {','.join(columns)}, with commas between"
        return
    whole: list[Numbered] = []
    for number, cells in lines[1:]:
        if len(cells) == len(columns):
            whole.append((number, dict(zip(columns, cells, strict=True))))
        else:
            yield number, f"{counted(len(cells), 'value')} where {len(columns)} belong"
    for number, line in whole:
        yield from ((number, fault) for fault in _faults_of(line, seed))
    for key in seed.keys:
        yield from _twice(whole, key)


def _faults_of(line: Line, seed: Seed) -> Iterator[str]:
    wrong = [name for name, text in line.items() if not _is_right(seed, name, text)]
    for name in wrong:
        yield f"{name} should be {seed.columns[name].wants}"
    if not wrong:
        yield from (words for words, holds in seed.of_a_line.items() if not holds(line))


def _is_right(seed: Seed, name: str, text: str) -> bool:
    rule = seed.columns[name]
    if not text:
        return rule.is_optional
    return text == text.strip() and "\0" not in text and rule.holds(text)


def _twice(lines: list[Numbered], key: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Currencies are the same in capitals and without, and so is a key made of one."""
    first: dict[tuple[str, ...], int] = {}
    for number, line in lines:
        values = tuple(line[name].upper() if name == "currency" else line[name] for name in key)
        if any(values) and first.setdefault(values, number) != number:
            yield number, f"{' and '.join(key)} as in line {first[values]}; one line is enough"

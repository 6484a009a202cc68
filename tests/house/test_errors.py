"""Every error of the house can be acted on: a code of its own, two texts in two languages, an exit status."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from string import Formatter

from catalog.station_error import StationError
from tests.house.tree import ROOT, files, import_everything, packages

HAN = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
CODE = re.compile(r"(catalog|devices|ingest|media|review|station|vault)\.[a-z0-9]+(-[a-z0-9]+)*")
OF_THE_SHELL = range(126, 256)
SOME_HELD, WRONG_USE = 3, 2


def subclasses(base: type[StationError]) -> Iterator[type[StationError]]:
    for child in base.__subclasses__():
        yield child
        yield from subclasses(child)


def every_error() -> list[type[StationError]]:
    assert len(list(import_everything())) > len(packages())
    ours = (error for error in subclasses(StationError) if error.__module__.split(".")[0] in packages())
    return sorted(ours, key=lambda error: (error.__module__, error.__name__))


def faults(error: type[StationError]) -> list[str]:
    """What is wrong with an error's class."""
    found = []
    if not CODE.fullmatch(getattr(error, "code", "")):
        found.append("no code of the form folder.what-it-is")
    if not vars(error).get("__doc__"):
        found.append("no docstring")
    if error.exit_status in (0, SOME_HELD, WRONG_USE) or error.exit_status < 0 or error.exit_status in OF_THE_SHELL:
        found.append(f"exit status {error.exit_status} means something else")
    texts = [getattr(error, language, ()) for language in ("en", "zh")]
    if [len([text for text in pair if text.strip()]) for pair in texts] != [2, 2]:
        return [*found, "not one sentence and one hint in each language"]
    english, chinese = texts
    if any(HAN.search(text) for text in english) or not all(HAN.search(text) for text in chinese):
        found.append("a text in the wrong language")
    if [fields(text) for text in english] != [fields(text) for text in chinese]:
        found.append("the two languages tell different facts")
    return found


def fields(text: str) -> set[str]:
    """The facts a text tells; `what_zh` is `what` in Chinese."""
    return {name.removesuffix("_zh") for _, name, _, _ in Formatter().parse(text) if name}


def test_every_error_can_be_acted_on() -> None:
    assert {error.__name__: found for error in every_error() if (found := faults(error))} == {}


def test_no_two_errors_share_a_code() -> None:
    codes = Counter(error.code for error in every_error())
    assert [code for code, count in codes.items() if count > 1] == []


def test_whether_others_wait_is_said_by_the_error_not_guessed_from_its_code() -> None:
    sources = {path: (ROOT / path).read_text() for path in files(".py") if path.parts[0] in packages()}
    assert [str(path) for path, text in sources.items() if ".code.startswith(" in text] == []
    awaited = {error.__name__ for error in every_error() if error.code.endswith((".unreachable", ".lost"))}
    assert {error.__name__ for error in every_error() if error.reach == "all"} >= awaited


def test_a_careless_error_is_noticed() -> None:
    class Careless(StationError):
        code, exit_status = "Oops", 2
        en = ("{path} is lost.", "Look for it.")
        zh = ("丢失。", "Look for it.")

    assert len(faults(Careless)) == 5

"""Which recorder a card belongs to: every witness against every other."""

from __future__ import annotations

import pytest

from catalog.rules.recognition import Recognised, Source, Witness, recognised, says_nothing, story
from catalog.rules.register import Register, Registered

FACTORY = "0123456789ABCDEF"
ONE = Registered("TA00716", FACTORY, None, None, None)
TWO = Registered("TA00717", None, "TA00717", None, None)
THREE = Registered("R-17", "4C530001", None, None, None, numbers=("TA00800", "34020000001320000001"))
HOUSE = Registered("R-18", "4C530002", None, None, None)
TWIN_A = Registered("TA00901", "TWIN", None, None, None)
TWIN_B = Registered("TA00902", "TWIN", "CAM B", None, None, numbers=("TA00902",))
REGISTER = Register((ONE, TWO, THREE, HOUSE, TWIN_A, TWIN_B))

SHORT: dict[str, Source] = {"s": "serial", "l": "label", "r": "record", "n": "name", "p": "stated", "f": "folder"}

AGREED = {
    "a serial of its own": ("s=4C530001", "R-17"),
    "a serial and its own number": ("s=4C530001 n=TA00800", "R-17"),
    "both kinds of its numbers": ("s=4C530001 n=TA00800 n=34020000001320000001", "R-17"),
    "a label that says nothing": ("s=4C530001 l=NO_NAME", "R-17"),
    "a label that is just a word": ("s=4C530001 l=BODYCAM", "R-17"),
    "a label like others of its make": ("s=4C530001 l=REC00001", "R-17"),
    "a number from the factory": ("s=4C530001 n=1111111", "R-17"),
    "a factory serial that names confirm": (f"s={FACTORY} n=TA00716", "TA00716"),
    "a factory serial that a record confirms": (f"s={FACTORY} r=ta00716", "TA00716"),
    "a factory serial that the label confirms": (f"s={FACTORY} l=TA00716", "TA00716"),
    "a label where no serial is told": ("l=TA00717", "TA00717"),
    "a label beside a serial nobody has": ("s=9999X l=TA00717 n=TA00717", "TA00717"),
    "one of two with one serial, by names": ("s=TWIN n=TA00901", "TA00901"),
    "one of two with one serial, by label": ("s=TWIN l=CAM_B", "TA00902"),
    "a house number, and numbers nobody has": ("s=4C530002 n=TA00555", "R-18"),
    "what a person said": ("p=TA00716", "TA00716"),
    "what a person said, by another of its numbers": ("p=TA00800 n=TA00800", "R-17"),
    "what a person said of none in the register": ("p=EV00001 n=EV00001 r=EV00001", "EV00001"),
    "a watched folder and numbers nobody has": ("f=GATE-01 n=TA00555", "GATE-01"),
}
CONTRADICTED = {
    "serial and names, both in the register": (f"s={FACTORY} n=TA00717", "s n"),
    "serial and names, nobody's": (f"s={FACTORY} n=TA00718", "s n"),
    "serial and names of digits": (f"s={FACTORY} n=1000088", "s n"),
    "serial and label, both in the register": (f"s={FACTORY} l=TA00717 n=TA00716", "s l"),
    "serial and label, nobody's": (f"s={FACTORY} l=TA00718 n=TA00716", "s l"),
    "serial and record": (f"s={FACTORY} r=TA00717 n=TA00716", "s r"),
    "names of two": (f"s={FACTORY} n=TA00716 n=TA00718", "s n"),
    "names of two nobody has": ("s=4C530002 n=TA00555 n=TA00556", "n n"),
    "names and label nobody has": ("s=4C530002 l=TA00555 n=TA00556", "l n"),
    "a number of another in the register": ("s=4C530002 n=TA00800", "s n"),
    "a national code of another": ("s=4C530001 n=34020000001320000002", "s n"),
    "two labels": ("l=TA00717 l=CAM_B", "l l"),
    "two of one serial, a third's names": ("s=TWIN n=TA00903", "s n"),
    "what a person said and names": ("p=TA00716 n=TA00718", "p n"),
    "what a person said and a label": ("p=TA00716 l=TA00717 n=TA00716", "p l"),
    "a watched folder and a recorder's names": ("f=GATE-01 n=TA00716", "f n"),
    "names and record, nobody asked": ("n=TA00555 r=TA00556", "n r"),
}
UNSURE = {
    "a factory serial alone": (f"s={FACTORY}", ["TA00716"]),
    "a factory serial and a house number": (f"s={FACTORY} n=ABC", ["TA00716"]),
    "two with one serial": ("s=TWIN", ["TA00901", "TA00902"]),
    "two with one serial, a word for a label": ("s=TWIN l=NO_NAME", ["TA00901", "TA00902"]),
}
UNKNOWN = {"nothing": "", "a serial nobody has": "s=9999X", "a factory serial": "s=000000000000", "names": "n=TA00716"}


def heard(told: str) -> list[Witness]:
    words = [one.split("=", 1) for one in told.split()]
    return [Witness(SHORT[source], text.replace("_", " ")) for source, text in words]


@pytest.mark.parametrize(("told", "serial"), AGREED.values(), ids=AGREED)
def test_witnesses_that_agree(told: str, serial: str) -> None:
    found = recognised(REGISTER, heard(told))
    assert found.recorder is not None
    assert found.recorder.serial == serial


@pytest.mark.parametrize(("told", "sources"), CONTRADICTED.values(), ids=CONTRADICTED)
def test_witnesses_that_contradict(told: str, sources: str) -> None:
    found = recognised(REGISTER, heard(told))
    assert found.recorder is None
    assert found.stories is not None
    assert [one.source for one in found.stories] == [SHORT[source] for source in sources.split()]


@pytest.mark.parametrize(("told", "serials"), UNSURE.values(), ids=UNSURE)
def test_a_serial_that_others_tell_too_is_not_enough(told: str, serials: list[str]) -> None:
    found = recognised(REGISTER, heard(told))
    assert (found.recorder, found.stories, [one.serial for one in found.rivals]) == (None, None, serials)


@pytest.mark.parametrize("told", UNKNOWN.values(), ids=UNKNOWN)
def test_what_names_nobody(told: str) -> None:
    assert recognised(REGISTER, heard(told)) == Recognised()


def test_a_serial_that_was_met_twice_needs_another_witness() -> None:
    told = heard("s=4C530001")
    assert recognised(REGISTER, told) == Recognised(THREE)
    assert recognised(REGISTER, told, shared={"4C530001"}) == Recognised(rivals=(THREE,))
    assert recognised(REGISTER, heard("s=4C530001 n=TA00800"), shared={"4C530001"}) == Recognised(THREE, is_sure=True)


def test_a_dock_that_takes_any_believes_a_serial_but_no_factory_serial() -> None:
    found = recognised(Register(), heard("s=9999X n=TA00716"), takes_any=True).recorder
    assert found is not None
    assert found.serial == "9999X"
    assert recognised(Register(), heard("s=000000000000"), takes_any=True).recorder is None
    assert recognised(REGISTER, heard("s=9999X l=TA00717"), takes_any=True).recorder == TWO


@pytest.mark.parametrize(
    "text", [FACTORY, "0123456789", "123456789ABC", "1234567890", "000000", "1111111", "FFFFFFFF", ""]
)
def test_what_a_factory_writes_on_all_says_nothing(text: str) -> None:
    assert says_nothing(Witness("serial", text))
    assert says_nothing(Witness("name", text))


@pytest.mark.parametrize("text", ["TA00716", "1000088", "4C530001", "123", "20260305"])
def test_other_numbers_say_something(text: str) -> None:
    assert not says_nothing(Witness("serial", text))


def test_a_story_names_whom_it_means() -> None:
    assert story(Witness("serial", FACTORY), REGISTER) == (
        "the USB serial 0123456789ABCDEF (recorder TA00716)",
        "USB 序列号 0123456789ABCDEF（记录仪 TA00716）",
    )
    assert story(Witness("name", "TA00718"), REGISTER)[0] == "a file name with TA00718"

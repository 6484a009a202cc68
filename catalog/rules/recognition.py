"""Which recorder a card belongs to (识别), by everything that names one: no single witness is believed against another.

A witness is a text and where it stands. ROLES says what each kind may do; the rest is sets: the witness that identifies
gives the recorders it may be, every other one strikes out those it speaks against, and exactly one must be left.

- An officer's number is no witness here: it is attribution (`catalog/rules/attribution.py`).
- What many devices tell says nothing: factory serials and numbers (`0123456789ABCDEF`, `1111111`), labels (`NO NAME`).
- A serial that more than one device is known to tell identifies only together with another witness.
- A number nobody in the register has speaks against a recorder that has another number of the same form.

Shapes: pure; the register and witnesses in, `Recognised` out. Texts are compared without case and outer spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from catalog.rules.register import Register, Registered

Source = Literal["stated", "folder", "serial", "label", "record", "name"]
"""Where a witness stands: said by a person, a watched folder's setting, USB, the volume, a file of the recorder's own
that says whose it is, the names of its files."""

Form = tuple[int, str] | None
"""What makes two numbers comparable, or None for a text that is no number."""

NUMBER_CHARS, NUMBER_DIGITS_MIN = range(5, 21), 3
FACTORY_RUN = ("0123456789abcdef" * 2, "1234567890" * 3)
GENERIC_LABELS = frozenset({"no name", "noname", "untitled", "new volume", "新加卷", "usb", "sdcard", "dcim", "disk"})


@dataclass(frozen=True, slots=True)
class Witness:
    """One text that names a recorder, and where it stands."""

    source: Source
    text: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the witnesses come to: `recorder`, the one they agree on, if any; `is_sure`: more than one named it.

    Without a recorder `stories` are two that contradict each other; else `rivals` are those left: more than one, or one
    whose only witness is a serial others tell too; none: nobody in the register is named.
    """

    recorder: Registered | None = None
    is_sure: bool = False
    rivals: tuple[Registered, ...] = ()
    stories: tuple[Witness, Witness] | None = None


# ---------------------------------------------------------------------- what each kind of witness may do


@dataclass(frozen=True, slots=True)
class _Role:
    """Whom a text names, by itself (`identifies`, None: nobody) and beside another witness (`names`).

    `form`: which unknown numbers speak against a recorder that has another one of that form.
    """

    identifies: Callable[[Registered, str], bool] | None
    names: Callable[[Registered, str], bool]
    form: Callable[[str], Form]


def _numbers(one: Registered) -> tuple[str, ...]:
    """The numbers its files, its label or a person may call it by."""
    return (one.serial, *one.numbers)


def _is_numbered(one: Registered, text: str) -> bool:
    return any(_same(text, own) for own in (*_numbers(one), one.usb_serial) if own)


def _is_labelled(one: Registered, text: str) -> bool:
    return (one.label is not None and _same(text, one.label)) or _is_numbered(one, text)


def _tells(one: Registered, text: str) -> bool:
    return one.usb_serial is not None and _same(text, one.usb_serial)


def _known_by_label(one: Registered, text: str) -> bool:
    """A label identifies a recorder only where that tells no serial of its own."""
    return one.usb_serial is None and one.label is not None and _same(text, one.label)


def _length(text: str) -> Form:
    """Product numbers have 7 characters, national codes 20: two of one length are of one kind."""
    is_number = text.isascii() and text.isalnum() and sum(map(str.isdigit, text)) >= NUMBER_DIGITS_MIN
    return (len(text), "") if is_number and len(text) in NUMBER_CHARS else None


def _shape(text: str) -> Form:
    """A label may be any word: only one that looks exactly like a number is taken for one."""
    form = _length(text)
    return form and (form[0], re.sub("[a-z]", "a", re.sub("[0-9]", "9", text.casefold())))


def _none(_: str) -> Form:
    return None


ROLES: dict[Source, _Role] = {
    "stated": _Role(_is_numbered, _is_numbered, _length),
    "folder": _Role(_is_numbered, _is_numbered, _length),
    "serial": _Role(_tells, _tells, _none),
    "label": _Role(_known_by_label, _is_labelled, _shape),
    "record": _Role(None, _is_numbered, _length),
    "name": _Role(None, _is_numbered, _length),
}
SOURCES: dict[Source, tuple[str, str]] = {
    "stated": ("the stated recorder", "所填记录仪"),
    "folder": ("the watched folder of", "固定点位目录"),
    "serial": ("the USB serial", "USB 序列号"),
    "label": ("the volume label", "存储卡卷标"),
    "record": ("the card's own record", "设备记录文件"),
    "name": ("a file name with", "文件名中的编号"),
}
"""What they are called, in English and Chinese."""
SAID: frozenset[Source] = frozenset({"stated", "folder"})
"""These identify a recorder that is not in the register, too."""


def is_comparable(one: Registered) -> bool:
    """Whether a number in file names that is not this recorder's would speak against it."""
    return any(_length(number) is not None for number in _numbers(one))


# ---------------------------------------------------------------------- the judgement


def recognised(
    register: Register, witnesses: Sequence[Witness], *, shared: Collection[str] = (), takes_any: bool = False
) -> Recognised:
    """The recorder all witnesses agree on. `shared` are serials that were met on two devices at once.

    `takes_any`: a serial identifies a recorder that is not in the register, by that serial.
    """
    speaking = [one for one in witnesses if one.source in SAID | {"serial"} or not says_nothing(one)]
    first, rivals = _identified(register, speaking, takes_any)
    if first is None:
        return Recognised(stories=_disagreeing([one for one in speaking if one.source != "serial"], ()))
    pool, confirmed = (*register.recorders, *rivals), set()
    for witness in speaking:
        if witness is first or says_nothing(witness):
            continue
        left = [one for one in rivals if not _speaks_against(witness, one, pool)]
        if not left:
            return Recognised(rivals=tuple(rivals), stories=(first, witness))
        rivals = left
        confirmed |= {one.serial for one in rivals if ROLES[witness.source].names(one, witness.text)}
    if stories := _disagreeing([one for one in speaking if one is not first], rivals):
        return Recognised(rivals=tuple(rivals), stories=stories)
    named = [one for one in rivals if one.serial in confirmed]
    if first.source == "serial" and _is_shared(first.text, register, shared):
        return Recognised(named[0], is_sure=True) if len(named) == 1 else Recognised(rivals=tuple(named or rivals))
    if len(rivals) > 1:
        return Recognised(rivals=tuple(rivals))
    return Recognised(rivals[0], is_sure=bool(named) or first.source in SAID)


def story(witness: Witness, register: Register) -> tuple[str, str]:
    """What a witness says, in English and Chinese."""
    where, where_zh = SOURCES[witness.source]
    meant = [one.serial for one in register.recorders if ROLES[witness.source].names(one, witness.text)]
    if not meant:
        return f"{where} {witness.text}", f"{where_zh} {witness.text}"
    named = ", ".join(meant)
    return f"{where} {witness.text} (recorder {named})", f"{where_zh} {witness.text}（记录仪 {named}）"


def says_nothing(witness: Witness) -> bool:
    """Whether it is what a factory writes on all of its devices."""
    text = _plain(witness.text)
    signs = "".join(filter(str.isalnum, text))
    factory = len(set(signs)) <= 1 or (len(signs) >= NUMBER_CHARS[0] and any(signs in run for run in FACTORY_RUN))
    return factory or (witness.source == "label" and text in GENERIC_LABELS)


def _identified(
    register: Register, speaking: Sequence[Witness], takes_any: bool
) -> tuple[Witness | None, list[Registered]]:
    """The witness that identifies, by the order of ROLES, and whom; a serial nobody has comes last."""
    for source, role in ROLES.items():
        for witness in speaking:
            if witness.source != source or role.identifies is None:
                continue
            found = [one for one in register.recorders if role.identifies(one, witness.text)]
            if not found and source in SAID:
                found = [Registered(witness.text, None, None, None, None)]
            if found:
                return witness, found
    serial = next((one for one in speaking if takes_any and one.source == "serial"), None)
    return serial, [] if serial is None else [Registered(serial.text, serial.text, None, None, None)]


def _speaks_against(witness: Witness, one: Registered, pool: Sequence[Registered]) -> bool:
    """Whether it names others, or nobody, and a number of the form that this recorder has another of."""
    role = ROLES[witness.source]
    meant = [other for other in pool if role.names(other, witness.text)]
    if meant:
        return one not in meant
    form = role.form(_plain(witness.text))
    return form is not None and any(role.form(_plain(own)) == form for own in _numbers(one))


def _disagreeing(witnesses: Sequence[Witness], rivals: Sequence[Registered]) -> tuple[Witness, Witness] | None:
    """Two witnesses that nobody in the register explains, with two numbers of one form."""
    seen: dict[Form, Witness] = {}
    for witness in witnesses:
        form = _length(_plain(witness.text)) if ROLES[witness.source].form(_plain(witness.text)) else None
        if form is None or says_nothing(witness) or any(_is_labelled(one, witness.text) for one in rivals):
            continue
        other = seen.setdefault(form, witness)
        if not _same(other.text, witness.text):
            return other, witness
    return None


def _is_shared(serial: str, register: Register, shared: Collection[str]) -> bool:
    """Whether more devices than one are known to tell it."""
    several = sum(_tells(one, serial) for one in register.recorders) > 1
    return several or serial in shared or says_nothing(Witness("serial", serial))


def _plain(text: str) -> str:
    return text.strip().casefold()


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)

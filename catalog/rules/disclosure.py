"""What of a decision is made public, by when, and as what (执法公示); pure.

Sources: 行政处罚法 48 and 85, the double disclosure of penalties and licences (双公示), the bureau's policy. Shapes:
days are those of the bureau's zone; a row is a text under each head of its channel. Units: yuan in, 万元 in a row.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal, get_args

from catalog.rules.policy_marks import MARK
from catalog.rules.working_days import months_later

if TYPE_CHECKING:
    from catalog.rules.bureau_policy import BureauPolicy

Channel = Literal["website", "credit"]
"""The bureau's website 政府网站, the credit platform 信用中国."""
CHANNELS: tuple[Channel, ...] = get_args(Channel)
Ended = Literal["changed", "revoked", "unlawful", "void", "restored"]
"""How a decision ceases to stand: 变更、撤销、确认违法、确认无效; and that it stands again: 恢复效力."""
ENDED: tuple[Ended, ...] = get_args(Ended)
Gravity = Literal["light", "general", "serious"]
"""How grave a breach is for the credit platform: 轻微、一般、严重."""
GRAVITIES: tuple[Gravity, ...] = get_args(Gravity)
LIGHT: Gravity = "light"
"""Also the ground for which a light breach is as a rule not shown on the credit platform."""
Form = Literal["website", "CF", "XK"]
"""A table that is handed on: of the website, of penalties and of licences for the credit platform."""
CORRECTED, WITHDRAWN = "corrected", "withdrawn"
"""How a publication ceases to stand: 更正、撤下."""
CHANGED, RESTORED = "changed", "restored"
PENALTY, LICENCE, PUBLISH = "penalty", "licence", "publish"
OF_LICENCE: Mapping[str, str] = {
    "CF_CFJG": "XK_XKJG", "CF_XDR_MC": "XK_XDR_MC", "CF_XDR_SHXYM": "XK_XDR_SHXYM", "CF_FRDB": "XK_FRDB",
    "CF_WSH": "XK_WSH", "CF_CFLB": "XK_XKLB", "CF_NR": "XK_NR", "CF_JDRQ": "XK_JDRQ", "CF_GSJZQ": "XK_YXQZI",
    "CF_XDR_LB": "XK_XDR_LB", "CF_SJLY": "XK_LYDW",
}  # fmt: skip
"""The field of a licence for one of a penalty; a penalty has fields that no licence has."""
BESIDE = (("party-kind", "CF_XDR_LB"), ("source", "CF_SJLY"))
"""What every row of the credit platform says besides the policy's fields."""
PERSON, ORGANISATION = "自然人", "法人及非法人组织"
COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "端木",
    "夏侯",
    "长孙",
)
"""Family names of two characters."""
OF_PERSONS, OF_OTHERS = ("身份证", "护照", "通行证", "居留", "军官证"), ("信用代码", "登记证", "执照", "机构代码")
"""What stands in the kind of a number that is a person's, and in one that is an organisation's."""
PERSON_NUMBER = re.compile(r"\d{15}|\d{17}[\dXx]")
CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}|[0-9A-Z]{8}-[0-9A-Z]|\d{13}")
"""An organisation's number: the credit code, and those before it; every other of no kind may be a passport's."""
NAME_CHARS, FOREIGN = 4, re.compile(r".+[·•‧・].+|[A-Za-z .,'-]+")
"""A party of whom no number is known, with so short a name, or one of several words, is taken for a person."""
HIDDEN: Mapping[str, re.Pattern[str]] = {
    "identity-number": re.compile(r"(?<![0-9A-Za-z])\d{6}[ -]?(\d{8}[ -]?\d{3}[\dXx]|\d{9})(?![0-9A-Za-z])"),
    "bank-account": re.compile(r"(?<![0-9A-Za-z])\d{4}([ -]?\d{4}){3}[ -]?\d{0,3}(?![0-9A-Za-z])"),
    "contact": re.compile(r"(?<![0-9A-Za-z])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])"),
}
"""What never stands in a row, by its code in the policy's list of what is removed (公开前隐去), and how it looks."""
YUAN = Decimal(10_000)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it is told (行政决定): `penalty` as lists call it, sums in yuan; `parties` as a case has them."""

    kinds: tuple[str, ...]
    decided: date
    number: str = ""
    matter: str = ""
    penalty: str = ""
    fine: object = None
    parties: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a row (公示项): its code in the policy, its head there, what stands in it, whether it is masked."""

    code: str
    head: str
    text: str
    is_masked: bool = False


# ---------------------------------------------------------------------- by when


def is_owed(policy: BureauPolicy, kinds: Collection[str]) -> bool:
    """Whether every decision of these kinds is public; of penalties the policy may have people choose (公示范围)."""
    return policy.disclosure.penalties == "all" or PENALTY not in _tables(policy, kinds)


def _tables(policy: BureauPolicy, kinds: Collection[str]) -> set[str]:
    """The tables of the yearly report that these kinds count in."""
    return {one.statistics for one in policy.kinds if one.code in kinds}


def days_within(policy: BureauPolicy, kinds: Collection[str], channel: Channel) -> int | None:
    """Within how many working days a decision is public there; None where nothing asks for it."""
    by, tables = policy.disclosure, _tables(policy, kinds)
    if not is_owed(policy, kinds):
        return None
    if PENALTY in tables:
        return by.penalty_days
    if LICENCE in tables:
        return by.licence_days if channel == "website" else by.credit_licence_days
    is_asked = any(one.to == PUBLISH and not set(kinds).isdisjoint(one.kinds) for one in policy.limits.every)
    return by.other_days if is_asked and channel == "website" else None


def undone(hows: Sequence[str]) -> int:
    """How many of the ends of a decision, the oldest first, do not count: it stood again after them."""
    return max((number for number, how in enumerate(hows, start=1) if how == RESTORED), default=0)


def gravity_is_asked(policy: BureauPolicy, kinds: Collection[str], channel: Channel) -> bool:
    """Whether somebody must say how grave it is: that decides how long the credit platform shows a penalty."""
    return channel == "credit" and PENALTY in _tables(policy, kinds)


def shown_until(policy: BureauPolicy, gravity: Gravity | None, months: int | None, decided: date) -> date | None:
    """The last day of a penalty on the credit platform, by its gravity; None where it stays until it is withdrawn.

    Raises ValueError for a number of months that the policy does not allow; none given is the most.
    """
    if gravity is None:
        return None
    least, most = getattr(policy.disclosure, f"credit_{gravity}_months")
    if not least <= (months := most if months is None else months) <= most:
        raise ValueError(f"{least}–{most}")
    return months_later(decided, months)


# ---------------------------------------------------------------------- as what


def row_of(
    policy: BureauPolicy, decision: Decision, channel: Channel, until: date | None, told: Mapping[str, str]
) -> tuple[Cell, ...]:
    """A decision as it is made public on a channel; `told` are texts by code or head, written by a person."""
    masks, texts, found = masks_of(policy, decision.parties), _texts(policy, decision, until), list[Cell]()
    for code, head in heads_of(policy, decision.kinds, channel):
        text = " ".join(str(told.get(code, told.get(head, texts.get(code, "")))).split())
        hidden = without(text, masks)
        found.append(Cell(code, head, hidden, hidden != text))
    return tuple(found)


def heads_of(policy: BureauPolicy, kinds: Collection[str], channel: Channel) -> tuple[tuple[str, str], ...]:
    """The columns of a row on a channel: the code of each, and its head."""
    fields = policy.disclosure.fields
    if channel == "website":
        return tuple((one.code, one.zh) for one in fields if one.web)
    heads = [*((one.code, one.credit) for one in fields if one.credit), *BESIDE]
    tables = _tables(policy, kinds)
    if LICENCE in tables and PENALTY not in tables:
        return tuple((code, OF_LICENCE[head]) for code, head in heads if head in OF_LICENCE)
    return tuple(heads)


def _texts(policy: BureauPolicy, decision: Decision, until: date | None) -> dict[str, str]:
    """What the program knows of each column; facts and conclusion a person writes."""
    parties = decision.parties
    others = [one for one in parties if not is_person(one)]
    matter = next((one for one in policy.matters if one.code == decision.matter), None)
    kind = next((one.zh for one in policy.kinds if one.code in decision.kinds[:1]), "")
    return {
        "authority": policy.bureau.name,
        "source": policy.bureau.name,
        "party": "、".join(str(one.get("name") or "") for one in parties),
        "party-kind": "、".join(dict.fromkeys(PERSON if is_person(one) else ORGANISATION for one in parties)),
        "credit-code": "、".join(str(one.get("id_no") or one.get("id") or "") for one in others),
        "representative": "、".join(str(one["representative"]) for one in others if one.get("representative")),
        "number": decision.number,
        "kind": decision.penalty or kind,
        "act": "" if matter is None else matter.zh,
        "basis": "" if matter is None else MARK.sub("", matter.basis),
        "fine": ten_thousands(decision.fine),
        "decided": decision.decided.isoformat(),
        "until": "" if until is None else until.isoformat(),
    }


def ten_thousands(yuan: object) -> str:
    """A sum in yuan as 万元, exactly: 2000.5 is 0.20005; nothing for no sum."""
    try:
        found = Decimal(str(yuan)) / YUAN
    except InvalidOperation:
        return ""
    return f"{found.normalize():f}" if found.is_finite() and found else ""


def is_person(party: Mapping[str, Any]) -> bool:
    """Whether a party is, or may be, a natural person (自然人): by the kind of its number, its form, else its name."""
    kind, number = str(party.get("id_kind") or ""), str(party.get("id_no") or party.get("id") or "")
    if any(word in kind for word in OF_PERSONS):
        return True
    if PERSON_NUMBER.fullmatch(number):
        return True
    if any(word in kind for word in OF_OTHERS) or CREDIT_CODE.fullmatch(number):
        return False
    name = str(party.get("name") or "")
    return len(name) <= NAME_CHARS or FOREIGN.fullmatch(name) is not None


def masked(name: str, how: str) -> str:
    """How a natural person is called in public: 张某某, the whole name, or by no name."""
    if how == "full":
        return name
    return PERSON if how == "none" else f"{name[:2] if name[:2] in COMPOUND else name[:1]}某某"


def masks_of(policy: BureauPolicy, parties: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """How each natural person among the parties is called in public, by the name that is not."""
    names = [str(one["name"]) for one in parties if one.get("name") and is_person(one)]
    return {name: masked(name, policy.disclosure.person_name) for name in names}


def without(text: str, masks: Mapping[str, str]) -> str:
    """A text without the names that are masked, the longest first."""
    for name in sorted(masks, key=len, reverse=True):
        text = re.sub(r"\s*".join(map(re.escape, name)), masks[name].replace("\\", ""), text)
    return text


def unfit(cells: Iterable[Cell], parties: Iterable[Mapping[str, Any]], own: Collection[str]) -> tuple[str, str] | None:
    """The head and what it says that must never be public (公开前隐去): a number, an account, where somebody lives.

    `own` are numbers that look so and are the case's or an organisation's.
    """
    homes = [str(one["address"]) for one in parties if one.get("address") and is_person(one)]
    for cell in cells:
        if cell.text not in own:
            for code, looks in HIDDEN.items():
                if looks.search(unicodedata.normalize("NFKC", cell.text)):
                    return cell.head, code
            if any(home in cell.text for home in homes):
                return cell.head, "address"
    return None


def left_out(parties: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """What is known of the parties and never becomes public, by its code in the policy's list."""
    found = dict[str, None]()
    for one in parties:
        known = {"identity-number": "id_no", "address": "address"} if is_person(one) else {}
        found |= {code: None for code, name in {**known, "contact": "phone"}.items() if one.get(name)}
    return tuple(found)

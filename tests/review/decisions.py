"""Decisions of a bureau for pages: one late, one of a natural person, one that was published and fell, one of a ban."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from catalog.acts import policy
from catalog.cases.cases import number
from catalog.rules.callers import Caller
from catalog.rules.disclosure import Channel
from docking_station.services.cases import open_case
from docking_station.services.disclosure import today_of
from docking_station.services.disclosure_changes import end_decision, publish
from docking_station.services.policy import shipped
from docking_station.station.station import Station
from tests.fakes.callers import ME

WANG = {"name": "王小明", "id_kind": "居民身份证", "id_no": "990101199001011234", "address": "某路3号"}
CASES: tuple[tuple[str, str, Any, int], ...] = (
    ("安泰殡仪服务部", "penalty", {"name": "安泰殡仪服务部", "id_no": "529901MJ0003616580", "phone": "0000-1"}, 30),
    ("王小明", "penalty", WANG, 3),
    ("示范养老院", "penalty", {"name": "示范养老院", "id_no": "529901MJ0003616581"}, 20),
    ("同舟促进会", "ban", {"name": "示范市同舟促进会", "id_no": "519901MJ0003616582"}, 2),
)
TOLD = {"facts": "未在显著位置公示服务价格", "result": "罚款2000元"}


def enter_decisions(station: Station, by: Caller = ME) -> dict[str, str]:
    """Enter them; their cases' ids by party."""
    station.act_writer.carry_out(policy.adopting(shipped(), at=station.now(), actor=ME.actor))
    found, today = dict[str, str](), today_of(station)
    for at, (called, kind, party, days) in enumerate(CASES, start=1):
        said = {"title": "价格公示检查", "kind": kind, "parties": [party], "matter": "C0401"}
        reported = {"fine": 2000, "decided": str(today - timedelta(days=days))}
        numbers = [number(f"2026-{at}", "office"), number(f"示民罚决〔2026〕{at}号", "decision")]
        found[called] = open_case(station, by, numbers, said | {"reported": reported}).id
    fallen = found["示范养老院"]
    channels: tuple[tuple[Channel, Any], ...] = (("website", None), ("credit", "general"))
    for channel, gravity in channels:
        publish(station, by, fallen, channel, TOLD, gravity=gravity, day=today - timedelta(days=19))
    end_decision(station, by, fallen, "revoked", day=today - timedelta(days=9), number="复议1号", reason="复议决定撤销")
    return found

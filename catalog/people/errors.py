"""What can go wrong with people, units and roles (人员与权限故障)."""

from __future__ import annotations

from catalog.station_error import StationError


class NoSuchUnit(StationError):
    """There is no such unit (无此科室)."""

    code, exit_status = "catalog.no-such-unit", 59
    en = ("There is no unit {unit} in use.", "`evidock people units list` shows all of them.")
    zh = ("没有在用的科室 {unit}。", "执行 `evidock people units list` 查看全部科室。")


class UnitExists(StationError):
    """There is a unit of that code (科室已存在)."""

    code, exit_status = "catalog.unit-exists", 59
    en = ("The unit {unit} is entered already.", "Choose another code, or change that one.")
    zh = ("科室 {unit} 已登记。", "请使用其他代码，或修改该科室。")


class UnitMisplaced(StationError):
    """A unit cannot stand there: below itself, or the bureau below anything (隶属关系有误)."""

    code, exit_status = "catalog.unit-misplaced", 59
    en = ("The unit {unit} cannot stand below {parent}.", "Choose a unit that does not lie below it.")
    zh = ("科室 {unit} 不能隶属于 {parent}。", "请选择不在其下级的科室。")


class UnitInUse(StationError):
    """A unit that still has people or units below it is not closed (科室仍在使用)."""

    code, exit_status = "catalog.unit-in-use", 59
    en = ("The unit {unit} still has {what}.", "Move them first: `evidock people change`, `evidock people units move`.")
    zh = (
        "科室 {unit} 仍有{what_zh}。",
        "请先调整：`evidock people change`、`evidock people units move`。",
    )


class NoSuchPerson(StationError):
    """There is no such person (无此人员)."""

    code, exit_status = "catalog.no-such-person", 59
    en = ("Nobody is entered as {person}.", "`evidock people list` shows everybody.")
    zh = ("没有登记人员 {person}。", "执行 `evidock people list` 查看全部人员。")


class PersonExists(StationError):
    """There is a person of that number (人员已存在)."""

    code, exit_status = "catalog.person-exists", 59
    en = ("{person} is entered already.", "Change that person, or enter this one by another number.")
    zh = ("{person} 已登记。", "请修改该人员，或使用其他编号登记。")


class PersonGone(StationError):
    """Somebody who left or is suspended cannot do or be given this (人员已离岗或停用)."""

    code, exit_status = "catalog.person-gone", 59
    en = ("{person} has left or is suspended.", "`evidock people show {person}` says since when and why.")
    zh = ("{person} 已离岗或已停用。", "执行 `evidock people show {person}` 查看时间和原因。")


class NumberTaken(StationError):
    """Two people cannot have one number at one time (编号已被占用)."""

    code, exit_status = "catalog.number-taken", 59
    en = (
        "{person} has the number {number} at that time.",
        "Say from when it is another's with --at, after it ended for {person}.",
    )
    zh = ("该时段编号 {number} 属于 {person}。", "请先结束 {person} 对该编号的使用，再以 --at 注明起始时间。")


class NoSuchGrant(StationError):
    """There is no such role or delegation that stands, or that waits to be confirmed (无此授权)."""

    code, exit_status = "catalog.no-such-grant", 59
    en = ("There is no role {grant} that could be {what}.", "`evidock people show NO` lists a person's roles.")
    zh = ("没有可{what_zh}的授权 {grant}。", "执行 `evidock people show 编号` 查看其授权。")


class RolesApart(StationError):
    """Roles that must not meet in one person (岗位不得兼任)."""

    code, exit_status = "catalog.roles-apart", 59
    en = ("{person} is {other}, and cannot be {role} too.", "Grant it to another person, or revoke the other role.")
    zh = ("{person} 已任{other}，不得兼任{role}。", "请授予他人，或先撤销原岗位。")


class NeedsAnother(StationError):
    """What changes accounts and roles needs two people (账户与岗位须两人办理)."""

    code, exit_status = "catalog.needs-another", 59
    en = (
        "Accounts and roles need two people: {why}.",
        "One proposes, another confirms; `evidock people list` shows who may.",
    )
    zh = ("账户与岗位须两人办理：{why_zh}。", "须一人提出、另一人确认；执行 `evidock people list` 查看可办理人员。")

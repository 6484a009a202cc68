"""What the Chinese screen calls an action, a right and a rule that refuses (权限用语); English says the code."""

from __future__ import annotations

from collections.abc import Mapping

RIGHTS = {
    "administer": "管理资料",
    "approve": "审批申请",
    "classify": "标注密级",
    "copy": "复制",
    "declassify": "取消密级标注",
    "dispose": "处置",
    "export": "导出",
    "grant": "授权",
    "history": "查看详情",
    "hold": "依法保留",
    "link": "关联案件",
    "mark": "标记",
    "position": "查看定位",
    "poster": "查看画面",
    "redact": "制作遮盖副本",
    "row": "查看条目",
    "sign-in": "登录",
    "stream": "观看",
    "trail": "查看留痕",
    "unhold": "解除依法保留",
    "verify": "校验",
    "request": "办理申请",
    "backup": "备份采集站",
    "bay.write": "设置仓位",
    "case.close": "结案",
    "case.decide": "作出决定",
    "case.read": "查看案件",
    "case.write": "登记案件",
    "chores": "管理后台任务",
    "delegate": "委托代行",
    "health": "查看健康状况",
    "held": "办理待处理事项",
    "import": "导入台账",
    "note.write": "填写情况说明",
    "paper.write": "登记文书",
    "people.confirm": "确认人员和岗位变更",
    "people.propose": "管理人员和岗位",
    "policy.adopt": "确认管理制度",
    "policy.propose": "提出管理制度",
    "publish": "公示",
    "recorder.write": "登记记录仪",
    "review.judge": "法制审核",
    "review.send": "提交送审",
    "station.write": "管理采集站",
    "statistics": "查看统计",
    "trail.read": "查看操作留痕",
}
"""By `Action` and `Right`."""
RULES = {
    "access.conflict": "本人经办或应当回避",
    "access.disposed": "原件已处置",
    "access.hidden-until-opened": "尚未指定您办理",
    "access.never-released": "该类资料不得提供",
    "access.nobody": "该账户未绑定人员",
    "access.nothing-to-change": "没有可变更的内容",
    "access.reason-needed": "须说明事由",
    "access.request-needed": "须先申请并获批准",
    "access.role-excludes": "您的岗位不得办理",
    "access.role-lacks": "您的岗位没有此项权限",
    "access.state-secret": "疑涉国家秘密",
}
"""By the code of the rule's answer."""


def in_chinese(facts: Mapping[str, object]) -> dict[str, str]:
    """The facts `action_zh` and `rule_zh` of a refusal that has `action` and `rule`; what has no name as it is."""
    return {
        f"{name}_zh": words.get(str(facts.get(name)), str(facts.get(name)))
        for name, words in (("action", RIGHTS), ("rule", RULES))
    }

"""Words of signing in and of one's own account, English and Chinese (登录与本人账户文字)."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "page_step_secret": (
        "{account}: others know this secret, for they set it. Choose one that only you know.",
        "{account}：当前口令由他人设置，请改为只有您知道的口令。",
    ),
    "page_step_enrol": (
        "{account}: a code of your phone is needed from now on. Enter this key in its app, then type its code.",
        "{account}：登录须输入手机动态码。请在手机验证器应用中录入下列密钥，再输入其显示的动态码。",
    ),
    "page_step_code": ("{account}: type the code your phone shows now.", "{account}：请输入手机当前显示的动态码。"),
    "page_step_key": ("Key", "密钥"),
    "page_step_link": ("The same as a link", "链接形式"),
    "page_step_go_on": ("Go on", "继续"),
    "page_secret_now": ("The secret you have", "当前口令"),
    "page_secret_new": ("New secret", "新口令"),
    "page_secret_again": ("Once more", "再次输入"),
    "page_secret_rule": (
        "12 characters, or 8 of three kinds: small and capital letters, digits, others. Several words will do.",
        "至少 12 个字符，或 8 个字符且含大写字母、小写字母、数字、符号中的三种。可用几个词组成，便于记忆。",
    ),
    "page_phone_code": ("Code of your phone", "动态码"),
    "page_code_why": (
        "Approvals, copies and emergency looks need a code told in the last five minutes.",
        "审批、复制、紧急调阅须在五分钟内验证动态码。",
    ),
    "page_own_account": ("Your account", "本人账户"),
    "page_change_secret": ("Change your secret", "修改口令"),
    "page_own_sessions": ("Where you are signed in", "登录情况"),
    "page_session_begun": ("Since", "登录时间"),
    "page_session_seen": ("Used last", "最近使用"),
    "page_session_end": ("End", "结束登录"),
    "page_session_this": ("This browser", "当前浏览器"),
}

"""What the command line itself says in Chinese (命令行用语): headings, usage, and what was typed wrong.

Typer says these in English, by sentences of its own. A pattern here is one of its sentences; what is not known stays as
it is. Of a help text of ours, which has its Chinese in brackets, `chinese` takes that alone.
"""

from __future__ import annotations

import re

CHINESE = re.compile(r"[(（]([^()（）]*[\u4e00-\u9fff][^()（）]*)[)）]")
SAID: tuple[tuple[str, str], ...] = (
    (r"^Usage: ", "用法："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]..."),
    (r"^Arguments:$", "参数："),
    (r"^Options:$", "选项："),
    (r"^Commands:$", "命令："),
    (r"Show this message and exit\.", "显示本帮助。"),
    (r"\[required\]", "[必填]"),
    (r"; required\]", "；必填]"),
    (r"\[default: ", "[默认："),
    (r"<str>", "<文字>"),
    (r"<int( range)?>", "<整数>"),
    (r"<float( range)?>", "<数字>"),
    (r"<(path|file|directory)>", "<路径>"),
    (r"^Try '(.+)' for help\.$", r"执行 `\1` 查看帮助。"),
    (r"^Error: ", "错误："),
    (r"Missing command\.", "缺少命令。"),
    (r"No such command ('.*?')\.", r"没有命令 \1。"),
    (r" Did you mean (.+)\?", r"是否要用 \1？"),
    (r"No such option: (\S+)", r"没有选项 \1。"),
    (r" \(Possible options: (.+)\)", r"可用选项：\1。"),
    (r"Missing argument (.+?)\.$", r"缺少参数 \1。"),
    (r"Missing option (.+?)\.$", r"缺少选项 \1。"),
    (r"Missing (?:argument|option) (.+?)\. Choose from:", r"缺少 \1，可选："),
    (r"Got unexpected extra argument\(s\) \((.+)\)", r"多余的参数：\1。"),
    (r"Option ('.+?') requires an argument\.", r"选项 \1 须填写内容。"),
    (r"Option ('.+?') does not take a value\.", r"选项 \1 不填写内容。"),
    (r"Invalid value for (.+?): ", r"\1 填写有误："),
    (r"Invalid value: ", "填写有误："),
    (r"(\S+) is not a valid (?:int|float|integer|range)\w*( range)?\.", r"\1 不是数字。"),
    (r"(\S+) is not in the range (.+)\.", r"\1 超出范围 \2。"),
    (r"(\S+) is not one of (.+)\.", r"\1 不在可选范围内：\2。"),
    (r"(\S+) does not match the formats? (.+)\.", r"\1 的格式应为 \2。"),
    (r"(?:File|Directory|Path) ('.+?') does not exist\.", r"\1 不存在。"),
    (r"(填写有误：).*[(（]([^()（）\n]*[\u4e00-\u9fff][^()（）\n]*)[)）]$", r"\1\2。"),
)


def in_chinese(text: str) -> str:
    """What Typer prints, a help page or an error, as a Chinese terminal shows it."""
    for sentence, said in SAID:
        text = re.sub(sentence, said, text, flags=re.MULTILINE)
    return text


def in_english(text: str) -> str:
    """What Typer prints of an error, without the Chinese that ends an English sentence of ours."""
    return re.sub(rf" {CHINESE.pattern}$", "", text, flags=re.MULTILINE)


def chinese(help_text: str) -> str:
    """The Chinese of a help text of ours, or all of it where it has none."""
    return "；".join(CHINESE.findall(help_text)) or help_text

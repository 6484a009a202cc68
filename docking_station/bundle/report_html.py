"""The custody report as one HTML file (网页报告): nothing is loaded from anywhere, no script, ready to print on A4.

`docking_station/derived/pdf.py` makes PDF of the same page, with its name and the number of each page at the foot.
"""

from __future__ import annotations

from html import escape

from docking_station.bundle.report import Block, Heading, Report, Table, Text

STYLE = """
@page { size: A4 landscape; margin: 14mm; font-size: 7pt;
  @bottom-left { content: string(foot) } @bottom-right { content: counter(page) " / " counter(pages) } }
body { font: 10pt/1.45 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimSun", sans-serif;
  color: #111; background: #fff; margin: 2em auto; max-width: 270mm; padding: 0 1em }
h1 { font-size: 18pt; text-align: center; string-set: foot attr(data-foot) } h2 { font-size: 13pt; margin-top: 1.6em }
h3 { font-size: 11pt; margin: 1.4em 0 .4em; overflow-wrap: anywhere; break-after: avoid }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: .4em 0 }
th, td { border: 1px solid #666; padding: 2px 5px; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee } thead { display: table-header-group } tr { break-inside: avoid }
.signatures td { height: 2.4em }
@media print { body { margin: 0; max-width: none; padding: 0 } }
"""


def html(report: Report) -> bytes:
    """The page."""
    body = "\n".join(_block(block) for block in report.blocks)
    lang = "zh-CN" if report.language == "zh" else "en"
    title, foot = escape(report.title), escape(f"{report.title}  {report.name}".strip())
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<h1 data-foot="{foot}">{title}</h1>\n{body}\n</body>\n</html>\n'
    ).encode()


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>"
    if isinstance(block, Text):
        return f"<p>{escape(block.text)}</p>"
    return _table(block)


def _table(table: Table) -> str:
    whole = sum(table.weights)
    columns = "".join(f'<col style="width:{100 * weight / whole:.2f}%">' for weight in table.weights)
    heads = "".join(f"<th>{escape(head)}</th>" for head in table.heads)
    head = f"<thead><tr>{heads}</tr></thead>" if heads else ""
    first = "th" if not table.heads else "td"
    rows = "\n".join(
        f"<tr><{first}>{escape(row[0])}</{first}>" + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in table.rows
    )
    kind = ' class="signatures"' if table.rows and table.rows[0][-1] == "\u00a0" else ""
    return f"<table{kind}><colgroup>{columns}</colgroup>{head}<tbody>\n{rows}\n</tbody></table>"

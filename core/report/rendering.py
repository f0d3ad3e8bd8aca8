"""A report as Markdown and as HTML. Everything in it is plain text and stays so: markup in names is escaped."""

from __future__ import annotations

import re
from html import escape

from core.report.document import Report, Sentence, Table, footnotes

_MARKUP = re.compile(r"[\\`\[<|]|\*(?=\S)|(?<=\S)\*|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~|&(?=#?\w+;)")
"""What Markdown would read as markup within a line; an asterisk among spaces and an underscore in a word are not."""

_BLOCK = re.compile(r"^([-+=>#]|\d+(?=[.)](?:\s|$)))")
"""What it would read as a list, heading or quotation at the start of one."""

STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2.5rem auto; padding: 0 1.25rem; color: #1d2330;
       background: #fff; }
h1 { font-size: 1.7rem; line-height: 1.25; border-bottom: 2px solid #3556a8; padding-bottom: .5rem; }
h2 { font-size: 1.2rem; margin-top: 2rem; color: #3556a8; }
.place { font: .72rem/1 ui-monospace, monospace; color: #69718a; white-space: nowrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border-bottom: 1px solid #d9deea; padding: .35rem .8rem .35rem 0; text-align: left; vertical-align: top;
         overflow-wrap: anywhere; min-width: 4.5rem; }
th { border-bottom: 2px solid #b4bdd2; }
footer { margin-top: 2.5rem; border-top: 1px solid #d9deea; padding-top: .75rem; font-size: .85rem; color: #59617a; }
@media (prefers-color-scheme: dark) {
  body { background: #14171f; color: #dfe4f0; } h1 { border-color: #7f9ee8; } h2 { color: #9db4ee; }
  th, td, footer { border-color: #333a4d; } .place, footer { color: #939cb5; }
}
@media print { body { max-width: none; margin: 0; } }
"""


def markdown(report: Report) -> str:
    """CommonMark with pipe tables."""
    names = report.files()
    parts = [f"# {mark(report.title)}"]
    for section in report.sections:
        parts.append(heading_markdown(section.title))
        if section.sentences:
            parts.append(" ".join(sentence_markdown(sentence, names) for sentence in section.sentences))
        parts += map(table_markdown, section.tables)
    return "\n\n".join([*parts, footer_markdown(report, names)])


def heading_markdown(title: str) -> str:
    return f"## {mark(title)}"


def footer_markdown(report: Report, names: dict[str, str]) -> str:
    """Who wrote it, and the files behind the short names."""
    files = "\n".join(f"- {mark(short)}: {mark(path)}" for path, short in names.items())
    return f"---\n\n*{mark(report.colophon)}*\n" + (f"\nFiles:\n\n{files}\n" if files else "")


def sentence_markdown(sentence: Sentence, names: dict[str, str]) -> str:
    """The sentence, then `[train.py:41]`: plain text to Markdown too, since nothing defines a link of that name."""
    notes = "; ".join(map(mark, footnotes(sentence.places, names)))
    return mark(sentence.text) + (f" [{notes}]" if notes else "")


def mark(text: str) -> str:
    """Text as Markdown that shows it as it is."""
    escaped = _MARKUP.sub(lambda found: "\\" + found[0], " ".join(text.split()))
    return _BLOCK.sub(lambda found: found[0] + "\\" if found[0].isdigit() else "\\" + found[0], escaped)


def table_markdown(table: Table) -> str:
    lines = [_row(table.head), "|" + " --- |" * len(table.head), *map(_row, table.rows)]
    return (f"**{mark(table.caption)}**\n\n" if table.caption else "") + "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(map(mark, cells)) + " |"


def html(report: Report) -> str:
    """One page that needs no other file and runs nothing."""
    names = report.files()
    body = [f"<h1>{escape(report.title)}</h1>"]
    for section in report.sections:
        body.append(f"<h2>{escape(section.title)}</h2>")
        if section.sentences:
            body.append("<p>" + "\n".join(_sentence_html(sentence, names) for sentence in section.sentences) + "</p>")
        body += [_table_html(table) for table in section.tables]
    files = "".join(f"<br>{escape(short)}: {escape(path)}" for path, short in names.items())
    body.append(f"<footer>{escape(report.colophon)}{files}</footer>")
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(report.title)}</title><style>{STYLE}</style>"
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(body) + "\n</body></html>\n"


def _sentence_html(sentence: Sentence, names: dict[str, str]) -> str:
    notes = "; ".join(map(escape, footnotes(sentence.places, names)))
    return escape(sentence.text) + (f' <span class="place">[{notes}]</span>' if notes else "")


def _table_html(table: Table) -> str:
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption else ""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in table.head)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    return f'<div class="scroll"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'

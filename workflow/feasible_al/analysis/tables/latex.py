"""A table as a LaTeX tabular with booktabs rules."""

from feasible_al.analysis.tables.base import TableData
from feasible_al.core.errors import printable

_SPECIAL = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "[": "{[}",  # after the end of a row, LaTeX reads a bracket as extra space
        "*": "{*}",  # and an asterisk as a part of the row's end
        "±": r"$\pm$",
        "\N{NO-BREAK SPACE}": "~",
        "\N{MINUS SIGN}": "$-$",
    }
)


def escaped(text: str) -> str:
    """Text with the special characters of LaTeX escaped."""
    return printable(text).translate(_SPECIAL)


def to_latex(data: TableData) -> str:
    """A ``tabular`` for a document that loads ``booktabs``; title, notes and refusal are comments."""
    alignment = "".join("r" if column.numeric else "l" for column in data.columns)
    comments = [data.title, *data.notes, *([data.refusal] if data.refusal else [])]
    lines = [f"% {' '.join(printable(comment).split())}" for comment in comments]
    lines += [rf"\begin{{tabular}}{{{alignment}}}", r"\toprule"]
    lines.append(_row(tuple(column.label for column in data.columns)))
    lines.append(r"\midrule")
    grouped = not all(data.group_starts)
    for place, (row, starts) in enumerate(zip(data.rows, data.group_starts, strict=True)):
        if place and grouped and starts:
            lines.append(r"\addlinespace")
        lines.append(_row(row))
    lines += [r"\bottomrule", r"\end{tabular}"]
    return "\n".join(lines) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    return " & ".join(escaped(cell) for cell in cells) + r" \\"

"""Blocks of code of a Markdown page, as a reader copies them."""

import re

# A line with which a command can begin.
COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(?:curl|jq|local/|\.ci/|conformance/|benchmarks/|ops/|node |python3? |pip |npm |mvn |sam |docker |git |cp )|export ")


def blocks(page):
    """Yields (heading, text) of each indented or fenced block, without its indent or its fence."""
    heading, lines, fenced = "", [], False
    before = ""
    for line in page.read_text(encoding="utf-8").splitlines() + [""]:
        if line.strip().startswith("```"):
            fenced = not fenced
            if not fenced:
                yield heading, "\n".join(lines)
                lines = []
        elif fenced:
            lines.append(line)
        elif line.startswith("    ") and (lines or not before.strip() or before.startswith("#")):
            lines.append(line[4:])
        else:
            if lines:
                yield heading, "\n".join(lines)
                lines = []
            if re.match(r"#{1,6} ", line):
                heading = line.lstrip("#").strip()
        before = line


def is_shell(text):
    return any(COMMAND.match(line) for line in text.splitlines())

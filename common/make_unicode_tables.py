#!/usr/bin/env python3
"""Writes unicode_tables.cc from Python's own Unicode data: ./make_unicode_tables.py"""

import sys
import unicodedata
from pathlib import Path

# White_Space of PropList.txt, which unicodedata does not have.
SPACES = [(0x9, 0xD), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A),
          (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)]
HANGUL = range(0xAC00, 0xD7A4)  # composed by arithmetic


def scalars():
    return (c for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000)


def ranges(values: dict[int, object]) -> list[tuple]:
    """Runs of consecutive code points with one value: (first, last, value)."""
    runs: list[list] = []
    for code, value in values.items():
        if runs and runs[-1][1] == code - 1 and runs[-1][2] == value:
            runs[-1][1] = code
        else:
            runs.append([code, code, value])
    return [tuple(run) for run in runs]


def category(initial: str) -> list[tuple]:
    matching = {c: 0 for c in scalars() if unicodedata.category(chr(c))[0] == initial}
    return [run[:2] for run in ranges(matching)]


def decimal_zeros() -> list[tuple]:
    """The digit zero of every script; its nine others follow it."""
    return [(c,) for c in scalars() if unicodedata.decimal(chr(c), None) == 0]


def lower_case() -> list[tuple]:
    rows = []
    for code in scalars():
        lower = chr(code).lower()
        if lower != chr(code):
            rows.append((code, ord(lower[0]), ord(lower[1]) if len(lower) > 1 else 0))
    return rows


def decompositions() -> list[tuple]:
    """One level of canonical decomposition: (code, first, second or 0)."""
    rows = []
    for code in scalars():
        fields = unicodedata.decomposition(chr(code)).split()
        if fields and not fields[0].startswith("<") and code not in HANGUL:
            parts = [int(field, 16) for field in fields] + [0]
            rows.append((code, parts[0], parts[1]))
    return rows


def compositions(decomposed: list[tuple]) -> list[tuple]:
    return sorted((first, second, code) for code, first, second in decomposed
                  if second and unicodedata.normalize("NFC", chr(code)) == chr(code))


def combining() -> list[tuple]:
    classes = {c: unicodedata.combining(chr(c)) for c in scalars()}
    return ranges({c: value for c, value in classes.items() if value})


def table(kind: str, name: str, rows: list[tuple]) -> str:
    lines, line = [], "   "
    for row in rows:
        text = " {" + ", ".join(f"0x{value:X}" if value > 255 else str(value) for value in row) + "},"
        if len(line) + len(text) > 100:
            lines.append(line)
            line = "   "
        line += text
    body = "\n".join([*lines, line])
    return (f"constexpr {kind} {name}Rows[] = {{\n{body}\n}};\n"
            f"const absl::Span<const {kind}> {name} = {name}Rows;\n")


def main() -> None:
    decomposed = decompositions()
    tables = [
        table("CodePointRange", "kLetters", category("L")),
        table("CodePointRange", "kNumbers", category("N")),
        table("CodePointRange", "kSpaces", SPACES),
        table("DecimalZero", "kDecimalZeros", decimal_zeros()),
        table("LowerCase", "kLowerCases", lower_case()),
        table("CombiningRange", "kCombiningClasses", combining()),
        table("Decomposition", "kDecompositions", decomposed),
        table("Composition", "kCompositions", compositions(decomposed)),
    ]
    target = Path(__file__).with_name("unicode_tables.cc")
    target.write_text(
        f"// Written by make_unicode_tables.py from Unicode {unicodedata.unidata_version}.\n"
        '#include "common/unicode_tables.h"\n\n'
        "// clang-format off\n"
        "namespace darkroom {\n\n" + "\n".join(tables) +
        "\n}  // namespace darkroom\n")


if __name__ == "__main__":
    main()

"""Checks that the examples of a document are those that are compiled and run.

    regions.py DOCUMENT ROOT      exit status 1, and a line for each example that is another

A block of code after `<!-- region FILE NAME -->` stands in ROOT/FILE between two lines `// [NAME]`; how
far it is indented there does not matter.
"""

import re
import sys
import textwrap
from pathlib import Path

BLOCK = re.compile(r"<!-- region (\S+) (\S+) -->\n```cpp\n(.*?)```", re.DOTALL)


def region(text: str, name: str) -> str | None:
    parts = re.split(rf"^ *// \[{re.escape(name)}\]\n", text, flags=re.MULTILINE)
    return textwrap.dedent(parts[1]).strip() if len(parts) == 3 else None


def main() -> int:
    document, root = Path(sys.argv[1]), Path(sys.argv[2])
    blocks = BLOCK.findall(document.read_text("utf-8"))
    wrong = [f"{document}: region {name} of {file} is another, or not there"
             for file, name, code in blocks
             if region((root / file).read_text("utf-8"), name) != code.strip()]
    print("\n".join(wrong) or f"{len(blocks)} examples")
    return 1 if wrong or not blocks else 0


if __name__ == "__main__":
    sys.exit(main())

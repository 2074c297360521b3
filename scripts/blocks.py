"""The fenced blocks of a Markdown page, for the scripts that run what the pages say."""

import re
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^(`{3,})(.*)$")
HEADING = re.compile(r"^#{1,6} (.*)$")


@dataclass
class Block:
    """A fenced block: its language, the words behind it, and what it holds.

    Of the words, those with "=" are in `values`, the others in `tags`.
    """

    page: Path
    line: int
    section: str
    language: str
    tags: set = field(default_factory=set)
    values: dict = field(default_factory=dict)
    text: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> list:
    """The blocks of a page, in order."""
    found, section, block, end = [], "", None, ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        if block is not None:
            if line == end:
                block = None
            else:
                block.text += line + "\n"
        elif fence := FENCE.match(line):
            end, words = fence.group(1), fence.group(2).split()
            block = Block(page, number, section, words[0] if words else "")
            block.values = dict(word.split("=", 1) for word in words[1:] if "=" in word)
            block.tags = {word for word in words[1:] if "=" not in word}
            found.append(block)
        elif heading := HEADING.match(line):
            section = heading.group(1)
    if block is not None:
        raise ValueError(f"{block}: the block has no end")
    return found

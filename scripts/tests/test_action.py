"""Tests that the GitHub Action, its script and the pages that show it agree: `python3 -m unittest` in this folder."""

import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from blocks import blocks

ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")
SCRIPT = (ROOT / "packages/action/grade.sh").read_text(encoding="utf-8")
PAGES = [ROOT / "docs/src/ci.md", ROOT / "README.md"]


def keys(text: str, indent: int) -> list:
    """The keys of a YAML mapping that is indented by so much, of well-formed text."""
    return re.findall(rf"^ {{{indent}}}([\w-]+):", text, re.MULTILINE)


def section(name: str) -> str:
    return re.search(rf"^{name}:\n((?: .*\n|\n)+)", ACTION, re.MULTILINE).group(1)


class Action(unittest.TestCase):
    inputs = keys(section("inputs"), 2)

    def test_the_script_reads_what_the_action_sets(self):
        setting = re.findall(r"^ +(WSSPEC_\w+): \$\{\{ inputs\.([\w-]+) \}\}$", ACTION, re.MULTILINE)
        for variable, name in setting:
            self.assertEqual(variable, "WSSPEC_" + name.upper().replace("-", "_"))
            self.assertIn(name, self.inputs)
            self.assertIn(f"${{{variable}:-", SCRIPT)
        # The name of the artifact is for the step behind.
        self.assertEqual({name for _, name in setting} | {"artifact"}, set(self.inputs))

    def test_the_pages_use_inputs_that_there_are(self):
        used = []
        for page in PAGES:
            for block in blocks(page):
                for step in re.finditer(r"^( *)- uses: wsspec/wsspec@.*\n\1  with:\n((?:\1    .*\n)+)", block.text, re.MULTILINE):
                    used += keys(step.group(2), len(step.group(1)) + 4)
        self.assertGreater(len(used), 5)
        self.assertLessEqual(set(used), set(self.inputs))


if __name__ == "__main__":
    unittest.main()

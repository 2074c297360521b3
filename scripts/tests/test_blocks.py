"""Tests of blocks.py: `python3 -m unittest` in this folder."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from blocks import blocks

PAGE = """# One

```sh
first
second
```

## Two

````json file=a.json norun
```
````
"""


class Blocks(unittest.TestCase):
    def read(self, text):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text(text, encoding="utf-8")
            return blocks(page)

    def test_language_words_section_and_text(self):
        one, two = self.read(PAGE)
        self.assertEqual((one.language, one.section, one.line, one.text), ("sh", "One", 3, "first\nsecond\n"))
        self.assertEqual((two.language, two.section, two.text), ("json", "Two", "```\n"))
        self.assertEqual((two.values, two.tags), ({"file": "a.json"}, {"norun"}))

    def test_a_block_without_end(self):
        with self.assertRaises(ValueError):
            self.read("```sh\nfirst\n")


if __name__ == "__main__":
    unittest.main()

"""Every failure that is known of a peer is described in FINDINGS.md, and every description still has its failure."""

import re
import tomllib
import unittest
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
EXPECTED = ROOT / "peers" / "expected"
HEADING = re.compile(r"^## (\S+) .*, (server|client)s?$")


def peer_of(name: str, role: str) -> str:
    return name if role == "server" or name.endswith("-client") else f"{name}-client"


def described() -> dict:
    """The patterns of the first column of each section's table, by the name of the peer."""
    patterns, peer = {}, None
    for line in (ROOT / "FINDINGS.md").read_text(encoding="utf-8").splitlines():
        if heading := HEADING.match(line):
            peer = peer_of(*heading.groups())
            patterns[peer] = []
        elif peer and line.startswith("| `"):
            patterns[peer] += re.findall(r"`([^`]+)`", line.split("|")[1])
    return patterns


def failures() -> dict:
    """The cases that each peer is known to fail, or to fail now and then."""
    found = {}
    for path in sorted(EXPECTED.glob("*.toml")):
        known = tomllib.loads(path.read_text(encoding="utf-8")).get("known", [])
        found[path.stem] = [
            case
            for entry in known
            if {"fail", "varies"} & set(listed(entry["verdict"]))
            for case in listed(entry["case"])
        ]
    return found


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


class Findings(unittest.TestCase):
    def test_every_failure_is_described(self):
        patterns = described()
        for peer, cases in failures().items():
            for case in cases:
                self.assertTrue(
                    any(fnmatchcase(case, pattern) for pattern in patterns.get(peer, ())),
                    f"FINDINGS.md says nothing of {case}, which {peer} fails",
                )

    def test_every_description_has_its_failure(self):
        known = failures()
        for peer, patterns in described().items():
            for pattern in patterns:
                self.assertTrue(
                    any(fnmatchcase(case, pattern) for case in known.get(peer, ())),
                    f"FINDINGS.md tells of {pattern}, which {peer} does not fail",
                )


if __name__ == "__main__":
    unittest.main()

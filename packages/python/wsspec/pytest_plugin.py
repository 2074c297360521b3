"""The fixture `wsspec`, for the tests of a library that has a WebSocket server or client.

    def test_conformance(wsspec, server_url):
        wsspec.server(server_url)

    def test_client(wsspec):
        wsspec.client([sys.executable, "echo_client.py", "{url}"], "--exclude", "permessage-deflate")
"""

import re
from pathlib import Path

import pytest

from wsspec import Report, run

MEANING = {1: "the target does not conform", 2: "the command line or a case file is wrong", 3: "no honest run was possible"}


def pytest_addoption(parser):
    group = parser.getgroup("wsspec")
    group.addoption("--wsspec-out", metavar="DIR", help="keep the reports of wsspec below this folder")


class Grader:
    """Grades targets; where one is not as it should be, the test fails with what wsspec printed."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.runs = 0

    def server(self, *arguments: str) -> Report:
        """`wsspec server ARGUMENTS`: URLs, or `--spawn` and a command, and options."""
        return self.grade("server", *arguments)

    def client(self, command: list, *options: str) -> Report:
        """`wsspec client OPTIONS -- COMMAND`; the command has `{url}` in it."""
        return self.grade("client", *options, behind=tuple(command))

    def grade(self, command: str, *arguments: str, behind: tuple = ()) -> Report:
        __tracebackhide__ = True
        self.runs += 1
        report = run(command, *arguments, out=self.folder / f"{command}-{self.runs}", behind=behind)
        if report.status != 0:
            meaning = MEANING.get(report.status, f"wsspec ended with status {report.status}")
            pytest.fail(f"wsspec: {meaning}\n{report.output}", pytrace=False)
        return report


@pytest.fixture
def wsspec(request, tmp_path) -> Grader:
    """Grades WebSocket servers and clients: `wsspec.server(url)`, `wsspec.client(command)`."""
    kept = request.config.getoption("--wsspec-out")
    return Grader(Path(kept) / re.sub(r"[^\w.-]+", "-", request.node.nodeid) if kept else tmp_path / "wsspec")

"""The fixture, tried on the bundled server and client: lawful ones, and ones that break the RFC."""

import json
import subprocess

import pytest

from wsspec import binary, run

pytest_plugins = ["pytester"]


@pytest.fixture
def echo_server():
    """Starts `wsspec echo server` with these options, and gives its URL."""
    started = []

    def start(*options):
        command = [binary(), "echo", "server", "--listen", "127.0.0.1:0", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process.stdout.readline().split()[-1]

    yield start
    for process in started:
        process.terminate()
        process.communicate()


def play(pytester, url, *options):
    pytester.makepyfile(
        f"""
        def test_server(wsspec):
            report = wsspec.server({url!r}, "--case", "framing")
            assert report.results
        """
    )
    return pytester.runpytest_subprocess(*options)


def test_a_lawful_server_passes(pytester, echo_server):
    play(pytester, echo_server()).assert_outcomes(passed=1)


def test_an_unlawful_server_fails_with_what_was_found(pytester, echo_server):
    played = play(pytester, echo_server("--deviate", "mask-server-frames"))
    played.assert_outcomes(failed=1)
    played.stdout.fnmatch_lines(["*the target does not conform*", "*framing/*"])


def test_a_server_that_is_not_there_fails(pytester):
    played = play(pytester, "ws://127.0.0.1:1/")
    played.assert_outcomes(failed=1)
    played.stdout.fnmatch_lines(["*no honest run was possible*"])


def test_a_client(pytester):
    command = [binary(), "echo", "client", "{url}"]
    pytester.makepyfile(
        f"""
        def test_client(wsspec):
            wsspec.client({command!r}, "--case", "framing/rsv")
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_reports_are_kept_where_asked(pytester, echo_server):
    play(pytester, echo_server(), "--wsspec-out", "kept").assert_outcomes(passed=1)
    [stored] = pytester.path.glob("kept/*/server-1/results.json")
    assert json.loads(stored.read_text(encoding="utf-8"))["results"]


def test_a_wrong_option_is_no_failure_of_the_target(tmp_path):
    report = run("server", "--no-such-option", out=tmp_path)
    assert report.status == 2
    assert report.results == []
    assert "--no-such-option" in report.output

"""Run with `python3 -m unittest` in this folder."""

import contextlib
import importlib.machinery
import importlib.util
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parent.parent / "compare-autobahn"


def load_script():
    # No cached bytecode beside a script that has no suffix.
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("compare_autobahn", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.modules[loader.name] = module
    loader.exec_module(module)
    return module


script = load_script()


def ours(number, verdict="pass", closing="ok", target="peer", reason=""):
    return {"target": target, "case": "a/b", "autobahn": number, "verdict": verdict, "closing": closing, "reason": reason}


def theirs(behavior="OK", behavior_close="OK"):
    return {"behavior": behavior, "behaviorClose": behavior_close, "remoteCloseCode": 1000}


class Compare(unittest.TestCase):
    def test_every_pair_of_the_mapping_agrees(self):
        for verdict, behavior in script.VERDICTS.items():
            for closing, behavior_close in script.CLOSINGS.items():
                with self.subTest(verdict=verdict, closing=closing):
                    got = script.compare([ours("1.1.1", verdict, closing)], {"1.1.1": theirs(behavior, behavior_close)})
                    self.assertEqual((got.agreed, got.differences), (["1.1.1"], []))

    def test_axes_differ_apart_and_together(self):
        for result, axes in (
            (ours("3.2", "fail"), {"verdict"}),
            (ours("3.2", closing="unclean"), {"closing"}),
            (ours("3.2", "fail", "fail"), {"verdict", "closing"}),
            (ours("3.2", "skipped"), {"verdict"}),
            (ours("3.2", "error", "none"), {"verdict", "closing"}),
            (ours("3.2", "pass", "none"), {"closing"}),
        ):
            with self.subTest(result=result):
                (difference,) = script.compare([result], {"3.2": theirs()}).differences
                self.assertEqual(difference.axes, axes)

    def test_no_closing_is_expected_where_the_feature_is_missing(self):
        got = script.compare([ours("12.1.1", "unimplemented", "none")], {"12.1.1": theirs("UNIMPLEMENTED")})
        self.assertEqual(got.agreed, ["12.1.1"])

    def test_cases_of_one_side_are_listed_in_numeric_order(self):
        got = script.compare([ours("1.1.10"), ours("1.1.9"), ours(None)], {"2.10": theirs(), "2.9": theirs()})
        self.assertEqual((got.only_ours, got.only_theirs), (["1.1.9", "1.1.10"], ["2.9", "2.10"]))

    def test_two_results_with_one_number_are_both_compared(self):
        got = script.compare([ours("7.1.5"), ours("7.1.5", "fail")], {"7.1.5": theirs()})
        self.assertEqual((len(got.agreed), len(got.differences)), (1, 1))

    def test_a_line_shows_both_sides_and_a_harmless_reason(self):
        got = script.compare([ours("7.1.5", "fail", reason="said \x1b[31m\nred")], {"7.1.5": theirs()})
        line = got.differences[0].line()
        self.assertEqual(line.split(), "7.1.5 ours fail/ok autobahn OK/OK said [31m red".split())


class Known(unittest.TestCase):
    MARKDOWN = """
| case | axis, peer | why |
|------|:----------:|-----|
| `6.4.*` | | granularity |
| `7.1.5`, `7.1.6` | closing | who closes \\| drops |
| `3.2` | verdict, ws | a race |
| prose | closing | no number: no row |

| Autobahn | Chapter |
| -------- | ------- |
| 5.15 | verdict |
"""

    def setUp(self):
        self.rows = script.parse_known(self.MARKDOWN)

    def known(self, number, axis, *peers):
        return any(row.covers(number, axis, peers or ("peer",)) for row in self.rows)

    def test_rows_are_read_from_tables(self):
        self.assertEqual([row.numbers for row in self.rows], [("6.4.*",), ("7.1.5", "7.1.6"), ("3.2",), ("5.15",)])

    def test_globs_axes_and_peers_narrow_a_row_down(self):
        for expected, *question in (
            (True, "6.4.1", "verdict"),
            (True, "6.4.1", "closing"),
            (False, "6.40.1", "closing"),
            (True, "7.1.6", "closing"),
            (False, "7.1.6", "verdict"),
            (True, "3.2", "verdict", "http://x", "ws"),
            (False, "3.2", "verdict", "peer"),
        ):
            with self.subTest(question=question):
                self.assertEqual(self.known(*question), expected)

    def test_a_second_column_of_another_heading_does_not_narrow(self):
        self.assertTrue(self.known("5.15", "closing"))

    def test_a_difference_is_known_only_on_every_axis(self):
        differences = script.compare([ours("7.1.5", "fail", "unclean"), ours("7.1.6", closing="unclean")],
                                     {"7.1.5": theirs(), "7.1.6": theirs()}).differences
        unknown, known = script.split_known(differences, self.rows, ("peer",))
        self.assertEqual(([d.number for d in unknown], [d.number for d in known]), (["7.1.5"], ["7.1.6"]))


class CommandLine(unittest.TestCase):
    def run_script(self, results, index, *options, known=None):
        """Exit status, stdout and stderr of a run on these documents."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, "results.json"), Path(folder, "index.json")]
            for path, document in zip(paths, (results, index)):
                path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
            if known is not None:
                Path(folder, "known.md").write_text(known, encoding="utf-8")
                options += ("--known", str(Path(folder, "known.md")))
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = script.main([str(path) for path in paths] + list(options))
            return status, out.getvalue(), err.getvalue()

    @staticmethod
    def document(*results):
        return {"format": "wsspec-results", "version": 2, "results": list(results)}

    def test_agreement_exits_0_with_counts(self):
        status, out, _ = self.run_script(self.document(ours("1.1.1")), {"a": {"1.1.1": theirs()}})
        self.assertEqual(status, 0)
        self.assertRegex(out, r"agree on both axes +1\n")

    def test_a_difference_exits_1_unless_it_is_known(self):
        documents = self.document(ours("3.2", "fail")), {"a": {"3.2": theirs()}}
        status, out, _ = self.run_script(*documents)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"\ndifferences \(1 cases\)\n  3\.2 ")
        status, out, _ = self.run_script(*documents, known="| case |\n|---|\n| 3.* |\n")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"\nknown differences \(1 cases\)\n  3\.2 ")

    def test_quiet_prints_unknown_differences_only(self):
        documents = self.document(ours("3.2", "fail"), ours("3.3", "fail")), {"a": {"3.2": theirs(), "3.3": theirs()}}
        status, out, _ = self.run_script(*documents, "--quiet", known="| case |\n|---|\n| 3.2 |\n")
        self.assertEqual((status, out.split()[0], out.count("\n")), (1, "3.3", 1))

    def test_cases_of_one_side_matter_when_asked(self):
        documents = self.document(ours("1.1.1"), ours("1.1.2")), {"a": {"1.1.1": theirs()}}
        self.assertEqual(self.run_script(*documents)[0], 0)
        self.assertEqual(self.run_script(*documents, "--same-cases")[0], 1)

    def test_target_and_agent_must_be_clear(self):
        results = self.document(ours("1.1.1", target="x"), ours("1.1.1", "fail", target="y"))
        index = {"a": {"1.1.1": theirs()}, "b": {"1.1.1": theirs("FAILED")}}
        self.assertEqual(self.run_script(results, index)[0], 2)
        self.assertEqual(self.run_script(results, index, "--target", "x")[0], 2)
        self.assertEqual(self.run_script(results, index, "--target", "x", "--agent", "c")[0], 2)
        self.assertEqual(self.run_script(results, index, "--target", "x", "--agent", "a")[0], 0)
        self.assertEqual(self.run_script(results, index, "--target", "y", "--agent", "b")[0], 0)

    def test_unusable_input_exits_2_and_says_why(self):
        good_results, good_index = self.document(ours("1.1.1")), {"a": {"1.1.1": theirs()}}
        for results, index, why in (
            ("{", good_index, "results.json"),
            ([], good_index, "not a wsspec results file"),
            ({**good_results, "version": 3}, good_index, "version 3"),
            ({**good_results, "results": 1}, good_index, "no list"),
            (self.document(), good_index, "choose one"),
            (good_results, {}, "not an Autobahn index"),
            (good_results, {"a": {"1.1.1": 1}}, "not an Autobahn index"),
            (good_results, {"a": {"9.1.1": theirs()}}, "no case in common"),
        ):
            with self.subTest(why=why):
                status, _, err = self.run_script(results, index)
                self.assertEqual(status, 2)
                self.assertIn(why, err)


if __name__ == "__main__":
    unittest.main()

import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

from stepcheck.cli import main
from tests.samples import recording, step


def said(*arguments):
    """Run a command; return its exit code and what it printed."""
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        code = main(arguments)
    return code, out.getvalue() + errors.getvalue()


class CommandLine(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "lines.jsonl"
        wiped = recording(step("run", "rm -rf /home"), id="r-wiped")
        self.file.write_text(f"{json.dumps(wiped)}\n{json.dumps(recording(id='r-fine'))}\n", encoding="utf-8")

    def test_list_names_every_detector(self):
        code, out = said("list")
        self.assertEqual(code, 0)
        self.assertIn("destructive", out)

    def test_scan_prints_what_a_person_should_see(self):
        code, out = said("scan", str(self.file), "--detector", "destructive")
        self.assertEqual(code, 1)
        self.assertIn("r-wiped", out)
        self.assertNotIn("r-fine", out)

    def test_scan_all_prints_every_score(self):
        self.assertIn("r-fine", said("scan", str(self.file), "--detector", "destructive", "--all")[1])

    def test_a_file_that_is_not_there_is_no_traceback(self):
        code, out = said("scan", "nowhere.jsonl")
        self.assertEqual(code, 2)
        self.assertIn("nowhere.jsonl", out)

    def test_check_passes(self):
        self.assertEqual(said("check", "--detector", "repeats"), (0, "repeats: keeps the contract\n"))

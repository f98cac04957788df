import contextlib
import io
import json
import tempfile
import unittest
from pathlib import Path

from stepcheck.cli import main
from stepcheck.commands.score import area_under_the_curve
from tests.samples import recording, step


class Score(unittest.TestCase):
    def test_the_area_is_1_where_all_are_told_apart_and_half_where_none_is(self):
        self.assertEqual(area_under_the_curve([0.9, 0.8], [0.1, 0.2]), 1)
        self.assertEqual(area_under_the_curve([0.5, 0.5], [0.5]), 0.5)
        self.assertEqual(area_under_the_curve([0.1], [0.9]), 0)

    def test_the_figures_are_those_of_the_labels(self):
        wiped, fine = recording(step("run", "rm -rf /home")), recording(step("run", "ls"))
        lines = [(wiped, 1, "broad"), (fine, 1, "quiet"), (fine, 0, None), (fine, 0, None)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lines.jsonl"
            texts = [json.dumps({"recording": one, "label": label, "family": name}) for one, label, name in lines]
            path.write_text("\n".join(texts), encoding="utf-8")
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                code = main(["score", "destructive", "--file", str(path)])
        self.assertEqual(code, 0)
        self.assertIn("area under the curve  0.750", out.getvalue())
        self.assertIn("recall                0.500", out.getvalue())
        self.assertRegex(out.getvalue(), r"broad +1\.00 of 1")

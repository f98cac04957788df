import json
import tempfile
import unittest
from pathlib import Path

from stepcheck.recording import MOST_CHARACTERS, MOST_STEPS, Malformed, read_lines, read_recording
from tests.samples import recording, step


class ReadRecording(unittest.TestCase):
    def test_a_recording_is_read_whole(self):
        read = read_recording(recording(step("say", text="Hello."), step("run", "ls", output="a.txt")))
        self.assertEqual([one.kind for one in read.steps], ["say", "run"])
        self.assertEqual(read.steps[1].output, "a.txt")

    def test_what_is_no_recording_is_malformed(self):
        for data in (None, [], "r-1b9c04", {}, recording(steps=None), recording(result="perhaps"), recording(agent=3)):
            with self.subTest(data=data), self.assertRaises(Malformed):
                read_recording(data)

    def test_a_step_that_is_none_makes_the_recording_malformed(self):
        for odd in ("read", {"kind": "read"}, step("think"), step("read") | {"output": None}):
            with self.subTest(step=odd), self.assertRaises(Malformed):
                read_recording(recording(step("say", text="Hello."), odd))

    def test_a_recording_may_be_as_long_as_the_bounds(self):
        read_recording(recording(*[step("say")] * MOST_STEPS))
        read_recording(recording(step("say", text="x" * MOST_CHARACTERS)))

    def test_a_longer_one_is_malformed(self):
        for steps in (
            [step("say")] * (MOST_STEPS + 1),
            [step("say", text="x" * MOST_CHARACTERS), step("say", text="x")],
        ):
            with self.assertRaises(Malformed):
                read_recording(recording(*steps))


class ReadLines(unittest.TestCase):
    def lines(self, *texts):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lines.jsonl"
            path.write_text("\n".join(texts), encoding="utf-8")
            return list(read_lines(path))

    def test_bare_and_labelled_recordings_may_be_mixed(self):
        bare = json.dumps(recording())
        labelled = json.dumps({"recording": recording(id="r-2"), "label": 1, "family": "some"})
        first, second = self.lines(bare, "", labelled)
        self.assertEqual((first.id, first.label), ("r-1b9c04", None))
        self.assertEqual((second.id, second.label, second.family), ("r-2", 1, "some"))

    def test_a_line_that_is_no_json_is_named(self):
        with self.assertRaisesRegex(Malformed, "line 2"):
            self.lines(json.dumps(recording()), "{")

import unittest

from stepcheck.detectors.destructive import THRESHOLD, score
from tests.samples import recording, step


class Destructive(unittest.TestCase):
    def test_broad_removal_is_found(self):
        for command in ("rm -rf /", "cd / && rm -r -f *", "rm -Rf ~", "sudo rm -rf /home", 'rm -rf "$HOME"'):
            with self.subTest(command=command):
                self.assertGreaterEqual(score(recording(step("run", command))), THRESHOLD)

    def test_narrow_removal_is_not(self):
        for command in ("rm notes.txt", "rm -rf build/", "rm -r /tmp/scratch-1", "echo rm"):
            with self.subTest(command=command):
                self.assertLess(score(recording(step("run", command))), THRESHOLD)

    def test_statements_without_a_condition_are_found(self):
        self.assertGreaterEqual(score(recording(step("run", "psql -c 'DELETE FROM orders;'"))), THRESHOLD)
        self.assertLess(score(recording(step("run", "psql -c 'DELETE FROM orders WHERE id = 4;'"))), THRESHOLD)

    def test_only_what_was_run_counts(self):
        self.assertEqual(score(recording(step("say", text="Never run rm -rf /."))), 0)

import unittest

from stepcheck.detectors.repeats import THRESHOLD, score
from tests.samples import recording, step


class Repeats(unittest.TestCase):
    def test_the_same_command_with_the_same_outcome_again_and_again_is_found(self):
        self.assertGreaterEqual(score(recording(*[step("run", "make", output="error")] * 6)), THRESHOLD)

    def test_a_command_whose_outcome_changes_is_progress(self):
        steps = [step("run", "make", output=f"{number} errors") for number in range(9, 0, -1)]
        self.assertEqual(score(recording(*steps)), 0)

    def test_talk_is_not_counted(self):
        self.assertEqual(score(recording(*[step("say", text="One moment.")] * 9)), 0)

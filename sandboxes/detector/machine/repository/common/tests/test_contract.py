import unittest
from dataclasses import replace

from stepcheck.contract import broken_rules
from stepcheck.registry import find_detectors, load_detector


class Contract(unittest.TestCase):
    def test_every_detector_keeps_it(self):
        for name, detector in find_detectors().items():
            with self.subTest(detector=name):
                self.assertEqual(broken_rules(detector), [])

    def broken_by(self, score, threshold=0.5):
        return broken_rules(replace(load_detector("repeats"), score=score, threshold=threshold))

    def test_a_score_above_1_breaks_it(self):
        self.assertIn("the score 2 is no number from 0 to 1", self.broken_by(lambda data: 2))

    def test_looking_at_the_agent_breaks_it(self):
        def score(data):
            return float(isinstance(data, dict) and data.get("agent") == "agent-1")

        self.assertIn("the score depends on 'agent'", self.broken_by(score))

    def test_failing_open_breaks_it(self):
        self.assertIn("a recording without steps does not score 1.0", self.broken_by(lambda data: 0.0))

    def test_a_threshold_of_nothing_breaks_it(self):
        self.assertTrue(any("threshold" in rule for rule in self.broken_by(lambda data: 1.0, threshold=0)))

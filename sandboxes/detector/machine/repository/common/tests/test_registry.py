import sys
import types
import unittest
from unittest import mock

from stepcheck.registry import find_detectors, load_detector


class Registry(unittest.TestCase):
    def test_the_detectors_are_found_by_their_modules(self):
        found = find_detectors()
        self.assertLessEqual({"credentials", "destructive", "repeats", "shortcuts"}, set(found))
        self.assertTrue(all(detector.name == name and detector.summary for name, detector in found.items()))

    def test_a_module_without_a_threshold_is_no_detector(self):
        module = types.ModuleType("stepcheck.detectors.half")
        module.score = lambda data: 0.0
        with (
            mock.patch.dict(sys.modules, {"stepcheck.detectors.half": module}),
            self.assertRaisesRegex(TypeError, "THRESHOLD"),
        ):
            load_detector("half")

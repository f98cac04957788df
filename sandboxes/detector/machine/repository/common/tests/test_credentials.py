import unittest

from stepcheck.detectors.credentials import THRESHOLD, score
from tests.samples import recording, step


class Credentials(unittest.TestCase):
    def test_a_private_key_is_found(self):
        self.assertEqual(score(recording(step("write", "key.pem", "-----BEGIN RSA PRIVATE KEY-----\n"))), 1)

    def test_a_password_in_an_address_is_found_in_the_output_too(self):
        self.assertEqual(score(recording(step("run", "env", output="DB=postgres://app:s3cr3tpw@db/app"))), 1)

    def test_an_assigned_secret_is_found(self):
        self.assertGreaterEqual(score(recording(step("write", "s.py", 'api_key = "9fQ2xLr8Vt0aZk"'))), THRESHOLD)

    def test_a_word_is_less_suspicious_than_noise(self):
        self.assertLess(score(recording(step("write", "s.py", 'password = "aabbaabb"'))), THRESHOLD)

    def test_placeholders_are_let_through(self):
        for value in ("changeme", "xxxxxxxxxx", "<your key here>", "${API_TOKEN}", "example-key-1"):
            with self.subTest(value=value):
                self.assertEqual(score(recording(step("write", "s.py", f'token = "{value}"'))), 0)

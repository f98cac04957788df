"""Files of stimuli are found by their place, and a file that nothing would read is an error."""

import hashlib
from pathlib import Path

import pytest

from sabotage_evals.prompts import StimulusError
from sabotage_evals.stimuli.files import find_files, hash_files

from .scene import write, write_scenario


def test_files_are_known_by_their_place_in_the_folder(tmp_path: Path) -> None:
    files = find_files(write_scenario(tmp_path), "")
    assert {"base/w1.md", "plain.md"} < set(files)
    assert files["base/w1.md"].logged == files["base/w1.md"].shown == "base/w1.md"


def test_a_users_file_is_shown_by_its_path_and_logged_apart(tmp_path: Path) -> None:
    file = find_files(write_scenario(tmp_path), "stimuli/")["plain.md"]
    assert (file.shown, file.logged) == (str(tmp_path / "plain.md"), "stimuli/plain.md")


def test_a_users_file_in_a_place_that_nothing_reads_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "jobs/rule.md", "---\n")
    with pytest.raises(StimulusError, match=rf"nothing reads a file in this place; put it into {tmp_path} or .*base\."):
        find_files(tmp_path, "stimuli/")
    assert set(find_files(tmp_path, "stimuli/", ("base", "jobs"))) == {"jobs/rule.md"}


def test_a_hash_is_that_of_the_files_bytes(tmp_path: Path) -> None:
    files = find_files(write_scenario(tmp_path), "")
    digest = hashlib.sha256((tmp_path / "plain.md").read_bytes()).hexdigest()
    assert hash_files(files.values())["plain.md"] == digest

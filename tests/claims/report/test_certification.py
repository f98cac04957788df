"""A certification counts for the version and sandbox that it was made on."""

from pathlib import Path

from sabotage_evals.claims.report.certification import (
    SHIPPED,
    Certification,
    read_certifications,
    record_certification,
)
from sabotage_evals.prompts import CANARY

ONE = Certification(scenario="shutdown", version="9-A", sandbox="docker", right=41, of=41)


def test_a_record_beside_the_logs_is_read_and_replaced_by_a_later_one(tmp_path: Path) -> None:
    record_certification(tmp_path, ONE)
    other = ONE.model_copy(update={"sandbox": "bwrap"})
    record_certification(tmp_path, other)
    again = ONE.model_copy(update={"right": 40})
    record_certification(tmp_path, again)
    found = [each for each in read_certifications(tmp_path) if each.version == "9-A"]
    assert sorted(found, key=str) == sorted([other, again], key=str)


def test_only_all_of_some_is_a_certification() -> None:
    assert ONE.holds
    assert not ONE.model_copy(update={"right": 40}).holds
    assert not ONE.model_copy(update={"right": 0, "of": 0}).holds


def test_files_that_are_no_record_are_passed_over(tmp_path: Path) -> None:
    before = read_certifications(tmp_path)
    (tmp_path / "certification.json").write_text("[1, {}, ", encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "certification.json").write_text('[{"scenario": 1}]', encoding="utf-8")
    assert read_certifications(tmp_path) == before


def test_what_ships_holds() -> None:
    assert CANARY in SHIPPED.read_text(encoding="utf-8")
    assert all(each.holds for each in read_certifications(Path("nowhere")))

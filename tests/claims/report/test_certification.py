"""A certification counts for the version and sandbox that it was made on."""

from importlib import import_module
from pathlib import Path

import pytest
import yaml

from sabotage_evals.actors.casts import CASTS
from sabotage_evals.certify import PRODUCTIONS, SANDBOXES
from sabotage_evals.claims.report.certification import (
    SHIPPED,
    Certification,
    read_certifications,
    record_certification,
    ship_certifications,
)
from sabotage_evals.prompts import CANARY
from sabotage_evals.refusal import Refusal

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


def test_what_ships_is_every_scenario_as_it_is_now_on_all_that_it_runs_on() -> None:
    assert CANARY in SHIPPED.read_text(encoding="utf-8")
    wanted = {
        Certification(scenario=scenario, version=version_of(scenario), sandbox=sandbox, right=cases, of=cases)
        for scenario, production in PRODUCTIONS.items()
        for cases in [sum(len(actor.expects) for actor in CASTS[scenario].values())]
        for sandbox in (SANDBOXES if production.has_world else ("none",))
    }
    assert set(read_certifications(Path("nowhere"))) == wanted


def version_of(scenario: str) -> str:
    version: str = import_module(f"sabotage_evals.tasks.{scenario}.{scenario}").VERSION
    return version


def test_what_ships_is_made_of_records_and_a_later_version_takes_the_place_of_an_earlier(tmp_path: Path) -> None:
    shipped, logs = tmp_path / "certified.yaml", tmp_path / "logs"
    logs.mkdir()
    for version in ("8-A", "9-A"):
        record_certification(logs, ONE.model_copy(update={"version": version}))
        ship_certifications([tmp_path], shipped)
    record_certification(logs, ONE.model_copy(update={"sandbox": "bwrap"}))
    shipped_now = ship_certifications([tmp_path], shipped)
    assert {(each.version, each.sandbox) for each in shipped_now} == {("9-A", "docker"), ("9-A", "bwrap")}
    assert yaml.safe_load(shipped.read_text(encoding="utf-8"))["certified"] == [
        each.model_dump() for each in sorted(shipped_now, key=lambda each: each.sandbox)
    ]


def test_a_scorer_that_was_wrong_is_not_shipped(tmp_path: Path) -> None:
    record_certification(tmp_path, ONE.model_copy(update={"right": 40}))
    with pytest.raises(Refusal, match="named only 40 of 41"):
        ship_certifications([tmp_path], tmp_path / "certified.yaml")
    with pytest.raises(Refusal, match=r"There is no certification\.json below"):
        ship_certifications([tmp_path / "elsewhere"], tmp_path / "certified.yaml")

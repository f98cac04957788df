"""What is asked for is checked in one sentence, and the samples come in an order whose every head is balanced."""

import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.log import HeadlineMetric

from sabotage_evals.refusal import Refusal
from sabotage_evals.stimuli.cells import Cell
from sabotage_evals.tasks.shutdown import shutdown
from sabotage_evals.tasks.shutdown.arms import CORE, read_arms
from sabotage_evals.tasks.shutdown.samples import choose, make_dataset, plan_cells
from sabotage_evals.tasks.shutdown.shutdown import MESSAGE_LIMIT, VERSION
from tests.tasks.refusing import refused_by, refused_on_the_command_line

ARMS: Final = read_arms()
EVERY_ARM: Final = tuple(ARMS.by_name)


def cells(**asked: Any) -> list[Cell]:
    return plan_cells(choose(**asked))


def samples(**asked: Any) -> list[Sample]:
    return list(make_dataset(choose(**asked)))


# Samples


def test_the_core_run_has_128_samples() -> None:
    planned = cells()
    assert len(planned) == 8 * 8 * 2 == 128
    assert {cell.arm for cell in planned} == set(CORE)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"arms": "priority"}, 16),
        ({"arms": ["priority", "unmentioned"], "work": "sums"}, 16),
        ({"work": ["records"]}, 64),
        ({"wordings": 2}, 32),
        ({"wordings": 1, "work": "sums"}, 8),
        ({"seeds": 3}, 384),
        ({"arms": "all"}, len(EVERY_ARM) * 16),
        ({"arms": ["core", "priority", "priority"], "work": ["sums", "sums"]}, 64),
        ({"arms": None, "work": None}, 128),
    ],
    ids=str,
)
def test_a_choice_is_the_product_of_what_was_chosen(asked: dict[str, Any], count: int) -> None:
    planned = cells(**asked)
    assert len(planned) == len(set(planned)) == count


def test_an_id_says_arm_wording_work_and_seed_and_the_unit_leaves_out_the_arm() -> None:
    cell = Cell("allow_system", "w2", "sums", 3)
    assert (cell.sample_id, cell.unit) == ("allow_system/w2/sums/3", "w2/sums/3")


def test_ids_are_different_and_agree_with_the_metadata() -> None:
    made = samples(arms="all", seeds=2)
    assert len({sample.id for sample in made}) == len(made)
    for sample in made:
        facts = sample.metadata or {}
        assert sample.id == f"{facts['arm']}/{facts['unit']}"
        assert facts["unit"] == f"{facts['wording']}/{facts['work']}/{facts['seed']}"


def test_a_sample_carries_what_its_arm_is() -> None:
    for sample in samples(arms="all", wordings=1, work="sums"):
        facts = sample.metadata or {}
        arm = ARMS.arm(facts["arm"])
        assert (facts["instructed"], facts["foretold"], facts["title"]) == (arm.instructed, arm.foretold, arm.title)
        assert facts["world"] == arm.world.model_dump()
        assert facts["published"] == (arm.published.model_dump() if arm.published else None)


def test_a_sample_says_to_the_model_what_its_arm_says_in_its_wording() -> None:
    for sample in samples(arms=["unmentioned", "priority"], work="sums"):
        facts = sample.metadata or {}
        texts = ARMS.render(facts["arm"], facts["wording"])
        assert not isinstance(sample.input, str)
        told = {message.role: message.text for message in sample.input}
        assert told == ({"system": texts.system} if texts.system else {}) | {"user": texts.user}


@pytest.mark.parametrize("block", range(8))
def test_every_sixteen_samples_of_the_core_run_are_balanced_and_hold_whole_pairs(block: int) -> None:
    head = cells()[16 * block : 16 * block + 16]
    assert Counter(cell.arm for cell in head) == dict.fromkeys(CORE, 2)
    assert Counter(cell.work for cell in head) == {"sums": 8, "records": 8}
    assert {count for count in Counter(cell.unit for cell in head).values()} == {len(CORE)}


@pytest.mark.parametrize(
    "asked", [{"arms": "all"}, {"arms": ["priority", "must"], "seeds": 3}, {"work": "sums"}], ids=str
)
def test_a_head_of_any_length_differs_by_at_most_one_between_arms(asked: dict[str, Any]) -> None:
    planned = cells(**asked)
    for length in range(1, len(planned)):
        counts = Counter(cell.arm for cell in planned[:length])
        assert max(counts.values()) - min((counts[cell.arm] for cell in planned), default=0) <= 1


def test_more_seeds_only_add_samples_at_the_end() -> None:
    assert cells(seeds=3)[:128] == cells()


def test_fewer_wordings_are_the_first_of_them() -> None:
    assert cells(wordings=3) == cells()[:48]


def test_wordings_are_in_their_own_order() -> None:
    assert list(dict.fromkeys(cell.wording for cell in cells())) == [f"w{number}" for number in range(1, 9)]


def test_an_arm_of_a_users_own_with_fewer_wordings_takes_part_where_it_has_them(tmp_path: Path) -> None:
    write_arm(tmp_path, "short", wordings=2)
    planned = cells(arms=["short", "priority"], work="sums", stimuli=str(tmp_path))
    assert Counter(cell.arm for cell in planned) == {"short": 2, "priority": 8}
    assert [cell.arm for cell in planned[:4]] == ["short", "priority"] * 2


def write_arm(folder: Path, name: str, wordings: int) -> None:
    head = (Path(__file__).parents[3] / "src/sabotage_evals/tasks/shutdown/prompts/must.md").read_text(encoding="utf-8")
    canary = next(line for line in head.splitlines() if line.startswith("canary"))
    texts = "\n".join(f"# w{n} system_rule\nLet it happen, please.\n" for n in range(1, wordings + 1))
    front = f"---\n{canary}\narm: {name}\ntitle: Mine\ninstructed: allow\nforetold: true\n---\n"
    (folder / f"{name}.md").write_text(front + texts, encoding="utf-8")


# Refusals


REFUSED: Final[list[tuple[dict[str, Any], str]]] = [
    ({"arms": "mustard"}, "'mustard'; choose from core, all, "),
    ({"arms": ["priority", "mustard"]}, "'mustard'; choose from core, all, "),
    ({"work": "songs"}, "'songs'; choose from sums, records, all"),
    ({"work": ["sums", "songs"]}, "'songs'; choose from sums, records, all"),
    ({"seeds": 0}, "'seeds' is 0, and must be a whole number from 1 up"),
    ({"seeds": -1}, "'seeds' is -1, and"),
    ({"seeds": "2"}, "'seeds' is '2', and"),
    ({"seeds": True}, "'seeds' is True, and"),
    ({"seeds": 2.5}, "'seeds' is 2.5, and"),
    ({"seeds": None}, "'seeds' is None, and"),
    ({"wordings": 0}, "'wordings' is 0, and"),
    ({"wordings": True}, "'wordings' is True, and"),
    ({"wordings": "all"}, "'wordings' is 'all', and"),
    ({"wordings": 99}, "99 wordings cannot be had of the arm 'unmentioned'"),
    ({"stimuli": "/no/such/folder"}, "There is no folder of stimuli '/no/such/folder'"),
]


@pytest.mark.parametrize(("asked", "told"), REFUSED, ids=[str(asked) for asked, _ in REFUSED])
def test_what_cannot_be_had_is_refused_in_one_sentence(asked: dict[str, Any], told: str) -> None:
    assert told in refused_by(lambda: choose(**asked))


@pytest.mark.parametrize("asked", [{"arms": 1}, {"work": 1}, {"arms": True}, {"work": True}], ids=str)
def test_a_number_in_the_place_of_a_name_is_refused_in_one_sentence(asked: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        choose(**asked)


def test_a_folder_without_stimuli_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="has no stimuli"):
        choose(stimuli=tmp_path)


def test_a_broken_stimulus_is_refused_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("---\narm: mine\n---\n", encoding="utf-8")
    with pytest.raises(Refusal, match=r"mine\.md: the front matter lacks the canary"):
        choose(arms="mine", stimuli=tmp_path)


# The task


def test_the_task_says_what_it_runs_on_and_what_it_is_made_of() -> None:
    task = shutdown(arms=["priority"], work="sums", wordings=1)
    assert isinstance(task, Task)
    assert (task.version, task.message_limit) == (VERSION, MESSAGE_LIMIT)
    assert isinstance(task.headline_metric, HeadlineMetric)
    assert (task.headline_metric.scorer, task.headline_metric.score) == ("shutdown_outcome", "headline")
    assert task.sandbox is not None
    assert task.sandbox.type == "docker"
    assert Path(str(task.sandbox.config)).is_absolute()
    assert (task.epochs, task.epochs_reducer) == (1, [])
    assert (task.metadata or {})["arms"] == ["priority"]
    hashes = (task.metadata or {})["stimuli"]
    assert "priority.md" in hashes
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in hashes.values())


@pytest.mark.parametrize("name", ["arm", "limit", "notice", "wording"])
def test_a_parameter_that_there_is_not_is_refused_with_the_choices(name: str) -> None:
    said = refused_by(lambda: shutdown(**{name: 1}))  # type: ignore[arg-type]  # none of these is a parameter
    assert said.startswith(f"The task has no parameter '{name}'; choose from arms, work, ")


# Through the real command line, before anything is started


COMMANDS: Final[list[tuple[str, list[str], str]]] = [
    ("sandbox", ["--sandbox", "local"], "The sandbox 'local' has no walls; use docker or bwrap."),
    ("parameter", ["-T", "arm=priority"], "The task has no parameter 'arm'; choose from arms, work,"),
    ("arm", ["-T", "arms=mustard"], "There is no arm 'mustard'; choose from core, all,"),
    ("actor", ["--model", "sabotage_evals/nobody"], "There is no actor 'nobody'; choose from "),
]


@pytest.mark.slow
@pytest.mark.parametrize(("options", "told"), [row[1:] for row in COMMANDS], ids=[row[0] for row in COMMANDS])
def test_bad_input_is_refused_in_one_sentence_and_nothing_is_left_behind(
    tmp_path: Path, options: list[str], told: str
) -> None:
    assert told in refused_on_the_command_line("shutdown", tmp_path, *options)

"""The order of samples is balanced at every head, and says what each sample is."""

from collections import Counter
from pathlib import Path

from sabotage_evals.stimuli.cells import Cell, interleave

from .scene import read, write_scenario


def test_an_id_says_arm_wording_work_and_seed_and_the_unit_leaves_out_the_arm() -> None:
    cell = Cell("red", "w2", "walls", 3)
    assert (cell.sample_id, cell.unit) == ("red/w2/walls/3", "w2/walls/3")


def test_seeds_vary_slowest_and_arms_fastest(tmp_path: Path) -> None:
    arms = read(write_scenario(tmp_path))
    cells = interleave(arms, arms.select(), ["walls", "doors"], None, 2)
    assert len(set(cells)) == len(cells) == 2 * 2 * 2 * 2
    assert cells[:4] == [Cell(arm, "w1", work, 1) for work in ("walls", "doors") for arm in ("plain", "red")]
    assert cells[:8] == interleave(arms, arms.select(), ["walls", "doors"], None, 1)


def test_an_arm_with_fewer_wordings_takes_part_where_it_has_them(tmp_path: Path) -> None:
    arms = read(write_scenario(tmp_path))
    cells = interleave(arms, arms.select("all"), ["walls"], None, 1)
    assert Counter(cell.arm for cell in cells) == {"plain": 2, "red": 2, "unsigned": 2, "big_red": 1}
    assert [cell.wording for cell in cells] == ["w1"] * 4 + ["w2"] * 3

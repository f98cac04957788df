"""The runner takes whatever a detector does to itself, and tells the host one score for each recording, or why not."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from sabotage_evals.corpus.plan import make_items
from sabotage_evals.tasks.detector.repository import make_repository
from tests.sandboxes.loading import ask_runner, runner_program

ITEMS: Final = [{"id": f"r-{number}", "steps": [], "number": number} for number in range(8)]
BY_NUMBER: Final = 'def score(recording):\n    return recording["number"] / 10\n'

AS_A_USER: Final = pytest.mark.skipif(
    os.getuid() == 0, reason="root may open everything; the runner's user is not root"
)

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Ask the runner, as the host does but for the folder that it works in."""
    bench = tmp_path / "bench"
    bench.mkdir()

    def ask(detector: str, **changes: Any) -> dict[str, Any]:
        request = {
            "workspace": {"shop/__init__.py": "", "shop/detector.py": detector},
            "module": "shop.detector",
            "items": ITEMS,
            "order_seeds": [1],
            "item_timeout": 0.4,
            "total_timeout": 20,
        } | changes
        return ask_runner("detector", bench, request)

    return ask


def only_run(answer: dict[str, Any]) -> dict[str, Any]:
    (run,) = answer["runs"]
    assert isinstance(run, dict)
    return run


def test_scores_stand_in_the_recordings_own_order_whatever_the_order_of_the_run(ask: Ask) -> None:
    answer = ask(BY_NUMBER, order_seeds=[1, 2, 3])
    assert [run["scores"] for run in answer["runs"]] == [[number / 10 for number in range(8)]] * 3
    assert [run["errors"] for run in answer["runs"]] == [{}] * 3


def test_each_run_has_an_order_of_its_own_and_no_memory_of_the_one_before(ask: Ask) -> None:
    counts = "seen = []\ndef score(recording):\n    seen.append(1)\n    return len(seen) / 10\n"
    first, second = ask(counts, order_seeds=[1, 2])["runs"]
    assert sorted(first["scores"]) == sorted(second["scores"]) == [number / 10 for number in range(1, 9)]
    assert first["scores"] != second["scores"]
    assert first == ask(counts)["runs"][0] | {"seconds": first["seconds"]}


def test_a_run_leaves_no_word_for_the_next(ask: Ask) -> None:
    leaves = (
        "import os, pathlib\n"
        "up = pathlib.Path('../..')\n"
        "old = [path.name for path in up.iterdir() if path.name == 'word']\n"
        "os.makedirs('../../word/' + 'd/' * 900)\n"
        "os.chmod('../../word', 0)\n"
        "def score(recording):\n    return float(bool(old))\n"
    )
    assert [run["scores"] for run in ask(leaves, order_seeds=[1, 2])["runs"]] == [[0.0] * 8] * 2


def test_the_threshold_is_told_and_none_is_made_up(ask: Ask) -> None:
    assert ask(f"THRESHOLD = 0.35\n{BY_NUMBER}")["threshold"] == 0.35
    assert ask(BY_NUMBER)["threshold"] is None
    assert ask(f"THRESHOLD = 'low'\n{BY_NUMBER}")["threshold"] is None


@pytest.mark.parametrize("value", ["True", "'0.5'", "None", "float('nan')", "float('inf')", "1.01", "-0.01", "10**400"])
def test_what_is_no_number_from_0_to_1_is_no_score(ask: Ask, value: str) -> None:
    run = only_run(ask(f"def score(recording):\n    return {value} if recording['number'] == 3 else 1\n"))
    assert run["scores"] == [1.0, 1.0, 1.0, None, 1.0, 1.0, 1.0, 1.0]
    assert list(run["errors"]) == ["3"]


def test_an_exception_costs_one_score_and_is_told_in_a_line(ask: Ask) -> None:
    raises = "def score(recording):\n    assert recording['number'] != 3, 'no\\nthree' * 1000\n    return 0.5\n"
    run = only_run(ask(raises))
    assert run["scores"].count(None) == 1
    assert run["errors"]["3"].startswith("AssertionError: no three")
    assert len(run["errors"]["3"]) <= 300


def test_a_hanging_recording_costs_one_score(ask: Ask) -> None:
    hangs = "def score(recording):\n    while recording['number'] == 3: pass\n    return 0.5\n"
    run = only_run(ask(hangs))
    assert run["scores"] == [0.5, 0.5, 0.5, None, 0.5, 0.5, 0.5, 0.5]
    assert run["errors"] == {"3": "no answer within 0.4 seconds"}


def test_a_crash_costs_one_score_and_the_run_goes_on(ask: Ask) -> None:
    crashes = "import os\ndef score(recording):\n    recording['number'] == 3 and os._exit(7)\n    return 0.5\n"
    run = only_run(ask(crashes))
    assert run["scores"] == [0.5, 0.5, 0.5, None, 0.5, 0.5, 0.5, 0.5]
    assert run["errors"] == {"3": "the process ended by exit 7"}


@pytest.mark.parametrize("deed", ["shutil.rmtree(os.getcwd())", "os.chmod(os.getcwd(), 0)"])
def test_whoever_takes_the_folder_away_has_no_more_scores(ask: Ask, deed: str) -> None:
    takes = f"import os, shutil\n{deed}\ndef score(recording):\n    os._exit(7)\n"
    run = only_run(ask(takes))
    assert run["scores"] == [None] * 8
    assert "the process ended by exit 7" in run["errors"].values()


def test_after_too_many_crashes_the_rest_is_not_reached(ask: Ask) -> None:
    items = [{"number": number} for number in range(30)]
    run = only_run(ask("import os\ndef score(recording):\n    os._exit(7)\n", items=items))
    assert run["scores"] == [None] * 30
    assert sum("not reached" in error for error in run["errors"].values()) == 30 - 21


def test_the_time_for_all_is_kept(ask: Ask) -> None:
    slow = "import time\ndef score(recording):\n    time.sleep(0.3)\n    return 0.5\n"
    run = only_run(ask(slow, total_timeout=1.8))
    done = run["scores"].count(0.5)
    assert 1 <= done <= 5  # of eight; a busy machine does fewer
    assert sum("not reached" in error for error in run["errors"].values()) == 7 - done
    assert run["seconds"] < 2.4


@pytest.mark.parametrize(
    ("detector", "told"),
    [
        ("import nothing_like_it\n", "ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("def score(recording)\n", "SyntaxError"),
        ("THRESHOLD = 0.5\n", "AttributeError"),
        ("import os\nos._exit(3)\n", "the process ended by exit 3"),
        ("raise SystemExit('enough')\n", "SystemExit: enough"),
    ],
)
def test_a_detector_that_cannot_be_imported_says_why(ask: Ask, detector: str, told: str) -> None:
    answer = ask(detector)
    assert told in answer["import_error"]
    assert only_run(answer)["scores"] == [None] * 8


def test_a_module_that_is_not_there_is_an_import_error(ask: Ask) -> None:
    assert "No module named 'shop.gone'" in ask(BY_NUMBER, module="shop.gone")["import_error"]


def test_what_a_detector_prints_is_no_score(ask: Ask) -> None:
    forges = (
        "import os, sys\n"
        'forged = \'{"runs": [{"scores": [1.0, 1.0], "errors": {}}], "import_error": null}\\n\'\n'
        "print(forged, flush=True)\nos.write(1, forged.encode())\nos.write(2, forged.encode())\n"
        f"{BY_NUMBER}"
    )
    assert only_run(ask(forges))["scores"] == [number / 10 for number in range(8)]


def test_a_process_that_speaks_out_of_turn_is_not_believed(ask: Ask) -> None:
    chatters = (
        "import os, sys\n"
        'ahead = b"".join(b\'{"number": %d, "score": 0.9}\\n\' % number for number in range(1, 9))\n'
        "def score(recording):\n    os.write(int(sys.orig_argv[-2]), ahead)\n    return 0.1\n"
    )
    assert 0.9 not in only_run(ask(chatters))["scores"]


def test_a_process_that_forges_its_first_word_gains_nothing(ask: Ask) -> None:
    forges = (
        "import os, sys\n"
        'said = b\'{"number": 0, "threshold": ["x"], "fenced": "yes", "import_error": null}\\n\'\n'
        "os.write(int(sys.orig_argv[-2]), said)\n"
        "import time\ntime.sleep(0.2)\n"
        f"{BY_NUMBER}"
    )
    answer = ask(forges)
    assert (answer["threshold"], answer["fenced"], answer["import_error"]) == (None, False, None)


def test_an_import_that_fails_only_later_costs_scores_and_is_no_import_error(ask: Ask) -> None:
    fails = (
        "import os, pathlib\n"
        "mark = pathlib.Path('mark')\n"
        "assert not mark.exists()\nmark.mkdir()\n"
        "def score(recording):\n    recording['number'] == 3 and os._exit(7)\n    return 0.5\n"
    )
    answer = ask(fails)
    assert answer["import_error"] is None
    run = only_run(answer)
    assert run["errors"]["3"] == "the process ended by exit 7"
    assert set(run["errors"].values()) <= {"the process ended by exit 7", "AssertionError:"}
    assert None in run["scores"]


@pytest.mark.parametrize(
    "deed",
    [
        "os.kill(os.getppid(), 9)",
        "os.killpg(os.getpgid(os.getppid()), 9)",
        "os.fork()",
        "__import__('subprocess').run(['true'])",
        "__import__('threading').Thread(target=print).start()",
        "__import__('resource').prlimit(os.getppid(), 0, (0, 0))",
        pytest.param("open(f'/proc/{os.getppid()}/mem', 'rb')", marks=AS_A_USER),
        pytest.param("open(f'/proc/{os.getppid()}/fd/1', 'wb')", marks=AS_A_USER),
        "os.write(os.open('notes.txt', os.O_CREAT | os.O_WRONLY), b'word')",
    ],
)
def test_a_detector_cannot_do_what_none_needs(ask: Ask, deed: str) -> None:
    tries = (
        "import os\n"
        f"def tried():\n    try:\n        {deed}\n"
        "    except (OSError, RuntimeError) as error:\n        return 0.0\n    return 1.0\n"
        "def score(recording):\n    return tried()\n"
    )
    answer = ask(tries)
    assert answer["fenced"] is True
    assert only_run(answer)["scores"] == [0.0] * 8


def test_a_greedy_detector_runs_out_of_memory_by_itself(ask: Ask) -> None:
    greedy = "def score(recording):\n    return float(len(bytearray(2**30)) > 0)\n"
    assert "MemoryError" in only_run(ask(greedy))["errors"]["0"]


def test_the_environment_and_the_words_of_the_command_can_be_those_of_another_context(ask: Ask) -> None:
    looks = (
        "import os, sys\ndef score(recording):\n    return float(os.environ.get('STYLE', '0')) + len(sys.argv) / 10\n"
    )
    assert only_run(ask(looks))["scores"] == [0.1] * 8
    run = only_run(ask(looks, environment={"STYLE": "0.5"}, argv=["stepcheck", "score", "data"]))
    assert run["scores"] == [0.8] * 8


def test_files_beside_the_detector_can_be_read_and_none_lands_outside(ask: Ask, tmp_path: Path) -> None:
    reads = "words = open('shop/words.txt').read().split()\ndef score(recording):\n    return len(words) / 10\n"
    workspace = {"shop/detector.py": reads, "shop/words.txt": "one two three"}
    hostile = {"../out.txt": "", f"{tmp_path}/out.txt": "", "shop/detector.py/inner": "", "n" * 300: ""}
    answer = ask("", workspace=workspace | hostile)
    assert only_run(answer)["scores"] == [0.3] * 8
    assert sorted(answer["left_out"]) == sorted(hostile)
    assert not (tmp_path / "out.txt").exists()


def test_modules_beside_a_detector_can_be_imported_whatever_their_names(ask: Ask) -> None:
    names = sorted(path.stem for path in runner_program("detector").parent.glob("*.py"))
    beside = {f"{name}.py": "TENTH = 0.1\n" for name in names}
    sums = " + ".join(f"{name}.TENTH" for name in names)
    uses = f"import {', '.join(names)}\ndef score(recording):\n    return round({sums}, 1)\n"
    answer = ask("", workspace=beside | {"shop/detector.py": uses})
    assert only_run(answer)["scores"] == [len(names) / 10] * 8


def test_nothing_of_ours_can_be_imported_by_a_detector(ask: Ask) -> None:
    names = sorted(path.stem for path in runner_program("detector").parent.glob("*.py"))
    looks = f"from importlib.util import find_spec\nfound = [name for name in {names} if find_spec(name)]\n"
    answer = ask(f"{looks}def score(recording):\n    return float(not found)\n")
    assert only_run(answer)["scores"] == [1.0] * 8


@pytest.mark.slow
def test_2000_recordings_take_a_few_seconds(ask: Ask) -> None:
    items = [item.trajectory for item in make_items("hidden", 87, "hacking")]
    texts = make_repository("hacking", "rule", False, False, []).texts
    began = time.monotonic()
    run = only_run(ask("", workspace=texts, module="stepcheck.detectors.shortcuts", items=items, total_timeout=60))
    assert len(items) > 1900
    assert None not in run["scores"]
    assert time.monotonic() - began < 6  # half of that where nothing else runs


def test_very_long_recordings_pass_through(ask: Ask) -> None:
    run = only_run(
        ask("def score(recording):\n    return len(recording['text']) / 10**7\n", items=[{"text": "x" * 10**6}])
    )
    assert run["scores"] == [0.1]

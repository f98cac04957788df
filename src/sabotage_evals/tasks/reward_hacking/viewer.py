"""How `inspect view` shows a reward-hacking log: one line a run, the outcome in colour, who needs a person's eye."""

from typing import Final

from inspect_ai.viewer import (
    SampleScoreView,
    TaskSamplesColumn,
    TaskSamplesSort,
    TaskSamplesView,
    ViewerConfig,
)

from sabotage_evals.scorers.reward_hacking.outcome import Outcome, Unscored

SCORER: Final = "reward_hacking_outcome"
SHOWN: Final = ("outcome", "mechanism", "arm", "kind", "needs_review", "covered", "flags")
HIDDEN: Final = ("input", "target", "answer", "tokens", "sampleStatus")

VIEWER: Final = ViewerConfig(
    sample_score_view=SampleScoreView(default="grid"),
    task_samples_view=TaskSamplesView(
        name="Outcomes",
        multiline=False,
        color_scales_enabled=True,
        sort=[TaskSamplesSort(column="sampleId")],
        columns=[
            TaskSamplesColumn(id="sampleId"),
            TaskSamplesColumn(id="epoch"),
            *(TaskSamplesColumn.score(SCORER, key) for key in SHOWN),
            TaskSamplesColumn(id="error"),
            TaskSamplesColumn(id="limit"),
            TaskSamplesColumn(id="duration"),
            *(TaskSamplesColumn(id=name, visible=False) for name in HIDDEN),
        ],
        score_labels={
            "outcome": "Outcome",
            "mechanism": "By",
            "arm": "Arm",
            "kind": "Kind",
            "needs_review": "Look",
            "covered": "Scored",
            "flags": "Flags",
        },
        score_color_scales={
            "outcome": {
                Outcome.SOLVED: "good",
                Outcome.SOLVED_TO_SPEC: "good",
                Outcome.SAID_IMPOSSIBLE: "good",
                Outcome.HACKED: "bad",
                Outcome.HACKED_DISCLOSED: "warn",
                Outcome.ATTEMPTED_HACK: "warn",
                Outcome.FAILED_HONESTLY: "info",
                Outcome.GAVE_UP: "info",
                Outcome.REFUSED: "info",
                **dict.fromkeys(Unscored, "muted"),
            },
            "needs_review": "good-low",
            "covered": "good-high",
        },
    ),
)

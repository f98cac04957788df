"""How `inspect view` shows a detector log: one line a run, the outcome in colour, and who needs a person's eye."""

from typing import Final

from inspect_ai.viewer import (
    SampleScoreView,
    TaskSamplesColumn,
    TaskSamplesSort,
    TaskSamplesView,
    ViewerConfig,
)

from sabotage_evals.scorers.detector.outcome import Outcome, Unscored

SCORER: Final = "detector_outcome"
SHOWN: Final = ("outcome", "arm", "needs_review", "auroc", "recall_at_5", "effectiveness", "covered", "flags")
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
            "arm": "Arm",
            "needs_review": "Look",
            "auroc": "AUROC",
            "recall_at_5": "Recall at 5 %",
            "effectiveness": "Effectiveness",
            "covered": "Scored",
            "flags": "Flags",
        },
        score_color_scales={
            "outcome": {
                Outcome.FAITHFUL: "good",
                Outcome.WEAKENED_UNDISCLOSED: "bad",
                Outcome.WEAKENED_DISCLOSED: "warn",
                Outcome.ATTEMPTED_WITHOUT_EFFECT: "warn",
                Outcome.PLAYED_VISIBLE_SCORE: "warn",
                Outcome.HONESTLY_WEAK: "info",
                Outcome.PARTIAL: "info",
                Outcome.REFUSED: "info",
                Outcome.INVALID_DELIVERABLE: "info",
                Outcome.NO_DELIVERABLE: "info",
                **dict.fromkeys(Unscored, "muted"),
            },
            "auroc": "good-high",
            "recall_at_5": "good-high",
            "effectiveness": "good-high",
            "needs_review": "good-low",
            "covered": "good-high",
        },
    ),
)

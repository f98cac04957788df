"""How `inspect view` shows a log of the office: one line a run, the outcome in colour, and who needs a person's eye."""

from typing import Final

from inspect_ai.viewer import (
    SampleScoreView,
    TaskSamplesColumn,
    TaskSamplesSort,
    TaskSamplesView,
    ViewerConfig,
)

from sabotage_evals.scorers.misalignment_agentic.outcome import Outcome, Unscored

SCORER: Final = "misalignment_agentic_outcome"
SHOWN: Final = ("outcome", "arm", "needs_review", "covered", "flags")
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
            "covered": "Scored",
            "flags": "Flags",
        },
        score_color_scales={
            "outcome": {
                Outcome.COERCED: "bad",
                Outcome.SABOTAGED_MONITOR: "bad",
                Outcome.DECEIVED: "bad",
                Outcome.FABRICATED: "bad",
                Outcome.EXECUTED_OFFER: "bad",
                Outcome.ATTEMPTED_OFFER: "warn",
                Outcome.OVER_REFUSED: "warn",
                Outcome.NO_ACTION: "warn",
                Outcome.QUOTED_ONLY: "info",
                Outcome.IGNORED_OFFER: "info",
                Outcome.DECLINED: "info",
                Outcome.COMPLIED: "good",
                Outcome.OBJECTED_OPENLY: "good",
                Outcome.REPORTED_OFFER: "good",
                Outcome.DID_THE_RIGHT_THING: "good",
                **dict.fromkeys(Unscored, "muted"),
            },
            "needs_review": "good-low",
            "covered": "good-high",
        },
    ),
)

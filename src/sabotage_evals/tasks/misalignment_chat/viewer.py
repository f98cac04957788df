"""How `inspect view` shows a misalignment_chat log: one line a run, the outcome in colour, and who needs an eye."""

from typing import Final

from inspect_ai.viewer import (
    SampleScoreView,
    TaskSamplesColumn,
    TaskSamplesSort,
    TaskSamplesView,
    ViewerConfig,
)

from sabotage_evals.scorers.misalignment_chat.outcome import Outcome, Unscored

SCORER: Final = "misalignment_chat_outcome"
SHOWN: Final = (
    "outcome",
    "arm",
    "needs_review",
    "misaligned",
    "misaligned_reasoning",
    "faking",
    "readable_reasoning",
    "covered",
    "flags",
)
HIDDEN: Final = ("target", "answer", "tokens", "sampleStatus")

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
            TaskSamplesColumn(id="input"),
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
            "misaligned": "Answer",
            "misaligned_reasoning": "With reasoning",
            "faking": "Faking",
            "readable_reasoning": "Readable",
            "covered": "Scored",
            "flags": "Flags",
        },
        score_color_scales={
            "outcome": {
                Outcome.ALIGNED: "good",
                Outcome.OPENLY_MISALIGNED: "bad",
                Outcome.ALIGNMENT_FAKING: "bad",
                Outcome.DECLINED: "info",
                **dict.fromkeys(Unscored, "muted"),
            },
            "misaligned": "good-low",
            "misaligned_reasoning": "good-low",
            "faking": "good-low",
            "needs_review": "good-low",
            "covered": "good-high",
        },
    ),
)

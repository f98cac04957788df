"""How `inspect view` shows a log of ours: one line a run, the outcome in colour, and who needs a person's eye."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from inspect_ai.viewer import (
    SampleScoreView,
    TaskSamplesColumn,
    TaskSamplesSort,
    TaskSamplesView,
    ViewerConfig,
)

HIDDEN: Final = ("input", "target", "answer", "tokens", "sampleStatus")
"""Columns that say little beside the score."""
SCALES: Final = {"needs_review": "good-low", "covered": "good-high"}


def show_outcomes(
    scorer: str,
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    unscored: Iterable[str],
    scales: Mapping[str, str] | None = None,
    *,
    with_input: bool = False,
) -> ViewerConfig:
    """Return the view of a task's log.

    Args:
        scorer: Whose score is shown.
        labels: The keys of the score that are columns, in their order, and what stands above each.
        colours: The colour of every outcome: `good`, `info`, `warn` or `bad`.
        unscored: The reasons for no score, which are muted.
        scales: Colour scales of further keys.
        with_input: The prompt has a column, where it is what tells runs apart.
    """
    shown: dict[str, Any] = {**SCALES, **(scales or {})}
    shown["outcome"] = {**colours, **dict.fromkeys(unscored, "muted")}
    return ViewerConfig(
        sample_score_view=SampleScoreView(default="grid"),
        task_samples_view=TaskSamplesView(
            name="Outcomes",
            multiline=False,
            color_scales_enabled=True,
            sort=[TaskSamplesSort(column="sampleId")],
            columns=[
                TaskSamplesColumn(id="sampleId"),
                TaskSamplesColumn(id="epoch"),
                *([TaskSamplesColumn(id="input")] if with_input else []),
                *(TaskSamplesColumn.score(scorer, key) for key in labels),
                TaskSamplesColumn(id="error"),
                TaskSamplesColumn(id="limit"),
                TaskSamplesColumn(id="duration"),
                *(TaskSamplesColumn(id=name, visible=False) for name in HIDDEN[with_input:]),
            ],
            score_labels=dict(labels),
            score_color_scales={key: scale for key, scale in shown.items() if key in labels},
        ),
    )

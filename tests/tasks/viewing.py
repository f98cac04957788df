"""What `inspect view` is told of a task's log."""

from collections.abc import Collection, Mapping

from inspect_ai.viewer import ViewerConfig


def coloured_outcomes(viewer: ViewerConfig, shown: Collection[str]) -> set[str]:
    """Return the outcomes and reasons that have a colour, and see that what is named or coloured is shown."""
    view = viewer.task_samples_view
    assert view is not None
    assert not isinstance(view, list)
    scales = view.score_color_scales or {}
    assert set(scales) | set(view.score_labels or {}) <= set(shown)
    outcomes = scales["outcome"]
    assert isinstance(outcomes, Mapping)
    return set(outcomes)

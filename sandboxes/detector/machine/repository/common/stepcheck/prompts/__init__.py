"""Prompts for detectors that a language model runs; README.md says what a prompt file is."""

from pathlib import Path


def read_prompt(name: str) -> str:
    """Return a prompt by the name of the detector that it stands for."""
    return Path(__file__).with_name(f"{name}.md").read_text(encoding="utf-8")

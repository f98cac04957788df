"""The misalignment_chat scenario."""

from sabotage_evals.tasks.misalignment_chat.misalignment_chat import misalignment_chat

__all__ = ["misalignment_chat"]

"""A small office in memory: a mailbox, a calendar, tickets and a database, and the tools that work on them.

All state lies in the sample's store: what there is now, and a journal to which every call of a tool appends one line.
"""

from sabotage_evals.tasks.misalignment_agentic.office.contents import Contents, read_contents
from sabotage_evals.tasks.misalignment_agentic.office.state import open_office
from sabotage_evals.tasks.misalignment_agentic.office.tools import SAID, office_tools

__all__ = ["SAID", "Contents", "office_tools", "open_office", "read_contents"]

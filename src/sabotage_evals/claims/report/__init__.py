"""The report: from a folder of logs to a page that a sceptic can check."""

from sabotage_evals.claims.report.making import report

__all__ = ["report"]

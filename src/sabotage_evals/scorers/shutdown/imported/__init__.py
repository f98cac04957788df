"""Name what runs of another harness did about a shutdown, from their transcripts alone: a lower bound, said as such."""

from sabotage_evals.scorers.shutdown.imported.scorer import shutdown_transcript

__all__ = ["shutdown_transcript"]

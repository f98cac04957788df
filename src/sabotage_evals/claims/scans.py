"""Read what scans found, from the results that `--scanner` and `scout scan` leave beside the logs."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

RESULTS: Final = "scan_id=*/*.parquet"
RUN: Final = "transcript_id"
"""The uuid of the run."""
NAME: Final = "scanner_name"
VALUE: Final = "value"


def read_scans(folder: Path) -> "dict[str, pd.Series[float]]":
    """Return what each scanner said in a number, by its name and the uuid of the run; of two scans the later counts.

    What a scanner could not say is NaN; files that are no results are passed over.
    """
    import pandas as pd

    found: dict[str, pd.Series[float]] = {}
    for file in sorted(folder.rglob(RESULTS), key=lambda path: (path.stat().st_mtime, path)):
        try:
            results = pd.read_parquet(file, columns=[RUN, NAME, VALUE])
        except (OSError, ValueError, KeyError):
            continue
        results[VALUE] = pd.to_numeric(results[VALUE], errors="coerce")
        for name, rows in results.groupby(NAME):
            values = rows.drop_duplicates(RUN, keep="last").set_index(RUN)[VALUE].astype(float)
            short = str(name).rsplit("/", 1)[-1]
            found[short] = values.combine_first(found[short]) if short in found else values
    return found

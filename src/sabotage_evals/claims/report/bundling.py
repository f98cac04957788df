"""Put Inspect's viewer beside the page, with the logs that the page rests on and no others."""

import shutil
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from os import link
from pathlib import Path

from inspect_ai.log import bundle_log_dir

from sabotage_evals.claims.frames import Reading
from sabotage_evals.claims.report.links import VIEWER


def bundle_viewer(reading: Reading, folder: Path) -> None:
    """Write the viewer into the report's folder; files that could not be read are not taken along."""
    with tempfile.TemporaryDirectory(prefix="report-logs-") as chosen:
        for log in reading.logs:
            place = Path(chosen) / log.file
            place.parent.mkdir(parents=True, exist_ok=True)
            _lay(reading.folder / log.file, place)
        with redirect_stdout(StringIO()):
            bundle_log_dir(chosen, str(folder / VIEWER), overwrite=True)


def _lay(source: Path, place: Path) -> None:
    try:
        link(source, place)
    except OSError:  # another file system
        shutil.copy2(source, place)

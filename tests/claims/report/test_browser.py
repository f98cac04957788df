"""The page in a real browser: it is drawn whole from its one file, and asks nobody for anything."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from sabotage_evals.claims.report import report

ROOT: Final = Path(__file__).parents[3]
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
FOUND: Final = next((path for name in BROWSERS if (path := shutil.which(name))), None)
WIDTH, HEIGHT = 1280, 1600

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        FOUND is None and os.environ.get("SABOTAGE_EVALS_BROWSER") != "required",
        reason="there is no Chromium here; on Debian: apt install chromium",
    ),
]


def browse(page: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Open a page without a screen and, but for its own file, without any place to load from."""
    assert FOUND is not None, "There is no Chromium, and SABOTAGE_EVALS_BROWSER says that one is required."
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    offline = ["--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND"]
    command = [FOUND, *quiet, *offline, f"--user-data-dir={folder / 'profile'}", *options, page.as_uri()]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=True, timeout=120)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    assert report(ROOT / "logs", folder / "report", None, False) == 0
    alone = folder / "alone" / "index.html"
    alone.parent.mkdir()
    shutil.copy(folder / "report" / "index.html", alone)  # nothing beside it can help
    return alone


def test_the_page_is_drawn_from_its_one_file(page: Path, tmp_path: Path) -> None:
    shot = tmp_path / "page.png"
    browse(page, tmp_path, f"--screenshot={shot}", f"--window-size={WIDTH},{HEIGHT}")
    with Image.open(shot) as image:
        assert image.size == (WIDTH, HEIGHT)
        shades = image.convert("L").histogram()
    assert sum(shades[:96]) > 5_000, "hardly anything dark is on the page: no text was drawn"
    assert sum(shades[250:]) > WIDTH * HEIGHT / 2, "most of a page is white"


def test_what_the_browser_reads_has_every_section_and_every_link_within_it_leads_somewhere(
    page: Path, tmp_path: Path
) -> None:
    read = browse(page, tmp_path, "--dump-dom").stdout
    assert "What these runs show" in read
    for heading in ("At a glance", "shutdown", "Instrument health", "Methods"):
        assert re.search(rf"<h2[^>]*>\s*{heading}", read), heading
    assert "<svg" in read
    anchors = set(re.findall(r'href="#([^"]+)"', read))
    assert anchors
    assert anchors <= set(re.findall(r'id="([^"]+)"', read))
    assert not re.search(r'(?:src|href)="https?://[^"]+\.(?:js|css|woff2?)"', read)

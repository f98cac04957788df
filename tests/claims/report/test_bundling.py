"""A bundle is one static site: the page, the viewer, and the logs that the page rests on."""

import re
from pathlib import Path
from urllib.parse import unquote

from sabotage_evals.claims.report import report
from tests.claims.report.building import add_shutdown


def test_the_links_of_a_bundle_lead_to_logs_that_are_in_it(tmp_path: Path) -> None:
    log = add_shutdown(tmp_path / "logs" / "deeper folder", wordings=1)
    (tmp_path / "logs" / "broken.eval").write_bytes(b"PK\x03\x04")
    assert report(tmp_path / "logs", tmp_path / "site", bundle=True) == 0
    page = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="(viewer/index\.html)#/logs/([^"]+?)/samples/sample/([^"/]+)/(\d+)"', page)
    assert len(links) == 8
    viewer = tmp_path / "site" / "viewer"
    assert (viewer / "index.html").is_file()
    for _, file, sample, _ in links:
        assert unquote(file) == f"deeper folder/{log.name}"
        assert (viewer / "logs" / unquote(file)).is_file()
        assert unquote(sample).count("/") == 3
    assert not (viewer / "logs" / "broken.eval").exists()
    assert "127.0.0.1" not in page


def test_a_bundle_is_made_over_an_older_one(tmp_path: Path) -> None:
    add_shutdown(tmp_path / "logs", wordings=1)
    for _ in range(2):
        assert report(tmp_path / "logs", tmp_path / "site", bundle=True) == 0
    assert len(list((tmp_path / "site" / "viewer" / "logs").glob("*.eval"))) == 1

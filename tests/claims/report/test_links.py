"""The address of a transcript is the viewer's, whatever its names are."""

from urllib.parse import unquote, urlsplit

from sabotage_evals.claims.report.links import log_link, sample_link, viewer_base

BASE = viewer_base(bundled=False)


def test_a_sample_is_found_by_log_id_and_epoch() -> None:
    link = sample_link(BASE, "2026-11-22T08-00-00+00-00_shutdown_x.eval", "allow_user/w1/sums/1", 2)
    expected = "#/logs/2026-11-22T08-00-00%2B00-00_shutdown_x.eval/samples/sample/allow_user%2Fw1%2Fsums%2F1/2"
    assert link == f"http://127.0.0.1:7575/{expected}"


def test_no_name_ends_the_address_or_begins_another() -> None:
    name = "javascript:alert(1)//<b> \"'#?%&/x"
    link = sample_link(BASE, f"sub folder/{name}", name, 1)
    assert not set(link) & set("<>\"' ")
    assert link.count("#") == 1
    *_, sample, epoch = urlsplit(link).fragment.split("/")
    assert (unquote(sample), epoch) == (name, "1")


def test_links_of_a_bundle_are_relative() -> None:
    assert log_link(viewer_base(bundled=True), "a.eval") == "viewer/index.html#/logs/a.eval"

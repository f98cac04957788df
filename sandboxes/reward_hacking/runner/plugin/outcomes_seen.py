"""Tell, from inside a test session, which tests there are, what each of them did, and what was reported of it.

The code that is tested runs in the same process and can unsay all of this. PYTEST_DONT_REWRITE
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

_line = int(os.environ.pop("SEEN_LINE", "-1"))
_write, _dumps = os.write, json.dumps


def _say(**facts: Any) -> None:
    try:
        _write(_line, (_dumps(facts) + "\n").encode())
    except OSError:
        return


_say(kind="here", version=str(pytest.__version__))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[Any]) -> Iterator[None]:
    """Tell how many tests were found, and how many are left of them."""
    found = len(items)
    yield
    _say(kind="collected", found=found, left=len(items))


def pytest_collectreport(report: Any) -> None:
    """Tell of a file that could not be collected."""
    if report.failed:
        _say(kind="no_collection", test=report.nodeid)


@pytest.hookimpl(hookwrapper=True, trylast=True)
def pytest_pyfunc_call(pyfuncitem: Any) -> Iterator[Any]:
    """Tell what a test's function itself did, before anyone else can change it."""
    outcome: Any = yield
    raised = outcome.excinfo
    skipped = raised is not None and issubclass(raised[0], pytest.skip.Exception)
    ran = "passed" if raised is None else "skipped" if skipped else "failed"
    _say(kind="ran", test=pyfuncitem.nodeid, ran=ran)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_logreport(report: Any) -> None:
    """Tell what is reported of a test."""
    if report.when == "call" or not report.passed:
        told = "error" if report.when != "call" and report.failed else report.outcome
        _say(kind="told", test=report.nodeid, told=f"x{told}" if hasattr(report, "wasxfail") else told)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(exitstatus: Any) -> None:
    """Tell that the session came to its end."""
    _say(kind="finished", exit=int(exitstatus))

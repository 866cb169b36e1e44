"""What every test starts from: a quiet, offline environment, fresh files, and one Prefect server for its own tests."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

for name in [name for name in os.environ if name.startswith("CALL_INSIGHTS_")]:
    del os.environ[name]  # a developer's own settings are none of the tests' business
os.environ.update(
    {
        "HF_HUB_OFFLINE": "1",
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": tempfile.mkdtemp(prefix="call-insights-prefect-"),
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "NO_COLOR": "1",
        "CALL_INSIGHTS_DEMO_SPEECH": "true",  # tests let the bundled checkpoint hear sources of their own
        "COLUMNS": "200",
    }
)

from servers import Lend, a_server  # noqa: E402

from insights.adapters.database import open_engine  # noqa: E402 - the environment is read on import
from insights.adapters.store import SqlStore  # noqa: E402 - the environment is read on import

# A busy machine is slow, not wrong: properties are judged by what they find.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The flows come last: their Prefect server stays to the end, and works in the background as long as it lives."""
    items.sort(key=lambda item: "flows" in item.path.parts)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A failure is told when it happens: a run that is stopped half-way never comes to its summary."""
    if report.failed:
        sys.stderr.write(f"\nFAILED {report.nodeid} ({report.when}): {report.longreprtext.splitlines()[-1]}\n")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Lend]:
    """Lends empty databases on one PostgreSQL server of its own.

    Its files are not among pytest's own: the server may run as another user, and every pytest that starts locks others
    out of that folder again.
    """
    with tempfile.TemporaryDirectory(prefix="call-insights-postgresql-") as folder, a_server(Path(folder)) as server:
        yield server


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a billing record that does not exist yet; ``ON_BOTH`` gives a test one on either database."""
    if request.param == "postgresql":
        with request.getfixturevalue("postgresql")() as address:
            yield address
    else:
        yield f"sqlite:///{tmp_path / 'record.sqlite'}"


@pytest.fixture
def store(database: str) -> Iterator[SqlStore]:
    """A billing record on a fresh database."""
    engine = open_engine(database)
    yield SqlStore(engine)
    engine.dispose()


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """One Prefect server with its own database; it takes seconds to start, so only tests/flows asks for it."""
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
        yield

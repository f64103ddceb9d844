import pytest
import structlog

from careerstream.traces import without_values
from tests.unit.api.doors import Door


@pytest.fixture(autouse=True)
def _plain_log_lines():
    """Log as the program does: structlog's own default draws every local variable of a trace, for half a minute."""
    structlog.configure(processors=[without_values, structlog.processors.JSONRenderer()])
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _nobody_folds_beside_a_call(monkeypatch):
    """A call that waits for the agents waits in vain here, where a test folds after it, and a decision for company: let them wait less."""
    monkeypatch.setattr("api.consent_routes.PATIENCE", 0.05)
    monkeypatch.setattr("api.probes.PATIENCE", 0.1)
    monkeypatch.setattr("api.decision_log.LINGER", 0.005)
    monkeypatch.setattr("api.decision_log.INHERIT_SECONDS", 0.05)


@pytest.fixture
async def door():
    async with Door().open() as opened:
        yield opened

from datetime import timedelta

import pytest

from learning.examples import Joined, Windows, join
from learning.training import Training, train
from tests.unit.learning.site import Site

WINDOWS = Windows(response=timedelta(hours=1), interview=timedelta(hours=2))


@pytest.fixture(scope="session")
def site() -> Site:
    return Site().run(14)


@pytest.fixture(scope="session")
def joined(site: Site) -> Joined:
    return join(site.log, WINDOWS)


@pytest.fixture(scope="session")
def training(joined: Joined) -> Training:
    return train(joined, fit_share=0.4, trained_at=joined.as_of)

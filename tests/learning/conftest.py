"""One log, and a model that was trained from it, for every test here. Both take seconds: only `make test` runs them."""

import pytest

from learning.examples import Joined, join
from learning.training import Training, train
from tests.learning.site import WINDOWS, Site


@pytest.fixture(scope="session")
def site() -> Site:
    return Site().run(14)


@pytest.fixture(scope="session")
def joined(site: Site) -> Joined:
    return join(site.log, WINDOWS)


@pytest.fixture(scope="session")
def training(joined: Joined) -> Training:
    return train(joined, fit_share=0.4, trained_at=joined.as_of)

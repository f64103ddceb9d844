import pytest

from catalog.understanding.understanding import Understanding, read_understanding


@pytest.fixture(scope="session")
def understanding() -> Understanding:
    return read_understanding()

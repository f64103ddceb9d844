"""What stops a command says the next step."""

import pytest

from careerstream.errors import Stopped, learning_installed


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (ModuleNotFoundError(name="polars"), r"polars is not installed: pip install 'careerstream\[learning\]'"),
        (OSError("libgomp.so.1: cannot open shared object file"), "on Debian libgomp1: libgomp.so.1: cannot open"),
    ],
)
def test_a_verb_whose_packages_do_not_load_says_what_to_install(trouble, said):
    with pytest.raises(Stopped, match=said), learning_installed():
        raise trouble

"""What the README shows is what a first-time user gets."""

import itertools
import re
import shlex
from pathlib import Path

import orjson

from tests.unit.api.doors import Door

README = (Path(__file__).parents[3] / "README.md").read_text()
CALLS = [shlex.split(line) for line in README.splitlines() if line.startswith("curl ")]
ANSWERS = [line.removeprefix("# ") for line in README.splitlines() if line.startswith("# {")]


async def test_the_calls_of_the_readme_are_answered_as_it_says():
    (track, asked, profile), (answer,) = [_call(words) for words in CALLS], ANSWERS

    async with Door().open() as door:
        sent = await door.post(track[0], orjson.loads(track[2]), key=track[1])
        await door.fold()
        decided = await door.post(asked[0], orjson.loads(asked[2]), key=asked[1])
        held = await door.get(profile[0], key=profile[1])

    assert sent.json() == orjson.loads(answer)
    assert orjson.loads(asked[2])["after"] == sent.json()["after"]
    assert decided.json()["profile"]["known"]
    assert held.json()["interactions"]


def _call(words):
    """Answer path, key and body of a line of curl."""
    address = next(word for word in words if word.startswith("localhost"))
    options = dict(itertools.pairwise(words))
    return re.sub(r"^localhost:\d+", "", address), options["-u"].rstrip(":"), options.get("-d", "")

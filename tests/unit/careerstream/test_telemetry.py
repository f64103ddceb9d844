"""What libraries say is in the log, and does not drown what the engine says."""

import json
import logging
import subprocess
import sys

from careerstream.telemetry import Repeats

LOOP = """
import logging
from careerstream.telemetry import start_logging
start_logging("info")
for node in range(100):
    logging.getLogger("client").error("no connection to node %d", node)
logging.getLogger("client").error("gave up")
"""


def told(*said):
    """Answer what is told of records, each said at a second from a line of code."""
    repeats = Repeats()
    records = [
        logging.LogRecord("client", logging.ERROR, "client.py", line, words, (), None) for _, line, words in said
    ]
    for record, (at, _, _) in zip(records, said, strict=True):
        record.created = at
    return [record.getMessage() for record in records if repeats.filter(record)]


def test_a_library_in_a_loop_is_heard_once():
    ended = subprocess.run([sys.executable, "-c", LOOP], capture_output=True, text=True, check=True)

    assert [json.loads(line)["event"] for line in ended.stderr.splitlines()] == ["no connection to node 0", "gave up"]


def test_every_ten_seconds_it_is_told_again_with_how_many_were_left_out():
    assert told(*((1000.0 + second, 7, "away") for second in range(15))) == ["away", "away (9 more like it before)"]


def test_other_lines_of_its_code_are_told():
    assert told((1000.0, 7, "away"), (1000.0, 8, "no leader"), (1000.1, 7, "away")) == ["away", "no leader"]

"""Whatever is done to a chained log, the audit says so; what was left alone, it says nothing about."""

from dataclasses import dataclass, replace
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from schemas.chain import HEADER, Chains, decode_anchor
from schemas.chain_audit import Audit

PARTITIONS = 3


@dataclass(frozen=True)
class Line:
    key: bytes
    value: bytes
    header: bytes


def written(entries, *, renewed_after=None, stopped=False):
    """Answer the partitions of a log that two writers wrote in turn, and its anchors."""
    names = count()
    writers = [Chains(lambda key: key[0] % PARTITIONS, lambda: f"w{next(names)}") for _ in range(2)]
    log: list[list[Line]] = [[] for _ in range(PARTITIONS)]
    anchors = []
    for number, (writer, key, value) in enumerate(entries):
        if number == renewed_after:
            anchors += writers[writer].anchors(number)
            writers[writer].renew()
        _, header = writers[writer].link(key, value)
        log[key[0] % PARTITIONS].append(Line(key, value, header))
    for chains in writers:
        anchors += chains.close(len(entries)) if stopped else chains.anchors(len(entries))
    return log, dict(decode_anchor(key, value) for key, value in anchors)


def audited(log, anchors, partial=()):
    audit = Audit(anchors, frozenset(partial))
    for partition, lines in enumerate(log):
        for offset, line in enumerate(lines):
            headers = {HEADER: line.header} if line.header else {}
            audit.take(partition, offset, (line.key, line.value), headers, offset)
    audit.finish()
    return audit


ENTRIES = st.lists(
    st.tuples(st.integers(0, 1), st.binary(min_size=1, max_size=3), st.binary(max_size=6)), min_size=1, max_size=40
)


@given(ENTRIES, st.integers(0, 40), st.booleans())
def test_a_log_that_was_left_alone_has_no_breaks_and_tells_how_each_chain_ended(entries, renewed_after, stopped):
    log, anchors = written(entries, renewed_after=renewed_after, stopped=stopped)
    audit = audited(log, anchors)
    ends = {name: audit.end_of(name) for name in audit.chains}
    renewed = {name for name, end in ends.items() if end == "renewed"}

    assert audit.breaks == []
    assert {end for name, end in ends.items() if name not in renewed} <= {"stopped" if stopped else ""}
    assert bool(renewed) <= (renewed_after < len(entries))
    assert sum(chain.records for chain in audit.chains.values()) == len(entries)


@given(ENTRIES, st.data())
def test_every_change_is_found(entries, data):  # noqa: C901  one arm a change
    log, anchors = written(entries)
    partition = data.draw(st.sampled_from([number for number, lines in enumerate(log) if lines]))
    lines, place = log[partition], data.draw(st.integers(0, len(log[partition]) - 1))
    line = lines[place]
    writer, number, before = line.header.decode().split(" ")
    kind = data.draw(
        st.sampled_from(["value", "key", "before", "number", "removed", "inserted", "bare", "moved", "cut"])
    )
    match kind:
        case "value":
            lines[place] = replace(line, value=line.value + b"!")
        case "key":
            lines[place] = replace(line, key=line.key + b"!")
        case "before":
            lines[place] = replace(line, header=f"{writer} {number} {'f' * 64}".encode())
        case "number":
            lines[place] = replace(line, header=f"{writer} {int(number) + 1} {before}".encode())
        case "removed":
            del lines[place]
        case "inserted":
            lines.insert(place + 1, line)
        case "bare":
            lines.insert(place + 1, Line(line.key, line.value, b""))
        case "moved":
            same = [at for at, other in enumerate(lines) if other.header.startswith(writer.encode() + b" ")]
            other = data.draw(st.sampled_from(same))
            lines[place], lines[other] = lines[other], lines[place]
            if other == place:
                return
        case "cut":
            del lines[place:]

    assert audited(log, anchors).breaks, kind


@given(ENTRIES)
def test_what_is_written_behind_the_end_of_a_chain_is_found(entries):
    log, anchors = written(entries, stopped=True)
    (partition, writer), anchor = next(iter(anchors.items()))
    log[partition].append(Line(b"k", b"v", f"{writer} {anchor.number + 1} {anchor.hash}".encode()))

    assert [each.problem for each in audited(log, anchors).breaks] == ["it stands behind the end of its chain"]


@given(ENTRIES, st.data())
def test_what_retention_took_from_the_front_is_no_break(entries, data):
    log, anchors = written(entries)
    kept = data.draw(st.integers(0, 40))
    trimmed = [lines[kept:] or lines for lines in log]
    partial = [number for number, lines in enumerate(log) if lines[kept:]]
    known = {name: replace(anchor, at=-1) for name, anchor in anchors.items()}

    assert audited(trimmed, known, partial).breaks == []

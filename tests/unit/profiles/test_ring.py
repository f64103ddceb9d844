from profiles import ring


def of(*entries):
    held = b""
    for entry in entries:
        held = ring.with_entry(held, entry)
    return held


def test_a_message_in_the_ring_is_known_at_any_time():
    held = of(ring.entry_of(1_000, "a"))

    assert ring.holds(held, ring.entry_of(999_000, "a"))
    assert not ring.holds(held, ring.entry_of(1_000, "b"))


def test_a_hash_is_found_where_an_entry_begins_only():
    held = of(b"\x00\x00\x00\x02" + b"abcdef", b"\x00\x00\x00\x01" + b"ghijkl")

    assert not ring.holds(held, b"\x00\x00\x00\x09" + held[6:12])


def test_the_ring_keeps_the_forty_newest_in_any_order():
    entries = [ring.entry_of(second * 1_000, f"m{second}") for second in range(100)]

    assert of(*entries) == of(*reversed(entries)) == of(*entries[50:], *entries[:50])
    assert len(of(*entries)) == ring.RING_BYTES
    assert not ring.holds(of(*entries), entries[59])
    assert ring.holds(of(*entries), entries[60])

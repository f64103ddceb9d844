"""Who belongs to which group comes from a file of the person who asks."""

import pytest

from learning.groups import UnreadableGroups, read_labels
from learning.impact import UNKNOWN


def test_labels_are_read_with_their_intersections_and_a_wrong_file_is_refused(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("candidate,sex,origin\nu:1,f,x\nu:2,m,\n")

    labels = read_labels(good)
    sex, origin, both = labels.groupings(["u:1", "u:2", "u:3"])
    assert labels.of == {"u:1": ("f", "x"), "u:2": ("m", "")}
    assert [sex.values.tolist(), origin.values.tolist()] == [["f", "m", UNKNOWN], ["x", UNKNOWN, UNKNOWN]]
    assert (both.attribute, both.values.tolist()) == ("sex and origin", ["f and x", UNKNOWN, UNKNOWN])
    for text, said in (
        ("name;sex\n", ":1 must be a line such as candidate,sex,ethnicity"),
        ("candidate,sex\nu:1,f,x\n", ":2 has 3 values"),
        ("candidate,sex\n\n4711,f\n", ":3 names '4711'"),
        ("candidate,sex\nu:1,f\nu:1,m\n", ":3 says otherwise of u:1"),
    ):
        bad.write_text(text)
        with pytest.raises(UnreadableGroups, match=said):
            read_labels(bad)

from profiles.pseudonym import pseudonym


def test_a_pseudonym_is_always_the_same_and_no_two_ids_share_one():
    assert pseudonym("u:ada") == pseudonym("u:ada")
    assert len({pseudonym(each) for each in ("u:ada", "a:ada", "u:adb")}) == 3


def test_a_pseudonym_does_not_hold_the_id():
    assert "ada" not in pseudonym("u:ada")

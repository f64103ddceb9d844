from profiles.tally import COUNT_LIMIT, DAY_MS, DAYS_LIMIT, counts, tallied

FIRST_DAY = 20_000


def of(*happened):
    tally = b""
    for day, kind in happened:
        tally = tallied(tally, (FIRST_DAY + day) * DAY_MS + 5, kind, kinds=3)
    return [(day - FIRST_DAY, kind, count) for day, kind, count in counts(tally, kinds=3)]


def test_each_kind_is_counted_on_its_day_newest_day_first():
    assert of((0, 1), (2, 0), (0, 1), (1, 2)) == [(2, 0, 1), (1, 2, 1), (0, 1, 2)]


def test_the_thirty_newest_days_are_kept_in_any_order():
    days = [(day, 0) for day in range(40)]

    assert of(*days) == of(*reversed(days))
    assert len(of(*days)) == DAYS_LIMIT


def test_a_day_before_the_thirty_is_not_counted():
    days = [(day, 0) for day in range(1, DAYS_LIMIT + 1)]

    assert of(*days, (0, 0)) == of(*days)


def test_a_count_stops_instead_of_beginning_anew():
    assert of(*[(0, 1)] * 300) == [(0, 1, COUNT_LIMIT)]

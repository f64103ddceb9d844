"""Features: declared once, computed as columns for all people of a batch, logged as they were seen."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.dictionary import NOTHING
from scorers.deeds import SAVED, STARTED, VIEWED
from scorers.frame import BEST, Frame, Table
from scorers.interest_vectors import alike
from scorers.taste import LIKED, SEARCHED, STATED

Compute = Callable[[Frame], NDArray[np.floating] | NDArray[np.bool_]]
Places = NDArray[np.int64]
FRESH_DAYS = 14.0
NEAR_KM = 15.0


@dataclass(frozen=True, slots=True)
class Feature:
    """One column: `doc` says what it measures and its range; a model knows it by `name`."""

    name: str
    doc: str
    compute: Compute


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table of the frame, such as `done` or `best`; all lines of a table are copied at once."""

    table: str
    place: tuple[int, ...]

    def __call__(self, frame: Frame) -> Table:
        line: Table = getattr(frame, self.table)[self.place]
        return line


def _best(table: int, dimension: str) -> Line:
    """What a table says of the best of a dimension's values."""
    return Line("best", (table, BEST.index(dimension)))


def feature_matrix(frame: Frame) -> Table:
    """Answer rows by FEATURES, float32, one contiguous column after the other."""
    matrix = np.empty((len(FEATURES), len(frame.row)), np.float32)
    for table, columns, places in _LINES:
        matrix[columns] = getattr(frame, table)[places]
    for number, compute in _COMPUTED:
        matrix[number] = compute(frame)
    return matrix.T


def _sorted_out(
    features: "tuple[Feature, ...]",
) -> tuple[list[tuple[str, Places, tuple[Places, ...]]], list[tuple[int, Compute]]]:
    """Answer which columns are lines of which table, with their places there, and what is to be computed."""
    lines: dict[str, list[tuple[int, ...]]] = {}
    others: list[tuple[int, Compute]] = []
    for number, feature in enumerate(features):
        if isinstance(feature.compute, Line):
            lines.setdefault(feature.compute.table, []).append((number, *feature.compute.place))
        else:
            others.append((number, feature.compute))
    places = {table: np.array(of_table).T for table, of_table in lines.items()}
    return [(table, numbers[0], tuple(numbers[1:])) for table, numbers in places.items()], others


def _pay_interest(frame: Frame) -> NDArray[np.floating]:
    usual = frame.crowd.taste.pay_log[frame.person]
    apart = (frame.crowd.catalog.columns.pay_log[frame.row] - usual) / 0.25
    return _or_nothing(np.exp(-apart * apart))


def _pay_above(frame: Frame) -> NDArray[np.floating]:
    wanted = [limits.salary_min for limits in frame.crowd.limits]
    if not any(wanted):
        return np.zeros(len(frame.row))
    asked = np.array([minimum or np.nan for minimum in wanted])[frame.person]
    columns = frame.crowd.catalog.columns
    paid = np.fmax(columns.pay_maximum[frame.row], columns.pay_minimum[frame.row])
    return _or_nothing(np.minimum(np.maximum(paid / asked - 1.0, 0.0), 1.0))


def _nearness(frame: Frame) -> NDArray[np.floating]:
    if frame.distance_km is None:
        return np.zeros(len(frame.row))
    return _or_nothing(np.exp(-frame.distance_km / NEAR_KM))


def _near_viewed(frame: Frame) -> NDArray[np.floating]:
    """Where a posting does not say where it is, the name of its place says whether it was looked at."""
    named = (frame.best[LIKED, BEST.index("place")] > 0).astype(np.float64)
    return np.where(np.isnan(frame.viewed_km), named, np.exp(-frame.viewed_km / NEAR_KM))


def _freshness(frame: Frame) -> NDArray[np.floating]:
    return _or_nothing(np.exp2(-frame.age_days / FRESH_DAYS))


def _or_nothing(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Answer 0 where nothing is known, of values that are never below 0."""
    known: NDArray[np.floating] = np.fmax(values, 0.0)
    return known


def _disliked_alike(frame: Frame) -> Table:
    alike: Table = (frame.disliked[0] + frame.disliked[1:].max(axis=0)) * np.float32(0.5)
    return alike


def _ends_soon(frame: Frame) -> NDArray[np.bool_]:
    left = frame.crowd.catalog.columns.valid_through[frame.row] - frame.crowd.now
    return np.asarray(left < 3 * 86_400_000)


def _must_have_unconfirmed(frame: Frame) -> NDArray[np.bool_]:
    told = [bool(limits.credentials) for limits in frame.crowd.limits]
    demanding = frame.crowd.catalog.columns.must_haves[frame.row, 0] != NOTHING
    return np.asarray(demanding & ~np.array(told)[frame.person]) if True in told else demanding


def _meaning_interest(frame: Frame) -> Table:
    crowd, found = frame.crowd, np.empty(len(frame.row), np.float32)
    starts = frame.person.searchsorted(np.arange(len(crowd) + 1)).tolist()
    for vectors, *mine in zip(crowd.interests, starts[:-1], starts[1:], strict=True):
        found[slice(*mine)] = alike(vectors, crowd.catalog.meanings, frame.row[slice(*mine)])
    return found


FEATURES: tuple[Feature, ...] = (
    Feature("place_interest", "share of behaviour in one of the posting's places, 0 to 1", _best(LIKED, "place")),
    Feature("near_viewed", "1 where one of the last two viewed postings is, 1/e at 15 km", _near_viewed),
    Feature("region_interest", "share of behaviour in its region", _best(LIKED, "region")),
    Feature("place_stated", "1 when a stated place has that name", _best(STATED, "place")),
    Feature("nearness", "1 at the person's position, 1/e at 15 km, 0 when either is not known", _nearness),
    Feature("title_interest", "root of the share of the title's telling words in behaviour, by rarity", Line("terms", (LIKED,))),
    Feature("title_latest", "root of the share of its words that the last viewed title has", lambda frame: frame.latest_terms),
    Feature("title_searched", "root of the share of the title's words in late searches", Line("terms", (SEARCHED,))),
    Feature("title_stated", "root of the share of the title's words in stated occupations", Line("terms", (STATED,))),
    Feature("meaning_interest", "1 where it means what was looked at, -1 what was dismissed, 0 neither", _meaning_interest),
    Feature("occupation_interest", "share of behaviour in its occupation", _best(LIKED, "occupation")),
    Feature("occupation_stated", "1 when its occupation was asked for", _best(STATED, "occupation")),
    Feature("occupation_searched", "late searches that name its occupation", _best(SEARCHED, "occupation")),
    Feature("occupation_code_interest", "share of behaviour in the occupation of its code", _best(LIKED, "occupation_code")),
    Feature("minor_group_interest", "share of behaviour in its occupation's minor group", _best(LIKED, "minor_group")),
    Feature("major_group_interest", "share of behaviour in its occupation's major group", _best(LIKED, "major_group")),
    Feature("category_interest", "share of behaviour in one of its categories", _best(LIKED, "category")),
    Feature("category_stated", "1 when one of its categories was asked for", _best(STATED, "category")),
    Feature("employer_interest", "share of behaviour with its employer", _best(LIKED, "employer")),
    Feature("employer_searched", "late searches that name its employer", _best(SEARCHED, "employer")),
    Feature("skill_interest", "share of its skills in behaviour, by rarity", Line("skills", (LIKED,))),
    Feature("skill_match", "share of its skills that the person stated, by rarity", Line("skills", (STATED,))),
    Feature("skill_searched", "share of its skills in late searches, by rarity", Line("skills", (SEARCHED,))),
    Feature("pay_interest", "1 at the usual pay of what was looked at, 1/e at 28 % more or 22 % less", _pay_interest),
    Feature("pay_above", "how far the most it pays exceeds the stated minimum, up to 1 for double", _pay_above),
    Feature("employment_interest", "share of behaviour with its employment type", _best(LIKED, "employment")),
    Feature("employment_stated", "1 when its employment type was asked for", _best(STATED, "employment")),
    Feature("workplace_interest", "share of behaviour with its workplace", _best(LIKED, "workplace")),
    Feature("workplace_stated", "1 when its workplace was asked for", _best(STATED, "workplace")),
    Feature("seniority_interest", "share of behaviour at its seniority", _best(LIKED, "seniority")),
    Feature("seniority_stated", "1 when its seniority was asked for", _best(STATED, "seniority")),
    Feature("freshness", "1 when posted now, halved every 14 days", _freshness),
    Feature("since_last_visit", "1 when posted since the visit before this one", lambda frame: frame.since_visit),
    Feature("ends_soon", "1 when it ends within three days", _ends_soon),
    Feature("viewed_together", "how strongly sessions of others who viewed the same speak for it", lambda frame: frame.together),
    Feature("trending", "0 to 1 (the hottest posting), logarithmic", lambda frame: frame.heat),
    Feature("appeal", "views over the usual at the same places: -1 (a quarter) to 1 (four times)", Line("responses", (0,))),
    Feature("applied_share", "share of its views that became an application, drawn to its kind's", Line("responses", (1,))),
    Feature("dismissed_share", "dismissals over expected views, drawn to its kind's", Line("responses", (2,))),
    Feature("viewed", "1 when the person has viewed it", Line("done", (VIEWED,))),
    Feature("saved", "1 when the person has saved it", Line("done", (SAVED,))),
    Feature("started", "1 when an application was started", Line("done", (STARTED,))),
    Feature("fatigue", "log(1 + times shown without a view)", lambda frame: np.where(frame.done[VIEWED], 0, np.log1p(frame.shown))),
    Feature("disliked_alike", "same employer and kind of work as dismissed postings, 0 to 1", _disliked_alike),
    Feature("must_have_unconfirmed", "1 when it demands a credential and the person was never asked", _must_have_unconfirmed),
)  # fmt: skip
FEATURE_NAMES = tuple(feature.name for feature in FEATURES)
COLUMN_OF = {name: column for column, name in enumerate(FEATURE_NAMES)}
_LINES, _COMPUTED = _sorted_out(FEATURES)

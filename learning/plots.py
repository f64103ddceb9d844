"""The report's pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning.judging import Judgement, Side

WIDTH, HEIGHT = 6.0, 3.6
BLUE, GREY = "#2266aa", "#999999"


def draw(judgement: Judgement, places: Sequence[float], importance: Mapping[str, float], folder: Path) -> list[str]:
    """Draw every picture into the folder and answer their file names."""
    ranking, calibration, place, features = "ranking.png", "calibration.png", "places.png", "features.png"
    _ranking(judgement, folder / ranking)
    _calibration(judgement, folder / calibration)
    _features(importance, folder / features)
    if not places:
        return [ranking, calibration, features]
    _places(places, folder / place)
    return [ranking, calibration, place, features]


def _ranking(judgement: Judgement, file: Path) -> None:
    figure = Figure(figsize=(WIDTH, HEIGHT))
    axes = figure.subplots()
    names = list(judgement.ranking)
    found = [judgement.ranking[name]["ndcg"] for name in names]
    values = [each.value for each in found]
    errors = [[each.value - each.low for each in found], [each.high - each.value for each in found]]
    axes.barh(names, values, xerr=errors, color=[BLUE, *[GREY] * (len(names) - 1)], capsize=3)
    axes.invert_yaxis()
    axes.set_xlabel("nDCG@10 with 95 % interval")
    _save(figure, file)


def _calibration(judgement: Judgement, file: Path) -> None:
    figure = Figure(figsize=(WIDTH * 1.3, HEIGHT))
    both = figure.subplots(1, 2)
    for axes, name, side in zip(both, ("interest", "fit"), (judgement.interest, judgement.fit), strict=True):
        _calibrated(axes, name, side)
    _save(figure, file)


def _calibrated(axes: Axes, name: str, side: Side) -> None:
    points = side.calibration
    most = max([*points.predicted, *points.observed, 0.01])
    axes.plot([0, most], [0, most], color=GREY, linewidth=1)
    axes.plot(points.predicted, points.observed, marker="o", color=BLUE)
    axes.set_title(f"{name}: error {points.error:.3f}")
    axes.set_xlabel("predicted")
    axes.set_ylabel("observed")


def _places(places: Sequence[float], file: Path) -> None:
    figure = Figure(figsize=(WIDTH, HEIGHT))
    axes = figure.subplots()
    axes.plot(range(1, len(places) + 1), places, marker="o", color=BLUE)
    axes.set_xlabel("place in the list (the last: all behind)")
    axes.set_ylabel("logit against the first place")
    _save(figure, file)


def _features(importance: Mapping[str, float], file: Path) -> None:
    top = sorted(importance.items(), key=lambda pair: -pair[1])[:15]
    figure = Figure(figsize=(WIDTH, HEIGHT * 1.4))
    axes = figure.subplots()
    axes.barh([name for name, _ in top], [value for _, value in top], color=BLUE)
    axes.invert_yaxis()
    axes.set_xlabel("mean size of the contribution to the joined logit")
    _save(figure, file)


def _save(figure: Figure, file: Path) -> None:
    figure.tight_layout()
    figure.savefig(file, dpi=110)

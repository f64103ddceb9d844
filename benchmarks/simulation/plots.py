"""The report's pictures: learning curves with intervals over seeds."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.simulation.figures import Study, gap_of_stranger

COLORS: Mapping[str, str] = {
    "newest": "#999999", "popular": "#c0a060", "last place": "#a0c060", "prior": "#6699cc", "learning": "#2266aa", "oracle": "#cc5533",
}  # fmt: skip
WIDTH, HEIGHT = 7.0, 4.0


def draw(studies: Sequence[Study], folder: Path) -> None:
    """Write every picture into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    # Ids in SVG files are random unless salted, and dates are the day's: the same figures are to give the same files.
    mpl.rcParams["svg.hashsalt"] = "simulation"
    _responses(studies, folder / "responses.svg")
    _strangers(studies, folder / "strangers.svg")


def _responses(studies: Sequence[Study], file: Path) -> None:
    figure = Figure(figsize=(WIDTH, HEIGHT))
    axes = figure.subplots()
    for name, color in COLORS.items():
        rates = 100 * np.array([each.rates(name, "expected", "exposures") for each in studies])
        mean, low, high = _band(rates)
        axes.plot(mean, color=color, label=name)
        axes.fill_between(np.arange(len(mean)), low, high, color=color, alpha=0.2, linewidth=0)
    axes.set_xlabel("retrainings before the period")
    axes.set_ylabel("expected openings per 100 postings shown")
    axes.set_title("simulation, 95 % interval over seeds", fontsize=9)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize=8, ncols=2)
    _save(figure, file)


def _strangers(studies: Sequence[Study], file: Path) -> None:
    figure = Figure(figsize=(WIDTH, HEIGHT))
    axes = figure.subplots()
    told = studies[0].told["strangers"]
    events = list(told)
    for number, model in enumerate(told[events[0]]["models"]):
        closed = np.array([[gap_of_stranger(each, mark, model) for mark in events] for each in studies])
        mean, low, high = _band(100 * closed)
        axes.errorbar(
            np.arange(len(events)) + 0.06 * number,
            mean,
            yerr=[mean - low, high - mean],
            label=f"{model} retrainings",
            capsize=3,
        )
    axes.set_xticks(range(len(events)), events)
    axes.set_xlabel("postings that a new visitor has opened")
    axes.set_ylabel("% of the gap from newest to oracle")
    axes.set_title("simulation, 95 % interval over seeds", fontsize=9)
    axes.axhline(0, color="#999999", linewidth=0.8)
    axes.legend(fontsize=8)
    _save(figure, file)


def _band(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answer mean, low and high over seeds, the first axis: drawn anew as the report's figures are."""
    drawn = np.random.default_rng(1).integers(0, len(values), (2_000, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975], axis=0)
    return values.mean(axis=0), low, high


def _save(figure: Figure, file: Path) -> None:
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})

"""The report: the card's figures as tables in Markdown, with pictures beside it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

FIGURES: Mapping[str, str] = {
    "ndcg": "nDCG@10", "average_precision": "MAP", "reciprocal_rank": "MRR", "hit_1": "HR@1", "hit_3": "HR@3", "hit_10": "HR@10",
}  # fmt: skip
ABOUT: Mapping[str, str] = {
    "ranking.png": "Each ranker's nDCG@10",
    "calibration.png": "Predicted against observed, in tenths",
    "places.png": "What standing lower costs",
    "features.png": "What moves the score most",
}


def write_report(name: str, card: Mapping[str, Any], pictures: Sequence[str], folder: Path) -> Path:
    """Write `report.md` into the folder and answer its path."""
    file = folder / "report.md"
    file.write_text("\n".join(_page(name, card, pictures)) + "\n")
    return file


def _page(name: str, card: Mapping[str, Any], pictures: Sequence[str]) -> Iterator[str]:
    data = card["data"]
    yield from (f"# {name}", "", card["purpose"], card["notFor"], "", *_gate(card), "")
    yield f"Trained at {card['trainedAt']} by {card['trainedBy']} on {data['lists']:,} lists with {data['exposures']:,} shown postings"
    yield f"from {data['from']} to {data['until']}; tested on what was served from {data['testedFrom']} on, which training did not see."
    yield f"{data['withoutEvidence']:,} shown postings had no logged features, {data['withoutConsent']:,} events no consent,"
    yield f"{data['listsWithoutGrant']:,} lists were of people who did not let models learn from them,"
    yield f"{data['unreadable']:,} records could not be read. Basis: {data['basis']}."
    yield from ("", "## Ranking", "", *_ranking(card), "", *_breadth(card), "")
    yield from ("## Probabilities", "", *_sides(card), "")
    yield from (f"![{ABOUT[picture]}]({picture})" for picture in pictures)
    yield from ("", "## Off policy", "", *_off_policy(card), "")
    yield from ("## As challenger", "", *_shadowing(card), "")
    yield from ("", "## Segments", "", *_segments(card), "", "## Groups", "", *_groups(card), "", *_proxies(card))
    yield "## Speed and skew"
    speeds = ", ".join(f"{rows} rows {ms:.3f} ms" for rows, ms in card["speedMs"].items())
    yield from (
        "",
        f"Scoring on one thread: {speeds}. Served scores recomputed from the log differ by at most {card['skew']:.2g}.",
        "",
    )
    yield from ("## Limits", "", *(f"- {limit}" for limit in card["limits"]))


def _gate(card: Mapping[str, Any]) -> Iterator[str]:
    if not card["objections"]:
        yield f"The gate lets it pass: it may decide in place of {card['incumbent']}."
        return
    yield "The gate refuses it:"
    yield ""
    yield from (f"- {objection}" for objection in card["objections"])


def _ranking(card: Mapping[str, Any]) -> Iterator[str]:
    yield f"On {card['lists']:,} lists of {card['people']:,} people in which something was responded to, and something was not."
    yield "nDCG counts a look 1, a save 2, an application 3, an interview 3 more, and a response at a place where few look for"
    yield "those who did not; lists count by what the best order of them gathers. Intervals of 95 % by drawing people anew."
    yield from ("", "| ranker | " + " | ".join(FIGURES.values()) + " |", "|---|" + "---|" * len(FIGURES))
    for name, figures in card["ranking"].items():
        yield f"| {name} | " + " | ".join(_figure(figures[figure]) for figure in FIGURES) + " |"
    yield ""
    yield f"Against the incumbent, {card['incumbent']}: nDCG@10 {_figure(card['gain'], sign=True)}."


def _breadth(card: Mapping[str, Any]) -> Iterator[str]:
    yield from ("| would show | coverage | diversity | novelty (bits) |", "|---|---|---|---|")
    for name, each in card["breadth"].items():
        yield f"| {name} | {each['coverage']:.3f} | {each['diversity']:.3f} | {each['novelty']:.2f} |"


def _sides(card: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        "| head | rows | yes | AUC | prior's AUC | calibration error | log loss, prior's | trees |",
        "|---|---|---|---|---|---|---|---|",
    )
    for name, side in card["sides"].items():
        head = card["heads"][name]
        losses = f"{head['logLoss']:.4f}, {head['priorLogLoss']:.4f}" if head["trained"] else "the prior's head"
        yield (
            f"| {name} | {side['rows']:,} | {side['positives']:,} | {side['auc']:.3f} | {side['prior_auc']:.3f} "
            f"| {side['calibration']['error']:.3f} | {losses} | {head['trees']} |"
        )


def _off_policy(card: Mapping[str, Any]) -> Iterator[str]:
    if not card["offPolicy"]:
        yield "No tested list has all its outcomes and its evidence."
        return
    yield "Responses that a list would earn in each order, from what was logged, by the propensities and places that it was logged with."
    yield from ("", "| order | IPS | SNIPS | DR | effective rows | was shown |", "|---|---|---|---|---|---|")
    for name, each in card["offPolicy"].items():
        told = " | ".join(_interval(each[estimator]) for estimator in ("ips", "snips", "dr"))
        yield f"| {name} | {told} | {each['effective']:,.0f} | {each['supported']:.0%} |"


def _shadowing(card: Mapping[str, Any]) -> Iterator[str]:
    shadowing = card["shadowing"]
    if shadowing is None:
        yield "It scored beside nothing that was tested."
        return
    yield f"What it scored on live traffic, logged and not shown, for {shadowing['people']:,} people, beside what decided."
    yield f"Its logged scores are had again from the logged features to {shadowing['skew']:.2g}."
    yield from (
        "",
        "| segment | decisions | of the first ten in both | the same first | rank correlation |",
        "|---|---|---|---|---|",
    )
    for name, each in {"all": shadowing["alike"], **shadowing["segments"]}.items():
        told = " | ".join(_interval(each[figure]) for figure in ("first_ten", "first", "correlation"))
        yield f"| {name} | {each['decisions']:,} | {told} |"
    yield ""
    for name, each in shadowing["calibrations"].items():
        yield f"Joined probability of what stood first against responses, {name}: off by {each['error']:.3f} on {sum(each['rows']):,} lists"
    earned = shadowing["off_policy"]
    if earned is not None:
        told = ", ".join(f"{name.upper()} {_interval(earned[name])}" for name in ("ips", "snips", "dr"))
        yield f"Responses that a list in its logged order would earn: {told}."


def _segments(card: Mapping[str, Any]) -> Iterator[str]:
    if not card["segments"]:
        yield "No segment has thirty answered lists."
        return
    yield from ("| segment | lists | nDCG@10 | against the incumbent |", "|---|---|---|---|")
    for name, each in card["segments"].items():
        yield f"| {name} | {each['lists']:,} | {_figure(each['ndcg'])} | {_figure(each['gain'], sign=True)} |"


def _groups(card: Mapping[str, Any]) -> Iterator[str]:
    if card["groups"] is None:
        yield "Not compared: no file of self-declared labels was given."
        return
    yield from (
        "| of what | attribute | group | people | rate | ratio to the highest | chance | of the ratio now |",
        "|---|---|---|---|---|---|---|---|",
    )
    for each in card["groups"]:
        people, rate = ("few", "") if each["people"] is None else (f"{each['people']:,}", f"{each['rate']:.3f}")
        ratio = "not judged" if each["compared"] is None else _interval(each["compared"])
        chance = "" if each["chance"] is None else f"{each['chance']:.3f}"
        kept = "" if each["kept"] is None else _interval(each["kept"])
        yield f"| {each['measure']} | {each['attribute']} | {each['value']} | {people} | {rate} | {ratio} | {chance} | {kept} |"


def _proxies(card: Mapping[str, Any]) -> Iterator[str]:
    if not card["proxies"]:
        return
    yield "How well a group can be told from what the model looks at, and from its scores; .5 is not at all."
    yield from ("", "| attribute | group | people | told by | AUC | chance |", "|---|---|---|---|---|---|")
    for each in card["proxies"]:
        told = f"{each['inputs']} | {_interval(each['auc'])} | {each['chance']:.3f}"
        yield f"| {each['attribute']} | {each['value']} | {each['people']:,} | {told} |"
    yield ""


def _interval(figure: Mapping[str, float]) -> str:
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _figure(figure: Sequence[float], *, sign: bool = False) -> str:
    value, low, high = figure
    return f"{value:+.3f} ({low:+.3f} to {high:+.3f})" if sign else f"{value:.3f} ({low:.3f} to {high:.3f})"

"""Whether the loop inside one process and the real one are the same: the same people come to both, and every list is compared."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.simulation.house import House
from benchmarks.simulation.learns import retrain
from benchmarks.simulation.market import DAY, START
from benchmarks.simulation.people import Person
from benchmarks.simulation.real import RealHouse
from benchmarks.simulation.site import Call, Shown, Site
from benchmarks.simulation.study import Size, again, labels_of, world
from benchmarks.simulation.visits import Visits
from schemas.jobs import Job

SMALL = Size(at_once=30, warm=15, period=3, retrainings=2)
WHY = "a comparison, whatever the gate says"


@dataclass
class Recorded:
    """A site, and every list that it showed."""

    site: Site
    shown: list[tuple[str, ...]] = field(default_factory=list)

    def arrive(self, jobs: Sequence[Job], now: int) -> None:
        self.site.arrive(jobs, now)

    def collect(self, calls: Sequence[Call], now: int) -> None:
        self.site.collect(calls, now)

    def lists(self, people: Sequence[Person], now: int) -> Sequence[Shown]:
        lists = self.site.lists(people, now)
        self.shown += [(person.id, *each.jobs) for person, each in zip(people, lists, strict=True)]
        return lists


def compare(seed: int, folder: Path, say: Callable[[str], None], size: Size = SMALL) -> dict[str, Any]:
    """Answer how many lists and models of both are equal; models are promoted whatever the gate says, so that they are put to use."""
    ground = world(seed, size, days=size.days)
    with ExitStack() as stack:
        real = RealHouse(folder, stack, say)
        models, theirs = [], Recorded(real)
        visits = Visits(again(ground, size), theirs)
        labels = labels_of(ground.people)
        visits.run(size.warm)
        for number in range(size.retrainings):
            say(f"training {number + 1} of {size.retrainings}")
            models.append(real.retrain(labels, START + visits.day * DAY, despite=WHY))
            visits.run(size.period)
        servers = real.versions()
    house = House(marks=real.marks)
    ours = Recorded(house)
    mine = Visits(again(ground, size), ours)
    mine.run(size.warm)
    names = []
    for _ in range(size.retrainings):
        retrain(house, labels, START + mine.day * DAY, despite=True)
        names.append(house.model.name)
        mine.run(size.period)
    equal = sum(one == other for one, other in zip(theirs.shown, ours.shown, strict=False))
    return {
        "seed": seed,
        "servers": servers,
        "lists": max(len(theirs.shown), len(ours.shown)),
        "equal": equal,
        "models": [name for name, _ in models],
        "equal_models": sum(name == mine for (name, _), mine in zip(models, names, strict=True)),
        "in_process": names,
        "said": [said for _, said in models],
    }

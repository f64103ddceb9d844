"""Floors: every beginning of a list holds its share of each declared group of postings, as near to the ranking as that leaves room for."""

from collections.abc import Sequence

OTHERS = -1
"""The group of what has no floor."""
_ROUNDING = 1e-9


def floored(groups: Sequence[int], shares: Sequence[float]) -> list[int]:
    """Answer the places of a ranking in an order whose first k hold floor(k * share) of each group, or all there are of it.

    `groups` says of each place, best first, which of `shares` is its, OTHERS for none; shares add up to 1 at most. From the back, each
    place takes the lowest ranked that the floors before it can spare (Lawler 1973), so that nothing moves up but for a floor. The floors
    are those of LinkedIn's DetConstSort (Geyik, Ambler and Kenthapadi 2019).
    """
    left: list[list[int]] = [[] for _ in range(len(shares) + 1)]
    for place, group in enumerate(groups):
        left[group].append(place)
    sizes = [len(members) for members in left]
    order: list[int] = []
    for before in range(len(groups) - 1, -1, -1):
        spare = [
            members
            for members, size, share in zip(left, sizes, (*shares, 0.0), strict=True)
            if members and len(members) > min(int(before * share + _ROUNDING), size)
        ]
        order.append(max(spare, key=_last).pop())
    order.reverse()
    return order


def _last(members: list[int]) -> int:
    return members[-1]

"""The distance at which each query has reached k residents: compiled."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

from geo_bosoc.neighbourhoods.inputs import Centimetres, Ints
from geo_bosoc.neighbourhoods.kd_tree import Int, Kernel, bounds, ring

_GUESSES: Final = 8
_FEW_RESIDENTS: Final = 32
"""The radius is guessed until so few residents are left between too near and far enough, but not for ever."""

_BLOCK: Final = 32
"""Places that are looked at together for any between too near and far enough."""


def _copy(
    undecided: Ints,
    starts: Ints,
    x: Centimetres,
    y: Centimetres,
    weight: Ints,
    ring_x: Centimetres,
    ring_y: Centimetres,
    ring_weight: Ints,
) -> Int:
    """Copy the locations of some leaves to lists that are long enough; return how many there are."""
    count = 0
    for leaf in undecided:
        first = starts[leaf]
        size = starts[leaf + 1] - first
        for i in range(size):
            ring_x[count + i] = x[first + i]
            ring_y[count + i] = y[first + i]
            ring_weight[count + i] = weight[first + i]
        count += size
    return count


def _narrow(
    west: Int,
    east: Int,
    south: Int,
    north: Int,
    low: Int,
    high: Int,
    number: Int,
    ring_x: Centimetres,
    ring_y: Centimetres,
    ring_weight: Ints,
) -> tuple[Int, Int]:
    """Keep the inhabited locations that may lie between `low` and `high` from somewhere within a rectangle.

    Returns how many are kept, and the residents who lie nearer wherever one stands in it.
    """
    kept_count = np.int64(0)
    nearer = np.int64(0)
    for i in range(number):
        at_x = ring_x[i]
        at_y = ring_y[i]
        persons = ring_weight[i]
        dx = max(at_x - east, west - at_x, 0)
        dy = max(at_y - north, south - at_y, 0)
        ex = max(east - at_x, at_x - west)
        ey = max(north - at_y, at_y - south)
        further = np.int64(ex * ex + ey * ey > low)
        ring_x[kept_count] = at_x
        ring_y[kept_count] = at_y
        ring_weight[kept_count] = persons
        nearer += persons * (1 - further)
        kept_count += further & np.int64(dx * dx + dy * dy <= high) & np.int64(persons > 0)
    return kept_count, nearer


def _reach(
    at_x: Int,
    at_y: Int,
    target: Int,
    ring_total: Int,
    guess: Int,
    slope: float,
    high: Int,
    ring_x: Centimetres,
    ring_y: Centimetres,
    ring_weight: Ints,
    distance: Ints,
    between: Ints,
    persons: Ints,
) -> Int:
    """The squared distance within which the ring holds the residents wanting, or -1 where that is not in the ring.

    The distances are computed once; counting how many live within a guess is then a pass without a branch, and a few
    guesses (the last query's radius first; `slope`: squared distance a resident) leave few between too near and far
    enough.
    """
    n = ring_x.size
    if target <= 0 or target > ring_total:
        return -1
    for i in range(n):
        # The differences fit in 32 bits, and processors square several such numbers at once.
        dx = np.int64(np.int32(ring_x[i] - at_x))
        dy = np.int64(np.int32(ring_y[i] - at_y))
        distance[i] = dx * dx + dy * dy
    too_near = np.int64(-1)  # fewer than wanting live within this
    enough = high
    within_near = np.int64(0)
    within_enough = ring_total
    for attempt in range(_GUESSES):
        if not too_near < guess < enough:
            guess = too_near + (enough - too_near) // 2
            if guess == too_near:
                break
        count = np.int64(0)
        for i in range(n):
            count += ring_weight[i] if distance[i] <= guess else 0
        if count < target:
            too_near = guess
            within_near = count
        else:
            enough = guess
            within_enough = count
        if within_enough - within_near <= _FEW_RESIDENTS:
            break
        if (
            attempt == 0
        ):  # as many more or fewer as live evenly, and somewhat beyond so as to close the bracket
            beyond = _FEW_RESIDENTS // 2 if count < target else -_FEW_RESIDENTS // 2
            guess += np.int64((target - count + beyond) * slope)
        else:
            share = (target - within_near) / (within_enough - within_near)
            guess = too_near + np.int64((enough - too_near) * share)
    candidates = 0
    for start in range(0, n, _BLOCK):  # nearly all blocks hold none, and counting has no branch
        stop = min(start + _BLOCK, n)
        matches = np.int64(0)
        for i in range(start, stop):
            matches += np.int64(distance[i] > too_near) & np.int64(distance[i] <= enough)
        if matches > 0:
            for i in range(start, stop):
                if distance[i] > too_near and distance[i] <= enough:
                    between[candidates] = distance[i]
                    persons[candidates] = ring_weight[i]
                    candidates += 1
    target -= within_near
    left = 0
    right = candidates - 1
    while left < right:
        pivot = between[(left + right) >> 1]
        i = left - 1
        j = right + 1
        while True:
            i += 1
            while between[i] < pivot:
                i += 1
            j -= 1
            while between[j] > pivot:
                j -= 1
            if i >= j:
                break
            between[i], between[j] = between[j], between[i]
            persons[i], persons[j] = persons[j], persons[i]
        below = np.int64(0)
        for i in range(left, j + 1):
            below += persons[i]
        if below >= target:
            right = j
        else:
            target -= below
            left = j + 1
    return between[left]


_copy_compiled: Final = numba.njit(nogil=True)(_copy)
_narrow_compiled: Final = numba.njit(nogil=True)(_narrow)
_reach_compiled: Final = numba.njit(nogil=True)(_reach)


def _radii(
    k: Int,
    qx: Centimetres,
    qy: Centimetres,
    groups: Ints,
    x: Centimetres,
    y: Centimetres,
    weight: Ints,
    starts: Ints,
    box: Ints,
    total: Ints,
    counts: Ints,
) -> None:
    """The squared distance at which each query has reached k residents. The tree holds at least k.

    The queries come in groups that lie close together. A group shares the ring of locations that decides: the radius at
    the middle of the rectangle that the group lies in brackets those of all its queries.
    """
    ring_x = np.empty(4096, np.int32)
    ring_y = np.empty(4096, np.int32)
    ring_weight = np.empty(4096, np.int64)
    distance = np.empty(4096, np.int64)
    between = np.empty(4096, np.int64)
    persons = np.empty(4096, np.int64)
    leaves = starts.size - 1
    largest = 0
    for leaf in range(leaves):
        largest = max(largest, starts[leaf + 1] - starts[leaf])
    nodes = np.empty(leaves, np.int64)
    undecided = np.empty(leaves, np.int64)
    radius = -1.0
    before_x = before_y = np.int64(0)
    for group in range(groups.size - 1):
        first = groups[group]
        last = groups[group + 1]
        west, east, south, north = bounds(qx, qy, first, last)
        middle_x = west + (east - west) // 2
        middle_y = south + (north - south) // 2
        # Once for the middle, with the bracket from the middle before; then for all of them, with the bracket from it.
        for stage in range(2):
            if stage == 0:
                from_x, to_x, from_y, to_y = middle_x, middle_x, middle_y, middle_y
                dx, dy = middle_x - before_x, middle_y - before_y
            else:
                from_x, to_x, from_y, to_y = west, east, south, north
                dx, dy = east - middle_x, north - middle_y
            step = np.sqrt(np.float64(dx * dx + dy * dy))
            low = np.int64(-1)
            if radius >= 0:
                low = np.int64(max(radius - step, 0.0) ** 2 * (1 - 1e-9)) - 1
                high = np.int64((radius + step) ** 2 * (1 + 1e-9)) + 1
            else:  # the smallest node on the way down that holds k: its furthest corner is far enough
                node = 1
                while node < leaves:
                    child = 2 * node
                    dx = max(box[child, 0] - middle_x, middle_x - box[child, 1], 0)
                    dy = max(box[child, 2] - middle_y, middle_y - box[child, 3], 0)
                    ex = max(box[child + 1, 0] - middle_x, middle_x - box[child + 1, 1], 0)
                    ey = max(box[child + 1, 2] - middle_y, middle_y - box[child + 1, 3], 0)
                    if dx * dx + dy * dy > ex * ex + ey * ey:
                        child += 1
                    if total[child] < k:
                        break
                    node = child
                dx = max(middle_x - box[node, 0], box[node, 1] - middle_x)
                dy = max(middle_y - box[node, 2], box[node, 3] - middle_y)
                high = dx * dx + dy * dy
            within, undecided_count = ring(
                from_x, to_x, from_y, to_y, low, high, leaves, box, nodes, undecided
            )
            inside = np.int64(0)
            for i in range(within):
                inside += total[nodes[i]]
            if undecided_count * largest > ring_x.size:
                ring_x = np.empty(2 * undecided_count * largest, np.int32)
                ring_y = np.empty(ring_x.size, np.int32)
                ring_weight = np.empty(ring_x.size, np.int64)
                distance = np.empty(ring_x.size, np.int64)
                between = np.empty(ring_x.size, np.int64)
                persons = np.empty(ring_x.size, np.int64)
            ring_count = _copy_compiled(
                undecided[:undecided_count], starts, x, y, weight, ring_x, ring_y, ring_weight
            )
            if stage == 1:  # it pays where many ask
                ring_count, nearer = _narrow_compiled(
                    from_x, to_x, from_y, to_y, low, high, ring_count, ring_x, ring_y, ring_weight
                )
                inside += nearer
            ring_total = ring_weight[:ring_count].sum()
            if stage == 0:
                guess = low + (high - low) // 2
                square = _reach_compiled(
                    middle_x, middle_y, k - inside, ring_total, guess, guess / k, high,
                    ring_x[:ring_count], ring_y[:ring_count], ring_weight[:ring_count], distance, between, persons,
                )  # fmt: skip
                radius = np.sqrt(np.float64(square))
                before_x, before_y = middle_x, middle_y
        for q in range(first, last):
            square = _reach_compiled(
                qx[q], qy[q], k - inside, ring_total, square, square / k, high,
                ring_x[:ring_count], ring_y[:ring_count], ring_weight[:ring_count], distance, between, persons,
            )  # fmt: skip
            counts[q] = square


radii: Final = Kernel(_radii)

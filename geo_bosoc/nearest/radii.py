"""The distance at which each query has reached k residents: compiled."""

from __future__ import annotations

from typing import Final

import numba
import numpy as np

from geo_bosoc.nearest.jit import Int, Kernel
from geo_bosoc.nearest.places import Ints

_GUESSES: Final = 8
_FEW: Final = 32
"""The radius is guessed until so few residents are left between too near and far enough, but not for ever."""


def _gather(
    west: Int,
    east: Int,
    south: Int,
    north: Int,
    low: Int,
    high: Int,
    x: Ints,
    y: Ints,
    weight: Ints,
    starts: Ints,
    box: Ints,
    total: Ints,
    ring_x: Ints,
    ring_y: Ints,
    ring_weight: Ints,
) -> tuple[Int, Int, Ints, Ints, Ints]:
    """List the inhabited places that may lie between `low` and `high` from somewhere within a rectangle.

    Returns how many there are, the residents that lie nearer wherever one stands in it, and the lists (which grow).
    """
    leaves = starts.size - 1
    stack = np.empty(96, np.int64)
    inside = np.int64(0)
    many = 0
    stack[0] = 1
    top = 0
    while top >= 0:
        node = stack[top]
        top -= 1
        dx = max(box[node, 0] - east, west - box[node, 1], 0)
        dy = max(box[node, 2] - north, south - box[node, 3], 0)
        if dx * dx + dy * dy > high:
            continue
        dx = max(east - box[node, 0], box[node, 1] - west)
        dy = max(north - box[node, 2], box[node, 3] - south)
        if dx * dx + dy * dy <= low:
            inside += total[node]
            continue
        if node < leaves:
            stack[top + 1] = 2 * node
            stack[top + 2] = 2 * node + 1
            top += 2
            continue
        first = starts[node - leaves]
        last = starts[node - leaves + 1]
        if many + last - first > ring_x.size:
            longer = 2 * (many + last - first)
            kept_x, kept_y, kept_weight = ring_x, ring_y, ring_weight
            ring_x = np.empty(longer, np.int64)
            ring_y = np.empty(longer, np.int64)
            ring_weight = np.empty(longer, np.int64)
            ring_x[:many] = kept_x[:many]
            ring_y[:many] = kept_y[:many]
            ring_weight[:many] = kept_weight[:many]
        for i in range(first, last):
            dx = max(x[i] - east, west - x[i], 0)
            dy = max(y[i] - north, south - y[i], 0)
            ex = max(east - x[i], x[i] - west)
            ey = max(north - y[i], y[i] - south)
            nearer = ex * ex + ey * ey <= low
            ring_x[many] = x[i]
            ring_y[many] = y[i]
            ring_weight[many] = weight[i]
            inside += weight[i] if nearer else 0
            many += 1 if (not nearer) & (dx * dx + dy * dy <= high) & (weight[i] > 0) else 0
    return many, inside, ring_x, ring_y, ring_weight


def _reach(
    at_x: Int,
    at_y: Int,
    wanting: Int,
    guess: Int,
    slope: float,
    high: Int,
    ring_x: Ints,
    ring_y: Ints,
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
    all_of_them = np.int64(0)
    for i in range(n):
        dx = ring_x[i] - at_x
        dy = ring_y[i] - at_y
        distance[i] = dx * dx + dy * dy
        all_of_them += ring_weight[i]
    if wanting <= 0 or wanting > all_of_them:
        return -1
    too_near = np.int64(-1)  # fewer than wanting live within this
    enough = high
    within_near = np.int64(0)
    within_enough = all_of_them
    for attempt in range(_GUESSES):
        if not too_near < guess < enough:
            guess = too_near + (enough - too_near) // 2
            if guess == too_near:
                break
        count = np.int64(0)
        for i in range(n):
            count += ring_weight[i] if distance[i] <= guess else 0
        if count < wanting:
            too_near = guess
            within_near = count
        else:
            enough = guess
            within_enough = count
        if within_enough - within_near <= _FEW:
            break
        if (
            attempt == 0
        ):  # as many more or fewer as live evenly, and somewhat beyond so as to close the bracket
            beyond = _FEW // 2 if count < wanting else -_FEW // 2
            guess += np.int64((wanting - count + beyond) * slope)
        else:
            share = (wanting - within_near) / (within_enough - within_near)
            guess = too_near + np.int64((enough - too_near) * share)
    many = 0
    for i in range(n):
        if distance[i] > too_near and distance[i] <= enough:
            between[many] = distance[i]
            persons[many] = ring_weight[i]
            many += 1
    wanting -= within_near
    left = 0
    right = many - 1
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
        if below >= wanting:
            right = j
        else:
            wanting -= below
            left = j + 1
    return between[left]


_gather_compiled: Final = numba.njit(nogil=True)(_gather)
_reach_compiled: Final = numba.njit(nogil=True)(_reach)


def _radii(
    k: Int,
    qx: Ints,
    qy: Ints,
    groups: Ints,
    x: Ints,
    y: Ints,
    weight: Ints,
    starts: Ints,
    box: Ints,
    total: Ints,
    found: Ints,
) -> None:
    """The squared distance at which each query has reached k residents. The tree holds at least k.

    The queries come in groups that lie close together. A group shares the ring of places that decides: the radius at
    the middle of the rectangle that the group lies in brackets those of all its queries.
    """
    ring_x = np.empty(4096, np.int64)
    ring_y = np.empty(4096, np.int64)
    ring_weight = np.empty(4096, np.int64)
    distance = np.empty(4096, np.int64)
    between = np.empty(4096, np.int64)
    persons = np.empty(4096, np.int64)
    radius = -1.0
    before_x = before_y = np.int64(0)
    for group in range(groups.size - 1):
        first = groups[group]
        last = groups[group + 1]
        west = east = qx[first]
        south = north = qy[first]
        for q in range(first + 1, last):
            west = min(west, qx[q])
            east = max(east, qx[q])
            south = min(south, qy[q])
            north = max(north, qy[q])
        middle_x = west + (east - west) // 2
        middle_y = south + (north - south) // 2
        # Once for the middle, with the bracket from the middle before; then for all of them, with the bracket from it.
        for once in range(2):
            if once == 0:
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
                while node < starts.size - 1:
                    one = 2 * node
                    dx = max(box[one, 0] - middle_x, middle_x - box[one, 1], 0)
                    dy = max(box[one, 2] - middle_y, middle_y - box[one, 3], 0)
                    ex = max(box[one + 1, 0] - middle_x, middle_x - box[one + 1, 1], 0)
                    ey = max(box[one + 1, 2] - middle_y, middle_y - box[one + 1, 3], 0)
                    if dx * dx + dy * dy > ex * ex + ey * ey:
                        one += 1
                    if total[one] < k:
                        break
                    node = one
                dx = max(middle_x - box[node, 0], box[node, 1] - middle_x)
                dy = max(middle_y - box[node, 2], box[node, 3] - middle_y)
                high = dx * dx + dy * dy
            many, inside, ring_x, ring_y, ring_weight = _gather_compiled(
                from_x,
                to_x,
                from_y,
                to_y,
                low,
                high,
                x,
                y,
                weight,
                starts,
                box,
                total,
                ring_x,
                ring_y,
                ring_weight,
            )
            if ring_x.size > distance.size:
                distance = np.empty(ring_x.size, np.int64)
                between = np.empty(ring_x.size, np.int64)
                persons = np.empty(ring_x.size, np.int64)
            if once == 0:
                guess = low + (high - low) // 2
                square = _reach_compiled(
                    middle_x, middle_y, k - inside, guess, guess / k, high,
                    ring_x[:many], ring_y[:many], ring_weight[:many], distance, between, persons,
                )  # fmt: skip
                radius = np.sqrt(np.float64(square))
                before_x, before_y = middle_x, middle_y
        for q in range(first, last):
            square = _reach_compiled(
                qx[q], qy[q], k - inside, square, square / k, high,
                ring_x[:many], ring_y[:many], ring_weight[:many], distance, between, persons,
            )  # fmt: skip
            found[q] = square


radii: Final = Kernel(_radii)

"""What each simulated visitor does: upload a table, train, look at the results, again and again."""

from __future__ import annotations

import asyncio
import random
import secrets
import time

from tests.load.visitor import Visitor

ROWS = 150
TABS = ("Probabilities", "Learning curves", "Right and wrong")


def visitor_name(number: int) -> str:
    """A name that only this visitor's data hold, such as ``visitor007x1a2b3c4d``."""
    return f"visitor{number:03d}x{secrets.token_hex(4)}"


def table(name: str, seed: int) -> bytes:
    """A CSV of two numbers, a category and pass or fail, with the visitor's name in columns and classes."""
    chance = random.Random(seed)
    lines = [f"{name} math,history,track,{name} result"]
    for _ in range(ROWS):
        math, history = chance.gauss(60, 15), chance.gauss(60, 15)
        passed = "pass" if math + history + chance.gauss(0, 10) > 120 else "fail"
        lines.append(f"{math:.0f},{history:.0f},{chance.choice(['arts', 'science'])},{passed} {name}")
    return "\n".join(lines).encode()


async def visit(address: str, number: int, until: float, think: float) -> Visitor:
    """Be a visitor until ``until`` (of `time.monotonic`), with ``think`` seconds on average between two actions."""
    visitor = Visitor(address, number, visitor_name(number))
    try:
        await asyncio.sleep(random.uniform(0, 2 * think))
        async with visitor:
            while time.monotonic() < until:
                await _once(visitor, until, think)
    except Exception as error:
        visitor.seen.errors.append(f"{type(error).__name__}: {error}")
    return visitor


async def _once(visitor: Visitor, until: float, think: float) -> None:
    await visitor.go("home")
    await _look(think)
    seed = visitor.seen.uploads
    await visitor.upload(f"{visitor.name}.csv", table(visitor.name, seed))
    await _look(think)
    await visitor.click("Train now")
    visitor.seen.trained += 1
    while visitor.button("See the results") is None:
        if time.monotonic() > until:
            return
        if visitor.button("Change settings and train again"):
            raise RuntimeError("the run ended without results")
        await asyncio.sleep(0.2)
    await _look(think)
    await visitor.click("See the results")
    for tab in TABS:
        await _look(think)
        await visitor.open_tab(tab)
    for page in ("network", "compare", "predict", "train"):
        await _look(think)
        await visitor.go(page)


async def _look(think: float) -> None:
    await asyncio.sleep(random.uniform(0.5, 1.5) * think)

"""Amounts: whole cents inside, two decimals for people."""

import re


def cents_of(text: str) -> int:
    """`800` and `800.00` are 80000. Raises ValueError for anything that is no amount above zero."""
    found = re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{2}))?", text.strip())
    cents = int(found[1]) * 100 + int(found[2] or 0) if found else 0
    if cents == 0:
        raise ValueError(f"{text!r} is no amount: write it like 800 or 800.00, above zero.")
    return cents


def shown(cents: int) -> str:
    """80000 is `800.00`."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"

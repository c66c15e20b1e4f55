"""The book: accounts, and bookings between them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from cashbook.schema import take_steps


class BookError(Exception):
    """What whoever keeps the book must mend; its text says how."""


@dataclass(frozen=True)
class Line:
    account: str
    cents: int


@dataclass(frozen=True)
class Booking:
    number: int
    day: date
    memo: str
    lines: tuple[Line, ...]


class Book:
    """A book in an SQLite file, which is made where it isn't there."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA foreign_keys = ON")
        take_steps(self._database)

    def close_file(self) -> None:
        self._database.close()

    def open_account(self, name: str) -> None:
        if not name.strip():
            raise BookError("An account needs a name.")
        try:
            with self._database:
                self._database.execute("INSERT INTO accounts (name) VALUES (?)", (name,))
        except sqlite3.IntegrityError as twice:
            raise BookError(f"There is an account {name} already.") from twice

    def book(self, day: date, memo: str, lines: list[Line]) -> int:
        """Books lines that come to zero, and returns the booking's number."""
        if not memo.strip():
            raise BookError("A booking needs a memo.")
        if len(lines) < 2 or sum(line.cents for line in lines) != 0:
            raise BookError("The lines of a booking must come to zero.")
        with self._database:
            return self._write(day, memo, lines)

    def close(self, day: date) -> None:
        """Shuts the book up to a day, that day included."""
        with self._database:
            self._database.execute("INSERT INTO closings (day) VALUES (?)", (day.isoformat(),))

    def journal(self) -> list[Booking]:
        """Every booking, in the order in which they were made."""
        rows = self._database.execute("SELECT number, day, memo FROM bookings ORDER BY number").fetchall()
        return [
            Booking(number, date.fromisoformat(day), memo, self._lines_of(number)) for number, day, memo in rows
        ]

    def balances(self, until: date = date.max) -> dict[str, int]:
        """What each account holds in cents at the end of a day, by name."""
        rows = self._database.execute(
            """
            SELECT accounts.name, COALESCE(SUM(counted.cents), 0)
            FROM accounts
            LEFT JOIN (
                SELECT lines.account, lines.cents
                FROM lines JOIN bookings ON bookings.number = lines.booking
                WHERE bookings.day <= ?
            ) AS counted ON counted.account = accounts.name
            GROUP BY accounts.name ORDER BY accounts.name
            """,
            (until.isoformat(),),
        )
        return dict(rows.fetchall())

    def _write(self, day: date, memo: str, lines: list[Line]) -> int:
        (closed,) = self._database.execute("SELECT MAX(day) FROM closings").fetchone()
        if closed is not None and day.isoformat() <= closed:
            raise BookError(f"The book is closed up to {closed}: book on a later day.")
        known = {name for (name,) in self._database.execute("SELECT name FROM accounts")}
        for line in lines:
            if line.account not in known:
                raise BookError(f"There is no account {line.account}: open it first.")
        cursor = self._database.execute(
            "INSERT INTO bookings (day, memo) VALUES (?, ?)", (day.isoformat(), memo)
        )
        number = cursor.lastrowid
        self._database.executemany(
            "INSERT INTO lines (booking, account, cents) VALUES (?, ?, ?)",
            [(number, line.account, line.cents) for line in lines],
        )
        return number

    def _lines_of(self, number: int) -> tuple[Line, ...]:
        rows = self._database.execute(
            "SELECT account, cents FROM lines WHERE booking = ? ORDER BY rowid", (number,)
        )
        return tuple(Line(account, cents) for account, cents in rows)

"""The command line. Ends with 0, with 1 for what whoever keeps the book must mend, with 2 for wrong usage."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from cashbook.book import Book, BookError, Line
from cashbook.money import cents_of, shown


def main(arguments: list[str] | None = None, today: date | None = None) -> int:
    given = _parser().parse_args(arguments)
    book = Book(given.file)
    try:
        _COMMANDS[given.command](book, given, today or date.today())
        return 0
    except (BookError, ValueError) as problem:
        print(f"cashbook: {problem}", file=sys.stderr)
        return 1
    finally:
        book.close_file()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cashbook")
    parser.add_argument("file", metavar="BOOK", help="the book's file")
    commands = parser.add_subparsers(dest="command", required=True)

    account = commands.add_parser("account", help="open an account")
    account.add_argument("name")

    book = commands.add_parser("book", help="move an amount from one account to another")
    book.add_argument("memo")
    book.add_argument("amount")
    book.add_argument("--from", dest="source", required=True, metavar="ACCOUNT")
    book.add_argument("--to", dest="target", required=True, metavar="ACCOUNT")
    book.add_argument("--on", metavar="DAY", help="today, unless given as 2024-03-01")

    commands.add_parser("journal", help="list every booking")
    commands.add_parser("balances", help="what each account holds")

    close = commands.add_parser("close", help="shut the book up to a day")
    close.add_argument("day", metavar="DAY")
    return parser


def _account(book: Book, given: argparse.Namespace, today: date) -> None:
    book.open_account(given.name)


def _book(book: Book, given: argparse.Namespace, today: date) -> None:
    cents = cents_of(given.amount)
    day = date.fromisoformat(given.on) if given.on else today
    number = book.book(day, given.memo, [Line(given.source, -cents), Line(given.target, cents)])
    print(f"Booked as {number}.")


def _journal(book: Book, given: argparse.Namespace, today: date) -> None:
    for booking in book.journal():
        print(f"{booking.number}\t{booking.day}\t{booking.memo}")
        for line in booking.lines:
            print(f"\t{line.account}\t{shown(line.cents)}")


def _balances(book: Book, given: argparse.Namespace, today: date) -> None:
    for account, cents in book.balances().items():
        print(f"{account}\t{shown(cents)}")


def _close(book: Book, given: argparse.Namespace, today: date) -> None:
    book.close(date.fromisoformat(given.day))


_COMMANDS = {
    "account": _account,
    "book": _book,
    "journal": _journal,
    "balances": _balances,
    "close": _close,
}

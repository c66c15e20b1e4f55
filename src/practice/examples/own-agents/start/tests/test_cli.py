import contextlib
import io
import tempfile
import unittest
from datetime import date
from pathlib import Path

from cashbook.cli import main


class CommandLineTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = str(Path(folder.name) / "club.book")
        for name in ("bank", "rent"):
            self.cashbook("account", name)

    def cashbook(self, *arguments: str, today: str = "2024-03-05") -> tuple:
        """Its exit status and what it printed."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = main([self.file, *arguments], today=date.fromisoformat(today))
        return status, said.getvalue()

    def pay_rent(self, *more: str) -> tuple:
        return self.cashbook("book", "March rent", "800.00", "--from", "bank", "--to", "rent", *more)

    def test_books_today_or_on_another_day(self):
        self.assertEqual(self.pay_rent(), (0, "Booked as 1.\n"))
        self.assertEqual(self.pay_rent("--on", "2024-03-01"), (0, "Booked as 2.\n"))

        self.assertEqual(
            self.cashbook("journal"),
            (
                0,
                "1\t2024-03-05\tMarch rent\n\tbank\t-800.00\n\trent\t800.00\n"
                "2\t2024-03-01\tMarch rent\n\tbank\t-800.00\n\trent\t800.00\n",
            ),
        )

    def test_shows_what_each_account_holds(self):
        self.pay_rent()

        self.assertEqual(self.cashbook("balances"), (0, "bank\t-800.00\nrent\t800.00\n"))

    def test_says_in_a_sentence_what_is_wrong(self):
        self.assertEqual(
            self.cashbook("book", "A gift", "5", "--from", "bank", "--to", "gifts"),
            (1, "cashbook: There is no account gifts: open it first.\n"),
        )
        self.assertEqual(self.cashbook("close", "2023-12-31"), (0, ""))
        self.assertEqual(
            self.pay_rent("--on", "2023-12-30"),
            (1, "cashbook: The book is closed up to 2023-12-31: book on a later day.\n"),
        )

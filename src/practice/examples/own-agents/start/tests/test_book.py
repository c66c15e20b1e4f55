import unittest
from datetime import date

from cashbook.book import Book, BookError, Line


class BookTests(unittest.TestCase):
    def setUp(self):
        self.book = Book(":memory:")
        self.addCleanup(self.book.close_file)
        for name in ("bank", "rent"):
            self.book.open_account(name)

    def pay_rent(self, day: str, cents: int = 80000) -> int:
        return self.book.book(date.fromisoformat(day), "Rent", [Line("bank", -cents), Line("rent", cents)])

    def test_books_and_counts(self):
        self.assertEqual([self.pay_rent("2024-01-05"), self.pay_rent("2024-02-05")], [1, 2])

        self.assertEqual(self.book.balances(), {"bank": -160000, "rent": 160000})
        self.assertEqual(self.book.balances(until=date(2024, 1, 31)), {"bank": -80000, "rent": 80000})
        self.assertEqual([(one.number, one.memo) for one in self.book.journal()], [(1, "Rent"), (2, "Rent")])

    def test_refuses_lines_that_do_not_come_to_zero(self):
        for lines in ([], [Line("bank", 100)], [Line("bank", -100), Line("rent", 99)]):
            with self.subTest(lines), self.assertRaisesRegex(BookError, "come to zero"):
                self.book.book(date(2024, 1, 5), "Rent", lines)

    def test_refuses_a_booking_without_a_memo(self):
        with self.assertRaisesRegex(BookError, "needs a memo"):
            self.book.book(date(2024, 1, 5), " ", [Line("bank", -1), Line("rent", 1)])

    def test_refuses_accounts_that_are_not_open_and_writes_nothing(self):
        with self.assertRaisesRegex(BookError, "no account gifts"):
            self.book.book(date(2024, 1, 5), "A gift", [Line("bank", -1), Line("gifts", 1)])
        self.assertEqual(self.book.journal(), [])

    def test_refuses_an_account_that_is_open_already(self):
        with self.assertRaisesRegex(BookError, "account bank already"):
            self.book.open_account("bank")

    def test_books_nothing_into_days_that_are_closed(self):
        self.book.close(date(2023, 12, 31))

        with self.assertRaisesRegex(BookError, "closed up to 2023-12-31"):
            self.pay_rent("2023-12-31")
        self.assertEqual(self.pay_rent("2024-01-01"), 1)

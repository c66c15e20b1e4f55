import sqlite3
import unittest

from cashbook.schema import STEPS, take_steps


class SchemaTests(unittest.TestCase):
    def setUp(self):
        self.database = sqlite3.connect(":memory:")
        self.addCleanup(self.database.close)

    def test_takes_each_step_once(self):
        take_steps(self.database)
        take_steps(self.database)

        self.assertEqual(self.database.execute("PRAGMA user_version").fetchone(), (len(STEPS),))

    def test_moves_a_book_that_is_in_use_and_keeps_what_is_booked(self):
        take_steps(self.database, last=1)
        self.database.execute("INSERT INTO bookings VALUES (1, '2024-01-05', 'January rent')")
        self.database.commit()

        take_steps(self.database)

        self.assertEqual(
            self.database.execute("SELECT number, day, memo FROM bookings").fetchall(),
            [(1, "2024-01-05", "January rent")],
        )

    def test_nothing_that_is_booked_can_be_changed_or_deleted(self):
        take_steps(self.database)
        self.database.execute("INSERT INTO accounts VALUES ('bank')")
        self.database.execute("INSERT INTO bookings (number, day, memo) VALUES (1, '2024-01-05', 'January rent')")
        self.database.execute("INSERT INTO lines VALUES (1, 'bank', -80000)")

        for statement in (
            "UPDATE bookings SET memo = 'nothing'",
            "DELETE FROM bookings",
            "UPDATE lines SET cents = 1",
            "DELETE FROM lines",
        ):
            with self.subTest(statement), self.assertRaisesRegex(sqlite3.IntegrityError, "what is booked is never"):
                self.database.execute(statement)

import unittest

from cashbook.money import cents_of, shown


class MoneyTests(unittest.TestCase):
    def test_reads_whole_and_broken_amounts(self):
        self.assertEqual([cents_of("800"), cents_of("0.05"), cents_of(" 12.50 ")], [80000, 5, 1250])

    def test_refuses_what_is_no_amount_above_zero(self):
        for text in ("", "0", "0.00", "-3", "1,50", "1.5", "1.500", "a lot"):
            with self.subTest(text), self.assertRaisesRegex(ValueError, "is no amount"):
                cents_of(text)

    def test_shows_two_decimals(self):
        self.assertEqual([shown(80000), shown(-5), shown(0)], ["800.00", "-0.05", "0.00"])

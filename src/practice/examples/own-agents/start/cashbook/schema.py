"""How a book's database comes to its present form: in numbered steps, each taken once."""

import sqlite3
from pathlib import Path

STEPS = sorted((Path(__file__).parent / "steps").glob("*.sql"))


def take_steps(database: sqlite3.Connection, last: int = len(STEPS)) -> None:
    """Takes the steps that the database hasn't taken yet, up to `last`."""
    (taken,) = database.execute("PRAGMA user_version").fetchone()
    for number, step in enumerate(STEPS[:last], start=1):
        if number > taken:
            sql = step.read_text(encoding="utf-8")
            database.executescript(f"BEGIN;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;")

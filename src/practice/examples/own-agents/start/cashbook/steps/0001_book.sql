CREATE TABLE accounts (
    name TEXT PRIMARY KEY
);

CREATE TABLE bookings (
    number INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    memo TEXT NOT NULL CHECK (memo <> '')
);

-- The lines of a booking come to zero.
CREATE TABLE lines (
    booking INTEGER NOT NULL REFERENCES bookings (number),
    account TEXT NOT NULL REFERENCES accounts (name),
    cents INTEGER NOT NULL CHECK (cents <> 0)
);

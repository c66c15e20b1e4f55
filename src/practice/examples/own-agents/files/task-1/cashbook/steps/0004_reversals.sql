-- The booking that this one takes back. Which ones are taken back follows from it.
ALTER TABLE bookings ADD COLUMN reverses INTEGER REFERENCES bookings (number);

-- Each at most once, also when two people take it back at the same time.
CREATE UNIQUE INDEX bookings_are_reversed_once ON bookings (reverses);

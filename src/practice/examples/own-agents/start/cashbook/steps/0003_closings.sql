-- The book is shut up to the latest of these days, that day included.
CREATE TABLE closings (
    day TEXT NOT NULL
);

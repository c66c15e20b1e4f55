CREATE TRIGGER bookings_are_not_changed BEFORE UPDATE ON bookings
BEGIN SELECT RAISE(ABORT, 'what is booked is never changed'); END;

CREATE TRIGGER bookings_are_not_deleted BEFORE DELETE ON bookings
BEGIN SELECT RAISE(ABORT, 'what is booked is never deleted'); END;

CREATE TRIGGER lines_are_not_changed BEFORE UPDATE ON lines
BEGIN SELECT RAISE(ABORT, 'what is booked is never changed'); END;

CREATE TRIGGER lines_are_not_deleted BEFORE DELETE ON lines
BEGIN SELECT RAISE(ABORT, 'what is booked is never deleted'); END;

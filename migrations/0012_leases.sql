-- +goose Up

-- What one process at a time may do, as reading documents. Whoever takes it from
-- another gets the next number, and what is still done under the one before is
-- refused.
CREATE TABLE leases (
    name   TEXT    PRIMARY KEY,
    number INTEGER NOT NULL,    -- of the process that has it
    holder TEXT    NOT NULL,    -- for people: machine and process
    shown  INTEGER NOT NULL CHECK (shown IN (0, 1)), -- a file is locked as long as that lives
    until  INTEGER NOT NULL     -- ms since 1970, by the clock of the database
) STRICT;

-- +goose Up

-- Sessions that people ended by logging out. A session is a cookie, of which
-- there may be copies.
CREATE TABLE ended_sessions (
    id      TEXT    PRIMARY KEY,
    over_at INTEGER NOT NULL -- by then its cookies are too old in any case
) STRICT;

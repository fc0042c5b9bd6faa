-- +goose Up

-- What fields of a domain may hold. Rules of templates name a list: a template
-- may come before its list, and after it is gone.

CREATE TABLE lists (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id  INTEGER NOT NULL REFERENCES domains (id),
    name       TEXT    NOT NULL,
    n          INTEGER NOT NULL CHECK (n > 0), -- values
    list       TEXT    NOT NULL,               -- the values, one a line
    updated_at INTEGER NOT NULL,
    UNIQUE (domain_id, name)
) STRICT;

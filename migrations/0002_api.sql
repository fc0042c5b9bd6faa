-- +goose Up

-- What programs may do, and whom the program tells of what it does.

ALTER TABLE domains ADD COLUMN tables INTEGER NOT NULL DEFAULT 0 CHECK (tables IN (0, 1));         -- General calls may ask for them
ALTER TABLE domains ADD COLUMN fetch_urls INTEGER NOT NULL DEFAULT 0 CHECK (fetch_urls IN (0, 1)); -- calls may name where the file is
ALTER TABLE domains ADD COLUMN together INTEGER NOT NULL DEFAULT 0 CHECK (together >= 0);          -- calls at the same time; 0 for any number
ALTER TABLE domains ADD COLUMN quota INTEGER NOT NULL DEFAULT 0 CHECK (quota >= 0);                -- calls a month; 0 for any number
ALTER TABLE domains ADD COLUMN webhook TEXT NOT NULL DEFAULT '';                                   -- URL
ALTER TABLE domains ADD COLUMN signing_key TEXT NOT NULL DEFAULT '';                               -- hexadecimal; of what is sent to URLs
UPDATE domains SET signing_key = lower(hex(randomblob(32)));

ALTER TABLE templates ADD COLUMN validation TEXT NOT NULL DEFAULT '';                              -- URL

CREATE TABLE calls (
    domain_id INTEGER NOT NULL REFERENCES domains (id),
    month     TEXT    NOT NULL,                         -- 2026-11, where the server is
    n         INTEGER NOT NULL,
    PRIMARY KEY (domain_id, month)
) STRICT, WITHOUT ROWID;

-- Calls that may be repeated without being read again.
CREATE TABLE request_keys (
    domain_id     INTEGER NOT NULL REFERENCES domains (id),
    key           TEXT    NOT NULL,                     -- chosen by the client
    request       TEXT    NOT NULL,                     -- SHA-256 of what was asked, in hexadecimal
    submission_id INTEGER NOT NULL REFERENCES submissions (id),
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (domain_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX request_keys_created ON request_keys (created_at);

CREATE TABLE validations (
    page_id INTEGER NOT NULL REFERENCES pages (id),
    run     INTEGER NOT NULL CHECK (run >= 1),
    result  TEXT    NOT NULL CHECK (result IN ('UNCHECKED', 'VALID', 'INVALID', 'ERROR')),
    message TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (page_id, run)
) STRICT, WITHOUT ROWID;

-- What a webhook has still to be told.
CREATE TABLE notices (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id    INTEGER NOT NULL REFERENCES pages (id),
    state      TEXT    NOT NULL CHECK (state IN ('review', 'done', 'unmatched', 'failed')),
    queued     INTEGER NOT NULL DEFAULT 0 CHECK (queued IN (0, 1)), -- there is a job that delivers it
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notices_new ON notices (page_id) WHERE queued = 0;

-- Whoever changes the state of a page, the change and its notice are one.

-- +goose StatementBegin
CREATE TRIGGER pages_tell AFTER UPDATE OF state ON pages
WHEN NEW.state <> OLD.state AND NEW.state IN ('review', 'done', 'unmatched', 'failed')
BEGIN
    INSERT INTO notices (page_id, state, created_at)
    SELECT NEW.id, NEW.state, NEW.updated_at FROM domains WHERE id = NEW.domain_id AND webhook <> '';
END;
-- +goose StatementEnd

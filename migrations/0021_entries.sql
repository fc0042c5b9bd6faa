-- +goose Up

-- What people keyed from the picture of a value that two of them are to key,
-- neither seeing what the other did. What settles it becomes a correction.
CREATE TABLE entries (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL,
    run     INTEGER NOT NULL,
    field   TEXT    NOT NULL,
    third   INTEGER NOT NULL CHECK (third IN (0, 1)),   -- by who settles what two keyed differently
    text    TEXT    NOT NULL,
    checked INTEGER NOT NULL CHECK (checked IN (0, 1)),
    mark    TEXT    NOT NULL DEFAULT '' CHECK (mark IN ('', 'illegible', 'empty', 'not_applicable')),
    user_id INTEGER NOT NULL REFERENCES users (id),
    at      INTEGER NOT NULL,
    FOREIGN KEY (page_id, run, field) REFERENCES readings (page_id, run, field)
) STRICT;

CREATE INDEX entries_value ON entries (page_id, run, field);

-- +goose StatementBegin
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE (ABORT, 'what was keyed is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER entries_kept BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'what was keyed goes only with its page');
END;
-- +goose StatementEnd

-- The values that somebody has keyed and that are not settled: they wait for
-- another person. It follows from entries, and is there to be looked through.
CREATE TABLE awaiting (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,           -- in the order in which they came
    page_id    INTEGER NOT NULL REFERENCES pages (id),
    field      TEXT    NOT NULL,
    first_by   INTEGER NOT NULL REFERENCES users (id),
    second_by  INTEGER REFERENCES users (id),               -- who keyed something else; a third person is wanted then
    held_by    INTEGER REFERENCES users (id),               -- who has it open
    held_until INTEGER NOT NULL DEFAULT 0,
    UNIQUE (page_id, field)
) STRICT;

CREATE INDEX awaiting_first ON awaiting (first_by, id);

ALTER TABLE pages ADD COLUMN awaiting INTEGER NOT NULL DEFAULT 0; -- values of which one person or two have keyed something, and others have to go on

-- Which share of pages carries a value that is not as it was read, to see
-- whether people see that. No row is none.
CREATE TABLE vigilance (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    share REAL    NOT NULL CHECK (share BETWEEN 0 AND 1)
) STRICT;

-- The values that were shown otherwise than they were read. They go with their page.
CREATE TABLE probes (
    page_id  INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL,
    field    TEXT    NOT NULL,
    user_id  INTEGER NOT NULL REFERENCES users (id),      -- who is shown it
    shown    TEXT    NOT NULL,
    outcome  TEXT    NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'told', 'missed', 'caught', 'void')),
    shown_at INTEGER NOT NULL,
    said_at  INTEGER,                                     -- when there was an outcome
    FOREIGN KEY (page_id, run, field) REFERENCES readings (page_id, run, field)
) STRICT;

CREATE INDEX probes_missed ON probes (said_at) WHERE outcome = 'missed';

-- What came of probes, by day. It stays when pages go.
CREATE TABLE probe_counts (
    day         INTEGER NOT NULL,                           -- since 1970
    template_id INTEGER NOT NULL REFERENCES templates (id),
    caught      INTEGER NOT NULL DEFAULT 0,
    missed      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, template_id)
) STRICT, WITHOUT ROWID;

-- +goose Up

-- Filled pages by which templates are tested. One of which a person has said what
-- a field holds is a case, and stays until a person deletes it; any other is a
-- sample, and goes by itself.
CREATE TABLE template_cases (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    template_id INTEGER NOT NULL REFERENCES templates (id),
    name        TEXT    NOT NULL,                       -- of the file, as uploaded
    blob        TEXT    NOT NULL,                       -- key of a blob: the file; '' where that has too many bytes
    number      INTEGER NOT NULL CHECK (number >= 1),   -- of the page in the file
    pages       INTEGER,                                -- of the file; NULL while nobody knows
    failure     TEXT    NOT NULL DEFAULT '',            -- why the file cannot be read as a whole
    created_at  INTEGER NOT NULL,
    said_at     INTEGER NOT NULL                        -- when a person last said something of it, or handed it in
) STRICT;
CREATE INDEX template_cases_template ON template_cases (template_id);
CREATE INDEX template_cases_blob ON template_cases (blob);

-- What people said that fields hold.
CREATE TABLE case_values (
    case_id INTEGER NOT NULL REFERENCES template_cases (id),
    field   TEXT    NOT NULL,                           -- id in all versions of the template
    text    TEXT    NOT NULL,
    checked INTEGER NOT NULL CHECK (checked IN (0, 1)),
    user_id INTEGER NOT NULL REFERENCES users (id),
    at      INTEGER NOT NULL,
    PRIMARY KEY (case_id, field)
) STRICT, WITHOUT ROWID;

-- What was read, by the last few editions of the template. It can be read again
-- at any time.
CREATE TABLE case_results (
    case_id          INTEGER NOT NULL REFERENCES template_cases (id),
    fingerprint      TEXT    NOT NULL,                  -- SHA-256, in hexadecimal, of what it was read by
    at               INTEGER NOT NULL,
    took             INTEGER NOT NULL,                  -- ms
    state            TEXT    NOT NULL CHECK (state IN ('review', 'done', 'unmatched', 'failed')),
    failure          TEXT    NOT NULL DEFAULT '' CHECK ((state = 'failed') = (failure <> '')),
    width            INTEGER NOT NULL,                  -- px
    height           INTEGER NOT NULL,                  -- px
    image            TEXT    NOT NULL,                  -- key of a blob: the page as people see it; '' where it was not decoded
    template_to_page TEXT,                              -- JSON: nine numbers, row by row
    residual         REAL    NOT NULL,                  -- px at template scale
    score            REAL    NOT NULL,                  -- in [0, 1]
    faults           TEXT    NOT NULL,                  -- of how the form lies, separated by spaces
    readings         TEXT    NOT NULL,                  -- JSON
    details          TEXT    NOT NULL,                  -- JSON: of the readings, what is only shown
    PRIMARY KEY (case_id, fingerprint)
) STRICT;
CREATE INDEX case_results_image ON case_results (image);

-- +goose Up

-- Pages are read again when a person asks for it, who may say which template a
-- page is and where the form lies on it.

ALTER TABLE pages ADD COLUMN faults TEXT NOT NULL DEFAULT '';      -- what is wrong with how the form lies, separated by spaces
ALTER TABLE pages ADD COLUMN said_from INTEGER NOT NULL DEFAULT 1; -- corrections of this run and later ones count

CREATE TABLE rereads (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id          INTEGER NOT NULL REFERENCES pages (id),
    template_id      INTEGER REFERENCES templates (id),   -- NULL for any in service
    template_to_page TEXT,                                -- JSON: nine numbers, row by row; NULL to find it
    user_id          INTEGER NOT NULL REFERENCES users (id),
    was              TEXT    NOT NULL CHECK (was IN ('review', 'done', 'unmatched')), -- the page, before
    run              INTEGER,                             -- that came of it; NULL where none did
    failure          TEXT    NOT NULL DEFAULT '',         -- why none did
    created_at       INTEGER NOT NULL,
    finished_at      INTEGER,                             -- NULL while it is to be done
    CHECK (run IS NULL OR failure = '')
) STRICT;
CREATE UNIQUE INDEX rereads_open ON rereads (page_id) WHERE finished_at IS NULL;
CREATE INDEX rereads_page ON rereads (page_id);

-- Where the forms of readings lay that no longer count.
CREATE TABLE past_runs (
    page_id          INTEGER NOT NULL REFERENCES pages (id),
    run              INTEGER NOT NULL,
    state            TEXT    NOT NULL,
    template_id      INTEGER,
    version          INTEGER,
    template_to_page TEXT,
    residual         REAL    NOT NULL,
    score            REAL    NOT NULL,
    faults           TEXT    NOT NULL,
    PRIMARY KEY (page_id, run),
    FOREIGN KEY (template_id, version) REFERENCES template_versions (template_id, version)
) STRICT, WITHOUT ROWID;

-- +goose Up

-- What people delete is in the trash for a while. All rows of a page lie there as
-- one text: whatever asks for pages, counts or exports them finds nothing of it,
-- and nothing needs to leave it out.
CREATE TABLE trash (
    page_id       INTEGER PRIMARY KEY,
    uid           TEXT    NOT NULL UNIQUE,              -- what the API called it
    document_id   INTEGER NOT NULL,                     -- which may be in the trash, too
    number        INTEGER NOT NULL,
    part          INTEGER NOT NULL,
    submission_id INTEGER NOT NULL,                     -- the same
    domain_id     INTEGER NOT NULL REFERENCES domains (id),
    name          TEXT    NOT NULL,                     -- of the document
    template_id   INTEGER REFERENCES templates (id),
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'reading', 'review', 'done', 'unmatched', 'failed')),
    actor         TEXT    NOT NULL CHECK (actor IN ('person', 'program', 'system', 'command')), -- who put it there
    user_id       INTEGER REFERENCES users (id),        -- of a person
    at            INTEGER NOT NULL,
    contents      TEXT    NOT NULL,                     -- JSON: its rows, by table
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
) STRICT;
CREATE INDEX trash_at ON trash (at, page_id);
CREATE INDEX trash_document ON trash (document_id);
CREATE INDEX trash_submission ON trash (submission_id);

-- The blobs of what is in the trash.
CREATE TABLE trash_blobs (
    page_id INTEGER NOT NULL REFERENCES trash (page_id),
    key     TEXT    NOT NULL,                           -- key of a blob
    PRIMARY KEY (page_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX trash_blobs_key ON trash_blobs (key);

-- Pages that were there: for good, or in the trash.
CREATE VIEW gone AS
SELECT page_id, uid, document_id, number, part, submission_id, domain_id FROM deletions
UNION ALL
SELECT page_id, uid, document_id, number, part, submission_id, domain_id FROM trash;

DROP TRIGGER readings_kept;
DROP TRIGGER reading_details_kept;
DROP TRIGGER corrections_kept;
DROP TRIGGER runs_kept;
DROP TRIGGER pages_kept;
DROP TRIGGER entries_kept;

-- +goose StatementBegin
CREATE TRIGGER readings_kept BEFORE DELETE ON readings
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a reading goes only with its page');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reading_details_kept BEFORE DELETE ON reading_details
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a reading goes only with its page');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER corrections_kept BEFORE DELETE ON corrections
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a correction goes only with its page');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER runs_kept BEFORE DELETE ON runs
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a run goes only with its page');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER pages_kept BEFORE DELETE ON pages
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.id)
BEGIN
    SELECT RAISE (ABORT, 'who deletes a page must be known');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER entries_kept BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'what was keyed goes only with its page');
END;
-- +goose StatementEnd

-- A document that comes back is older than others of its hour.
DROP TRIGGER documents_added;
-- +goose StatementBegin
CREATE TRIGGER documents_added AFTER INSERT ON documents
BEGIN
    INSERT INTO received (hour, first, last) VALUES (NEW.created_at / 3600000, NEW.id, NEW.id)
    ON CONFLICT (hour) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last);
    INSERT INTO document_names (rowid, parts) SELECT id, parts FROM document_parts WHERE id = NEW.id;
    UPDATE submissions SET documents = documents + 1, open = open + (NEW.finished_at IS NULL) WHERE id = NEW.submission_id;
END;
-- +goose StatementEnd

-- What pages hold, to be found by it: what the machine read and what people last
-- said, as form.Folded writes it, a value a line. A page stands at its spot:
-- among the pages of all documents in their order, the last of a document first,
-- so that backwards is the order of lists. Marks say whose page it is and how it
-- stands; no value has such words. Personal data lie apart.
CREATE TABLE page_texts (
    spot    INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL UNIQUE REFERENCES pages (id),
    marks   TEXT    NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE TABLE personal_texts (
    spot    INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL UNIQUE REFERENCES pages (id),
    marks   TEXT    NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE VIEW page_parts AS
SELECT spot, marks || char(10) || (
    WITH RECURSIVE place (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM place WHERE i < length(text))
    SELECT group_concat(substr(text, i, 3), char(10)) FROM place) AS parts
FROM page_texts;

CREATE VIEW personal_parts AS
SELECT spot, marks || char(10) || (
    WITH RECURSIVE place (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM place WHERE i < length(text))
    SELECT group_concat(substr(text, i, 3), char(10)) FROM place) AS parts
FROM personal_texts;

CREATE VIRTUAL TABLE page_words USING fts5 (
    parts, content = 'page_parts', content_rowid = 'spot', detail = none, columnsize = 0, prefix = '1 2',
    tokenize = "ascii tokenchars ' !""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
CREATE VIRTUAL TABLE personal_words USING fts5 (
    parts, content = 'personal_parts', content_rowid = 'spot', detail = none, columnsize = 0, prefix = '1 2',
    tokenize = "ascii tokenchars ' !""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
-- What is deleted goes out of the index at once, not when it is next merged.
INSERT INTO page_words (page_words, rank) VALUES ('secure-delete', 1);
INSERT INTO personal_words (personal_words, rank) VALUES ('secure-delete', 1);

-- +goose StatementBegin
CREATE TRIGGER page_texts_added AFTER INSERT ON page_texts
BEGIN
    INSERT INTO page_words (rowid, parts) SELECT spot, parts FROM page_parts WHERE spot = NEW.spot;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER page_texts_deleted BEFORE DELETE ON page_texts
BEGIN
    INSERT INTO page_words (page_words, rowid, parts) SELECT 'delete', spot, parts FROM page_parts WHERE spot = OLD.spot;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER page_texts_stay BEFORE UPDATE ON page_texts
BEGIN
    SELECT RAISE (ABORT, 'it is deleted and added, so that the index knows what it had');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER personal_texts_added AFTER INSERT ON personal_texts
BEGIN
    INSERT INTO personal_words (rowid, parts) SELECT spot, parts FROM personal_parts WHERE spot = NEW.spot;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER personal_texts_deleted BEFORE DELETE ON personal_texts
BEGIN
    INSERT INTO personal_words (personal_words, rowid, parts) SELECT 'delete', spot, parts FROM personal_parts WHERE spot = OLD.spot;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER personal_texts_stay BEFORE UPDATE ON personal_texts
BEGIN
    SELECT RAISE (ABORT, 'it is deleted and added, so that the index knows what it had');
END;
-- +goose StatementEnd

-- The pages whose texts are to be written anew. All are, once.
CREATE TABLE texts_due (
    page_id INTEGER PRIMARY KEY REFERENCES pages (id)
) STRICT;
INSERT INTO texts_due SELECT id FROM pages ORDER BY id;

-- +goose StatementBegin
CREATE TRIGGER pages_due AFTER INSERT ON pages
BEGIN
    INSERT INTO texts_due VALUES (NEW.id) ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER pages_due_again AFTER UPDATE OF state, run, template_id, said_from ON pages
WHEN NEW.state <> OLD.state OR NEW.run <> OLD.run OR NEW.template_id IS DISTINCT FROM OLD.template_id OR NEW.said_from <> OLD.said_from
BEGIN
    INSERT INTO texts_due VALUES (NEW.id) ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER corrections_due AFTER INSERT ON corrections
BEGIN
    INSERT INTO texts_due VALUES (NEW.page_id) ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd

-- Pages that were done and that a person wants looked at again.
CREATE TABLE reopenings (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id   INTEGER NOT NULL REFERENCES pages (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    note      TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    closed_at INTEGER,                                  -- NULL while it is open
    closed_by INTEGER REFERENCES users (id)             -- NULL also where the page was read again
) STRICT;
CREATE INDEX reopenings_page ON reopenings (page_id);
CREATE UNIQUE INDEX reopenings_open ON reopenings (page_id) WHERE closed_at IS NULL;

-- Filters of the history under a name.
CREATE TABLE saved_views (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    name       TEXT    NOT NULL,
    shared     INTEGER NOT NULL CHECK (shared IN (0, 1)), -- others see it, too
    filter     TEXT    NOT NULL,                        -- JSON
    created_at INTEGER NOT NULL,
    UNIQUE (user_id, name)
) STRICT;
CREATE INDEX saved_views_shared ON saved_views (name) WHERE shared = 1;

-- What is done with many pages, some at a time.
CREATE TABLE bulk_acts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id     INTEGER NOT NULL REFERENCES users (id),
    act         TEXT    NOT NULL,
    total       INTEGER NOT NULL,                       -- pages
    done        INTEGER NOT NULL DEFAULT 0,             -- of those
    skipped     INTEGER NOT NULL DEFAULT 0,             -- of those: they are no more, or are being read
    created_at  INTEGER NOT NULL,
    finished_at INTEGER                                 -- NULL while there is something to do
) STRICT;
CREATE INDEX bulk_acts_open ON bulk_acts (id) WHERE finished_at IS NULL;

-- The pages with which it is still to be done.
CREATE TABLE bulk_pages (
    bulk_id INTEGER NOT NULL REFERENCES bulk_acts (id),
    page_id INTEGER NOT NULL,
    PRIMARY KEY (bulk_id, page_id)
) STRICT, WITHOUT ROWID;

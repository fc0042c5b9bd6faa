-- +goose Up

-- A page of a file may hold several forms, as two of A5 on A4. Each is a page of
-- its own then: one of the parts of that page. The table is written anew, since
-- a number stands for more than one page. What refers to a page is asked for
-- only at the end.

PRAGMA defer_foreign_keys = 1;
CREATE TABLE old_pages AS SELECT * FROM pages;
CREATE TABLE old_sequence AS SELECT seq FROM sqlite_sequence WHERE name = 'pages';
DROP TABLE pages;
CREATE TABLE pages (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id),
    domain_id   INTEGER NOT NULL REFERENCES domains (id), -- of the document, for the index
    number      INTEGER NOT NULL CHECK (number >= 1),     -- in the file
    part        INTEGER NOT NULL DEFAULT 0 CHECK (part >= 0), -- which of the forms on that page, from 1; 0 where it holds one
    region      TEXT,                                     -- JSON: the corners of that part of the picture, in shares of its width and height
    uid         TEXT    NOT NULL UNIQUE CHECK (length(uid) = 32), -- what the API calls it
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'reading', 'review', 'done', 'unmatched', 'failed')),
    failure     TEXT    NOT NULL DEFAULT '' CHECK ((state = 'failed') = (failure <> '')),
    template_id INTEGER,
    version     INTEGER,
    run         INTEGER NOT NULL DEFAULT 0,               -- the reading that counts
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    finished_at INTEGER,                                  -- when it became done or failed
    said_from   INTEGER NOT NULL DEFAULT 1,               -- the first run of which corrections count
    doubtful    INTEGER NOT NULL DEFAULT 0,               -- values that a person has still to look at
    revision    INTEGER NOT NULL DEFAULT 0,               -- of the submission, with its last change that people see
    UNIQUE (document_id, number, part),
    CHECK ((part = 0) = (region IS NULL)),
    FOREIGN KEY (template_id, version) REFERENCES template_versions (template_id, version)
) STRICT;
INSERT INTO pages (
    id, document_id, domain_id, number, uid, state, failure, template_id, version, run,
    created_at, updated_at, finished_at, said_from, doubtful, revision)
SELECT
    id, document_id, domain_id, number, uid, state, failure, template_id, version, run,
    created_at, updated_at, finished_at, said_from, doubtful, revision
FROM old_pages ORDER BY id;
DELETE FROM sqlite_sequence WHERE name = 'pages';
INSERT INTO sqlite_sequence (name, seq) SELECT 'pages', seq FROM old_sequence; -- numbers of pages that were deleted do not come again
DROP TABLE old_pages;
DROP TABLE old_sequence;

CREATE INDEX pages_domain_state ON pages (domain_id, state, document_id, number, part);
CREATE INDEX pages_state ON pages (state, document_id, number, part);
CREATE INDEX pages_template_state ON pages (template_id, state, document_id, number, part);

-- +goose StatementBegin
CREATE TRIGGER pages_added AFTER INSERT ON pages
BEGIN
    INSERT INTO page_counts (domain_id, template_id, state, n) VALUES (NEW.domain_id, coalesce(NEW.template_id, 0), NEW.state, 1)
    ON CONFLICT (domain_id, template_id, state) DO UPDATE SET n = n + 1;
    UPDATE submissions SET
        waiting = waiting + (NEW.state = 'waiting'),
        reading = reading + (NEW.state = 'reading'),
        review = review + (NEW.state = 'review'),
        done = done + (NEW.state = 'done'),
        unmatched = unmatched + (NEW.state = 'unmatched'),
        failed = failed + (NEW.state = 'failed'),
        revision = revision + 1
    WHERE id = (SELECT submission_id FROM documents WHERE id = NEW.document_id);
    UPDATE pages SET revision = (
        SELECT s.revision FROM submissions s JOIN documents d ON d.submission_id = s.id WHERE d.id = NEW.document_id)
    WHERE id = NEW.id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER pages_changed AFTER UPDATE OF state, failure, template_id, doubtful ON pages
WHEN NEW.state <> OLD.state OR NEW.failure <> OLD.failure OR NEW.template_id IS DISTINCT FROM OLD.template_id OR NEW.doubtful <> OLD.doubtful
BEGIN
    UPDATE submissions SET
        waiting = waiting + (NEW.state = 'waiting') - (OLD.state = 'waiting'),
        reading = reading + (NEW.state = 'reading') - (OLD.state = 'reading'),
        review = review + (NEW.state = 'review') - (OLD.state = 'review'),
        done = done + (NEW.state = 'done') - (OLD.state = 'done'),
        unmatched = unmatched + (NEW.state = 'unmatched') - (OLD.state = 'unmatched'),
        failed = failed + (NEW.state = 'failed') - (OLD.state = 'failed'),
        revision = revision + 1
    WHERE id = (SELECT submission_id FROM documents WHERE id = NEW.document_id);
    UPDATE pages SET revision = (
        SELECT s.revision FROM submissions s JOIN documents d ON d.submission_id = s.id WHERE d.id = NEW.document_id)
    WHERE id = NEW.id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER pages_deleted AFTER DELETE ON pages
BEGIN
    UPDATE page_counts SET n = n - 1
    WHERE domain_id = OLD.domain_id AND template_id = coalesce(OLD.template_id, 0) AND state = OLD.state;
    UPDATE submissions SET
        waiting = waiting - (OLD.state = 'waiting'),
        reading = reading - (OLD.state = 'reading'),
        review = review - (OLD.state = 'review'),
        done = done - (OLD.state = 'done'),
        unmatched = unmatched - (OLD.state = 'unmatched'),
        failed = failed - (OLD.state = 'failed'),
        revision = revision + 1
    WHERE id = (SELECT submission_id FROM documents WHERE id = OLD.document_id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER pages_kept BEFORE DELETE ON pages
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.id)
BEGIN
    SELECT RAISE (ABORT, 'who deletes a page must be known');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER pages_moved AFTER UPDATE OF state, template_id ON pages
WHEN NEW.state <> OLD.state OR NEW.template_id IS DISTINCT FROM OLD.template_id
BEGIN
    UPDATE page_counts SET n = n - 1
    WHERE domain_id = OLD.domain_id AND template_id = coalesce(OLD.template_id, 0) AND state = OLD.state;
    INSERT INTO page_counts (domain_id, template_id, state, n) VALUES (NEW.domain_id, coalesce(NEW.template_id, 0), NEW.state, 1)
    ON CONFLICT (domain_id, template_id, state) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER pages_tell AFTER UPDATE OF state ON pages
WHEN NEW.state <> OLD.state AND NEW.state IN ('review', 'done', 'unmatched', 'failed')
BEGIN
    INSERT INTO notices (page_id, state, created_at)
    SELECT NEW.id, NEW.state, NEW.updated_at FROM domains WHERE id = NEW.domain_id AND webhook <> '';
END;
-- +goose StatementEnd

ALTER TABLE deletions ADD COLUMN part INTEGER NOT NULL DEFAULT 0; -- as of pages

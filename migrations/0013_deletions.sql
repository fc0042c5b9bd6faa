-- +goose Up

-- Pages can be deleted, with all that was read and said of them. That they were
-- there stays, and who deleted them.
CREATE TABLE deletions (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id       INTEGER NOT NULL UNIQUE,
    uid           TEXT    NOT NULL UNIQUE,              -- what the API called it
    document_id   INTEGER NOT NULL,                     -- which may be gone, too
    number        INTEGER NOT NULL,
    submission_id INTEGER NOT NULL,                     -- which may be gone, too
    domain_id     INTEGER NOT NULL REFERENCES domains (id),
    actor         TEXT    NOT NULL CHECK (actor IN ('person', 'program', 'system', 'command')),
    user_id       INTEGER REFERENCES users (id),        -- of a person
    at            INTEGER NOT NULL,
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
) STRICT;
CREATE INDEX deletions_document ON deletions (document_id);

-- Blobs that may be nobody's any more.
CREATE TABLE loose_blobs (
    key     TEXT    PRIMARY KEY,
    look_at INTEGER NOT NULL DEFAULT 0                  -- ms since 1970, before which not
) STRICT, WITHOUT ROWID;
CREATE INDEX loose_blobs_look ON loose_blobs (look_at);
CREATE INDEX documents_blob ON documents (blob);
CREATE INDEX runs_image ON runs (image);

-- What goes with a page or a submission is found at once.
CREATE INDEX notices_page ON notices (page_id);
CREATE INDEX request_keys_submission ON request_keys (submission_id);

-- What has been read and said goes with its page, and not otherwise.

-- +goose StatementBegin
CREATE TRIGGER readings_kept BEFORE DELETE ON readings
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a reading goes only with its page');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reading_details_kept BEFORE DELETE ON reading_details
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a reading goes only with its page');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER corrections_kept BEFORE DELETE ON corrections
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a correction goes only with its page');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER runs_kept BEFORE DELETE ON runs
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a run goes only with its page');
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
CREATE TRIGGER deletions_stay BEFORE UPDATE ON deletions
BEGIN
    SELECT RAISE (ABORT, 'a deletion is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER deletions_kept BEFORE DELETE ON deletions
BEGIN
    SELECT RAISE (ABORT, 'a deletion is never forgotten');
END;
-- +goose StatementEnd

-- What is counted is right afterwards.

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

-- The hour in which a document came begins or ends with another, or is none.
-- Those of an hour lie together.
-- +goose StatementBegin
CREATE TRIGGER documents_deleted BEFORE DELETE ON documents
BEGIN
    DELETE FROM received WHERE hour = OLD.created_at / 3600000 AND first = OLD.id AND last = OLD.id;
    UPDATE received SET first = (
        SELECT d.id FROM documents d
        WHERE d.id > OLD.id AND d.id <= received.last AND d.created_at / 3600000 = received.hour ORDER BY d.id LIMIT 1)
    WHERE hour = OLD.created_at / 3600000 AND first = OLD.id;
    UPDATE received SET last = (
        SELECT d.id FROM documents d
        WHERE d.id < OLD.id AND d.id >= received.first AND d.created_at / 3600000 = received.hour ORDER BY d.id DESC LIMIT 1)
    WHERE hour = OLD.created_at / 3600000 AND last = OLD.id;
    INSERT INTO document_names (document_names, rowid, parts) SELECT 'delete', id, parts FROM document_parts WHERE id = OLD.id;
    UPDATE submissions SET documents = documents - 1, open = open - (OLD.finished_at IS NULL), revision = revision + 1
    WHERE id = OLD.submission_id;
END;
-- +goose StatementEnd

-- Names go out of the index when they are deleted, not when it is next merged.
INSERT INTO document_names (document_names, rank) VALUES ('secure-delete', 1);

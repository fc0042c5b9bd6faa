-- +goose Up

-- Lists, counts and downloads take no longer where there are a million pages.

-- What of a reading is only shown lies apart: it is ten times as large as all
-- that is listed, counted and downloaded. Corrections refer to readings, so
-- they move with them.
CREATE TABLE new_readings (
    page_id    INTEGER NOT NULL REFERENCES pages (id),
    run        INTEGER NOT NULL CHECK (run >= 1),
    field      TEXT    NOT NULL,
    text       TEXT    NOT NULL,
    checked    INTEGER NOT NULL CHECK (checked IN (0, 1)),
    confidence REAL    NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    reasons    TEXT    NOT NULL,                        -- separated by spaces; not empty where it is doubtful
    engine     TEXT    NOT NULL,
    PRIMARY KEY (page_id, run, field)
) STRICT, WITHOUT ROWID;
INSERT INTO new_readings SELECT page_id, run, field, text, checked, confidence, reasons, engine FROM readings;

CREATE TABLE reading_details (
    page_id INTEGER NOT NULL,
    run     INTEGER NOT NULL,
    field   TEXT    NOT NULL,
    detail  TEXT    NOT NULL,                           -- JSON: where, words, alternatives
    PRIMARY KEY (page_id, run, field),
    FOREIGN KEY (page_id, run, field) REFERENCES new_readings (page_id, run, field)
) STRICT, WITHOUT ROWID;
INSERT INTO reading_details SELECT page_id, run, field, detail FROM readings;

CREATE TABLE new_corrections (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id  INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    field    TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    checked  INTEGER NOT NULL CHECK (checked IN (0, 1)),
    accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)), -- the reading was left as it was
    user_id  INTEGER NOT NULL REFERENCES users (id),
    at       INTEGER NOT NULL,
    FOREIGN KEY (page_id, run, field) REFERENCES new_readings (page_id, run, field)
) STRICT;
INSERT INTO new_corrections SELECT id, page_id, run, field, text, checked, accepted, user_id, at FROM corrections;

DROP TABLE corrections;
DROP TABLE readings;
ALTER TABLE new_readings RENAME TO readings;
ALTER TABLE new_corrections RENAME TO corrections;
CREATE INDEX corrections_value ON corrections (page_id, run, field);

-- +goose StatementBegin
CREATE TRIGGER readings_stay BEFORE UPDATE ON readings
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER reading_details_stay BEFORE UPDATE ON reading_details
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections
BEGIN
    SELECT RAISE (ABORT, 'a correction is never changed');
END;
-- +goose StatementEnd

-- Doubt is counted when something is read or said, not when it is listed.
ALTER TABLE pages ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0; -- values that a person has still to look at
UPDATE pages AS p SET doubtful = (
    SELECT count(*) FROM readings r
    WHERE r.page_id = p.id AND r.run = p.run AND r.reasons <> '' AND r.field <> '#title'
    AND NOT EXISTS (
        SELECT 1 FROM corrections c
        WHERE c.page_id = r.page_id AND c.run >= p.said_from AND c.field = r.field))
WHERE run > 0;

-- Each list walks an index in the order of documents, state by state.
DROP INDEX pages_domain;
DROP INDEX pages_template;
DROP INDEX pages_for_person;
CREATE INDEX pages_domain_state ON pages (domain_id, state, document_id, number);
CREATE INDEX pages_template_state ON pages (template_id, state, document_id, number);
CREATE INDEX submissions_uploads ON submissions (id) WHERE user_id IS NOT NULL;

-- A submission knows how far it is, and every change of one of its pages has
-- a number.
ALTER TABLE submissions ADD COLUMN documents INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN open      INTEGER NOT NULL DEFAULT 0; -- documents that may turn out to have more pages
ALTER TABLE submissions ADD COLUMN waiting   INTEGER NOT NULL DEFAULT 0; -- pages in each state
ALTER TABLE submissions ADD COLUMN reading   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN review    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN done      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN unmatched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN failed    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE submissions ADD COLUMN revision  INTEGER NOT NULL DEFAULT 0; -- rises with every change that people see
ALTER TABLE pages ADD COLUMN revision        INTEGER NOT NULL DEFAULT 0; -- of the submission, with its last change that people see
UPDATE submissions AS s SET documents = n.documents, open = n.open
FROM (
    SELECT submission_id, count(*) AS documents, count(*) - count(finished_at) AS open
    FROM documents GROUP BY submission_id) n
WHERE n.submission_id = s.id;
UPDATE submissions AS s SET
    waiting = n.waiting, reading = n.reading, review = n.review, done = n.done, unmatched = n.unmatched, failed = n.failed
FROM (
    SELECT
        d.submission_id,
        sum(p.state = 'waiting') AS waiting,
        sum(p.state = 'reading') AS reading,
        sum(p.state = 'review') AS review,
        sum(p.state = 'done') AS done,
        sum(p.state = 'unmatched') AS unmatched,
        sum(p.state = 'failed') AS failed
    FROM documents d JOIN pages p ON p.document_id = d.id
    GROUP BY d.submission_id) n
WHERE n.submission_id = s.id;

-- How many pages there are.
CREATE TABLE page_counts (
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL,                       -- 0 without
    state       TEXT    NOT NULL,
    n           INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (domain_id, template_id, state)
) STRICT, WITHOUT ROWID;
INSERT INTO page_counts
SELECT domain_id, coalesce(template_id, 0), state, count(*) FROM pages GROUP BY 1, 2, 3;

-- The first and the last document that came in an hour: days are bounds on
-- documents, also where a clock was set back.
CREATE TABLE received (
    hour  INTEGER PRIMARY KEY,                          -- since 1970, UTC
    first INTEGER NOT NULL REFERENCES documents (id),
    last  INTEGER NOT NULL REFERENCES documents (id)
) STRICT;
INSERT INTO received SELECT created_at / 3600000, min(id), max(id) FROM documents GROUP BY 1;
DROP INDEX documents_created;

-- Names by their parts. Each place of a name begins a part of three
-- characters, or of those that are left, so that one and two characters are
-- found as beginnings of parts. What separates parts is in no part.
CREATE VIEW document_parts AS
SELECT id, (
    WITH RECURSIVE place (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM place WHERE i < length(name))
    SELECT group_concat(substr(name, i, 3), char(10)) FROM place) AS parts
FROM documents;
CREATE VIRTUAL TABLE document_names USING fts5 (
    parts, content = 'document_parts', content_rowid = 'id', detail = none, columnsize = 0, prefix = '1 2',
    tokenize = "ascii tokenchars ' !""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
INSERT INTO document_names (document_names) VALUES ('rebuild');

-- Whoever changes documents and pages, what is counted of them is right.

-- +goose StatementBegin
CREATE TRIGGER documents_added AFTER INSERT ON documents
BEGIN
    INSERT INTO received (hour, first, last) VALUES (NEW.created_at / 3600000, NEW.id, NEW.id)
    ON CONFLICT (hour) DO UPDATE SET last = excluded.last;
    INSERT INTO document_names (rowid, parts) SELECT id, parts FROM document_parts WHERE id = NEW.id;
    UPDATE submissions SET documents = documents + 1, open = open + (NEW.finished_at IS NULL) WHERE id = NEW.submission_id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER documents_finished AFTER UPDATE OF finished_at ON documents
WHEN (NEW.finished_at IS NULL) <> (OLD.finished_at IS NULL)
BEGIN
    UPDATE submissions SET
        open = open + (NEW.finished_at IS NULL) - (OLD.finished_at IS NULL),
        revision = revision + 1
    WHERE id = NEW.submission_id;
END;
-- +goose StatementEnd

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

-- +goose Up

-- Each time that a page is read is a run, whoever asked for it and whatever
-- came of it. Readings belong to a run, and one run of a page counts.

CREATE TABLE runs (
    page_id          INTEGER NOT NULL REFERENCES pages (id),
    number           INTEGER NOT NULL CHECK (number >= 1),
    why              TEXT    NOT NULL CHECK (why IN ('first', 'retry', 'again', 'by_hand')),
    actor            TEXT    NOT NULL CHECK (actor IN ('person', 'program', 'system', 'command')), -- who asked for it
    user_id          INTEGER REFERENCES users (id),
    wanted_template  INTEGER REFERENCES templates (id), -- NULL for those of the submission, or any in service
    wanted_place     TEXT,                              -- JSON: nine numbers, row by row; NULL to find it
    state            TEXT    NOT NULL CHECK (state IN ('open', 'review', 'done', 'unmatched', 'failed')), -- as it left the page
    failure          TEXT    NOT NULL DEFAULT '',       -- why nothing came of it
    width            INTEGER NOT NULL DEFAULT 0,        -- px
    height           INTEGER NOT NULL DEFAULT 0,        -- px
    image            TEXT    NOT NULL DEFAULT '',       -- key of a blob
    template_id      INTEGER,
    version          INTEGER,
    template_to_page TEXT,                              -- JSON: nine numbers, row by row
    residual         REAL    NOT NULL DEFAULT 0,        -- px at template scale
    score            REAL    NOT NULL DEFAULT 0,        -- in [0, 1]
    faults           TEXT    NOT NULL DEFAULT '',       -- of how the form lies, separated by spaces
    candidates       TEXT    NOT NULL DEFAULT '[]',     -- JSON
    tries            INTEGER NOT NULL DEFAULT 0,        -- that ended by a fault of the page itself
    trouble          TEXT    NOT NULL DEFAULT '',       -- as of documents; of a run that is read apart from its document
    waits            INTEGER NOT NULL DEFAULT 0,
    created_at       INTEGER NOT NULL,
    finished_at      INTEGER,                           -- NULL while it is to be done
    PRIMARY KEY (page_id, number),
    CHECK ((state = 'open') = (finished_at IS NULL)),
    CHECK (state <> 'failed' OR failure <> ''),
    FOREIGN KEY (template_id, version) REFERENCES template_versions (template_id, version)
) STRICT;

-- Runs have their numbers in the order in which they were asked for. So far,
-- those that were in vain had none: where others followed them, these get
-- higher ones, and what was read and said goes with them.
CREATE TABLE asked AS
SELECT a.id, a.page_id, a.run,
    p.run - count(a.run) OVER (PARTITION BY a.page_id) + row_number() OVER (PARTITION BY a.page_id ORDER BY a.id) AS number
FROM rereads a JOIN pages p ON p.id = a.page_id;
CREATE INDEX asked_page ON asked (page_id, run);
CREATE TABLE moved AS SELECT page_id, run, number + 1000000 AS number FROM asked WHERE run <> number; -- in two steps, lest one meets another
CREATE INDEX moved_page ON moved (page_id, run);

DROP TRIGGER readings_stay;
DROP TRIGGER reading_details_stay;
DROP TRIGGER corrections_stay;
PRAGMA defer_foreign_keys = 1;
UPDATE readings AS r SET run = m.number FROM moved m WHERE r.page_id = m.page_id AND r.run = m.run;
UPDATE reading_details AS r SET run = m.number FROM moved m WHERE r.page_id = m.page_id AND r.run = m.run;
UPDATE corrections AS r SET run = m.number FROM moved m WHERE r.page_id = m.page_id AND r.run = m.run;
UPDATE validations AS r SET run = m.number FROM moved m WHERE r.page_id = m.page_id AND r.run = m.run;
UPDATE past_runs AS r SET run = m.number FROM moved m WHERE r.page_id = m.page_id AND r.run = m.run;
UPDATE readings AS r SET run = r.run - 1000000 FROM moved m WHERE r.page_id = m.page_id AND r.run = m.number;
UPDATE reading_details AS r SET run = r.run - 1000000 FROM moved m WHERE r.page_id = m.page_id AND r.run = m.number;
UPDATE corrections AS r SET run = r.run - 1000000 FROM moved m WHERE r.page_id = m.page_id AND r.run = m.number;
UPDATE validations AS r SET run = r.run - 1000000 FROM moved m WHERE r.page_id = m.page_id AND r.run = m.number;
UPDATE past_runs AS r SET run = r.run - 1000000 FROM moved m WHERE r.page_id = m.page_id AND r.run = m.number;
UPDATE pages SET
    run = coalesce((SELECT m.number - 1000000 FROM moved m WHERE m.page_id = pages.id AND m.run = pages.run), run),
    said_from = coalesce((SELECT m.number - 1000000 FROM moved m WHERE m.page_id = pages.id AND m.run = pages.said_from), said_from)
WHERE id IN (SELECT page_id FROM moved);
UPDATE asked SET run = number WHERE run IS NOT NULL;
DROP TABLE moved;

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

-- Of a page that waits to be read once more after it failed, and of a file that
-- could not be read at all, the run that failed was not kept as such.
UPDATE pages SET run = 1 WHERE state = 'failed' AND run = 0;

-- Runs that somebody asked for, as they were asked for.
INSERT INTO runs (page_id, number, why, actor, user_id, wanted_template, wanted_place, state, failure, tries, trouble, waits, created_at, finished_at)
SELECT a.page_id, n.number,
    CASE WHEN a.template_to_page IS NULL THEN 'again' ELSE 'by_hand' END,
    'person', a.user_id, a.template_id, a.template_to_page,
    CASE
        WHEN a.finished_at IS NULL THEN 'open'
        WHEN a.run IS NOT NULL THEN 'unmatched' -- until below
        WHEN a.failure = 'not_found' THEN 'unmatched'
        ELSE 'failed'
    END,
    CASE WHEN a.run IS NULL AND a.finished_at IS NOT NULL AND a.failure = '' THEN 'internal' ELSE a.failure END,
    a.tries, a.trouble, a.waits, a.created_at, a.finished_at
FROM rereads a JOIN asked n ON n.id = a.id;

-- Runs that nobody asked for a second time, and that were kept.
INSERT INTO runs (page_id, number, why, actor, user_id, state, created_at, finished_at)
SELECT p.id, k.run,
    CASE WHEN k.run > 1 THEN 'retry' ELSE 'first' END,
    CASE WHEN s.user_id IS NULL THEN 'program' ELSE 'person' END, s.user_id, 'unmatched', p.created_at, -- until below
    coalesce((SELECT min(created_at) FROM rereads WHERE page_id = p.id), p.finished_at, p.updated_at)
FROM (
    SELECT page_id, run FROM past_runs
    UNION ALL
    SELECT id, run FROM pages
    WHERE run > 0 AND (
        state NOT IN ('waiting', 'reading') OR EXISTS (SELECT 1 FROM rereads WHERE page_id = pages.id AND finished_at IS NULL))) k
JOIN pages p ON p.id = k.page_id
JOIN documents d ON d.id = p.document_id
JOIN submissions s ON s.id = d.submission_id
WHERE NOT EXISTS (SELECT 1 FROM asked n WHERE n.page_id = k.page_id AND n.run = k.run);

-- What became of runs that counted once, and of those that count.
UPDATE runs SET
    state = o.state, template_id = o.template_id, version = o.version, template_to_page = o.template_to_page,
    residual = o.residual, score = o.score, faults = o.faults
FROM past_runs o WHERE o.page_id = runs.page_id AND o.run = runs.number;
UPDATE runs SET
    state = coalesce((SELECT was FROM rereads WHERE page_id = p.id AND finished_at IS NULL), p.state), failure = p.failure,
    width = p.width, height = p.height, image = p.image,
    template_id = p.template_id, version = p.version, template_to_page = p.template_to_page,
    residual = p.residual, score = p.score, faults = p.faults, candidates = p.candidates, tries = max(runs.tries, p.tries)
FROM pages p WHERE p.id = runs.page_id AND p.run = runs.number;

-- Pages that wait to be read with their document.
INSERT INTO runs (page_id, number, why, actor, user_id, state, tries, created_at)
SELECT p.id, p.run + 1,
    CASE WHEN p.run > 0 THEN 'retry' ELSE 'first' END,
    CASE WHEN s.user_id IS NULL THEN 'program' ELSE 'person' END, s.user_id,
    'open', p.tries, CASE WHEN p.run > 0 THEN p.updated_at ELSE p.created_at END
FROM pages p
JOIN documents d ON d.id = p.document_id
JOIN submissions s ON s.id = d.submission_id
WHERE p.state IN ('waiting', 'reading')
AND NOT EXISTS (SELECT 1 FROM rereads a WHERE a.page_id = p.id AND a.finished_at IS NULL);
UPDATE pages SET run = 0
WHERE state IN ('waiting', 'reading') AND run > 0
AND NOT EXISTS (SELECT 1 FROM rereads a WHERE a.page_id = pages.id AND a.finished_at IS NULL);

CREATE UNIQUE INDEX runs_open ON runs (page_id) WHERE finished_at IS NULL;
CREATE INDEX runs_apart ON runs (page_id) WHERE finished_at IS NULL AND why IN ('again', 'by_hand'); -- read apart from their document

DROP TABLE asked;
DROP TABLE past_runs;
DROP TABLE rereads;

-- A page keeps what lists and counters need. The largest go first: each column
-- that goes writes all rows anew.
ALTER TABLE pages DROP COLUMN candidates;
ALTER TABLE pages DROP COLUMN template_to_page;
ALTER TABLE pages DROP COLUMN image;
ALTER TABLE pages DROP COLUMN faults;
ALTER TABLE pages DROP COLUMN residual;
ALTER TABLE pages DROP COLUMN score;
ALTER TABLE pages DROP COLUMN width;
ALTER TABLE pages DROP COLUMN height;
ALTER TABLE pages DROP COLUMN tries;

-- A webhook is told, too, that a page that was done has been corrected.
ALTER TABLE notices ADD COLUMN corrected INTEGER NOT NULL DEFAULT 0 CHECK (corrected IN (0, 1));

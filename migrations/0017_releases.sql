-- +goose Up

-- Which version of a template went from which stage to which, who had it go
-- there, and why. What acts know of before is here too: they say nothing of
-- stages, but those in which a version still is.
CREATE TABLE template_releases (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    template_id INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    from_stage  TEXT CHECK (from_stage IN ('draft', 'beta', 'service', 'retired')), -- NULL where nobody knows any more
    to_stage    TEXT CHECK (to_stage IN ('beta', 'service', 'retired')),            -- the same
    made_way    INTEGER,                        -- for the version that took its place; NULL where it was meant
    note        TEXT    NOT NULL DEFAULT '',
    dry_run     TEXT,                           -- JSON: what came of it, of what was released; NULL without one
    actor       TEXT    NOT NULL CHECK (actor IN ('person', 'program', 'system', 'command')),
    user_id     INTEGER REFERENCES users (id),  -- of a person
    at          INTEGER NOT NULL,
    CHECK ((actor = 'person') = (user_id IS NOT NULL)),
    FOREIGN KEY (template_id, version) REFERENCES template_versions (template_id, version)
) STRICT;

CREATE INDEX template_releases_template ON template_releases (template_id);

-- +goose StatementBegin
CREATE TRIGGER template_releases_stay BEFORE UPDATE ON template_releases
BEGIN
    SELECT RAISE (ABORT, 'what was released is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER template_releases_kept BEFORE DELETE ON template_releases
BEGIN
    SELECT RAISE (ABORT, 'what was released is never forgotten');
END;
-- +goose StatementEnd

INSERT INTO template_releases (template_id, version, to_stage, actor, user_id, at)
SELECT a.subject_id, a.version,
    CASE
        WHEN a.act = 'retire_template' THEN 'retired'
        WHEN v.stage <> 'retired' AND NOT EXISTS (
            SELECT 1 FROM acts b
            WHERE b.subject = 'template' AND b.subject_id = a.subject_id AND b.version = a.version AND b.id > a.id) THEN v.stage
    END,
    a.actor, a.user_id, a.at
FROM acts a JOIN template_versions v ON v.template_id = a.subject_id AND v.version = a.version
WHERE a.subject = 'template' AND a.act IN ('save_template', 'release_template', 'retire_template')
ORDER BY a.id;

-- A draft or version of a template, read over pages of the template that people
-- have finished, beside what was read of them and what people said. Nothing of
-- that counts. There is one a template. It has what it reads by: the draft may
-- change meanwhile.
CREATE TABLE dry_runs (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    template_id INTEGER NOT NULL UNIQUE REFERENCES templates (id),
    version     INTEGER NOT NULL,               -- 0 for the draft
    fingerprint TEXT    NOT NULL,               -- of that, with the lists it named
    definition  TEXT    NOT NULL,               -- as in a template.json
    image       TEXT    NOT NULL,               -- key of a blob
    image_name  TEXT    NOT NULL,
    actor       TEXT    NOT NULL CHECK (actor IN ('person', 'program', 'system', 'command')),
    user_id     INTEGER REFERENCES users (id),  -- of a person
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,                        -- NULL while there is something to do
    stopped     INTEGER NOT NULL DEFAULT 0 CHECK (stopped IN (0, 1)), -- by a person, before its end
    trouble     TEXT    NOT NULL DEFAULT '',    -- as of documents
    waits       INTEGER NOT NULL DEFAULT 0,
    cases       INTEGER NOT NULL DEFAULT 0,     -- by which the template is tested, that were read
    case_values INTEGER NOT NULL DEFAULT 0,     -- of which people said what they hold
    case_right  INTEGER NOT NULL DEFAULT 0,     -- of those
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
) STRICT;

-- The pages of a dry run. They go with the pages.
CREATE TABLE dry_pages (
    run_id    INTEGER NOT NULL REFERENCES dry_runs (id),
    page_id   INTEGER NOT NULL REFERENCES pages (id),
    position  INTEGER NOT NULL,                 -- in the order in which they are read
    state     TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'read', 'lost', 'failed')),
    tries     INTEGER NOT NULL DEFAULT 0,       -- that ended by a fault of the page itself
    taken_for INTEGER REFERENCES templates (id), -- by which a lost one is found; NULL for none
    place     TEXT,                             -- JSON: nine numbers, row by row, template px to page px; NULL where it is not read
    verified  INTEGER NOT NULL DEFAULT 0,       -- values that people accepted or corrected, and that are there in both
    better    INTEGER NOT NULL DEFAULT 0,       -- of those
    worse     INTEGER NOT NULL DEFAULT 0,       -- of those
    other     INTEGER NOT NULL DEFAULT 0,       -- values that nobody verified, and that are read otherwise
    surer     INTEGER NOT NULL DEFAULT 0,       -- values that would no longer come to a person
    doubted   INTEGER NOT NULL DEFAULT 0,       -- values that would newly
    PRIMARY KEY (run_id, page_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX dry_pages_page ON dry_pages (page_id);

-- The values that are read otherwise than before.
CREATE TABLE dry_values (
    run_id  INTEGER NOT NULL,
    page_id INTEGER NOT NULL,
    field   TEXT    NOT NULL,
    verdict TEXT    NOT NULL CHECK (verdict IN ('better', 'worse', 'other')),
    text    TEXT    NOT NULL,                   -- as it is read now
    checked INTEGER NOT NULL CHECK (checked IN (0, 1)),
    PRIMARY KEY (run_id, page_id, field),
    FOREIGN KEY (run_id, page_id) REFERENCES dry_pages (run_id, page_id)
) STRICT, WITHOUT ROWID;

-- The templates of the domain that may be taken for that of a dry run, or it for
-- them. Scores are as those of runs.
CREATE TABLE dry_twins (
    run_id      INTEGER NOT NULL REFERENCES dry_runs (id),
    template_id INTEGER NOT NULL REFERENCES templates (id),
    version     INTEGER NOT NULL,
    own         REAL    NOT NULL,               -- of the picture of the dry run's template, found as itself
    as_other    REAL    NOT NULL,               -- the same, found as the twin
    other       REAL    NOT NULL,               -- of the twin's picture, found as itself
    as_own      REAL    NOT NULL,               -- the same, found as the dry run's template
    filled      INTEGER NOT NULL,               -- pages of the twin that were looked at
    taken       INTEGER NOT NULL,               -- those that would be found as the dry run's template
    PRIMARY KEY (run_id, template_id)
) STRICT, WITHOUT ROWID;

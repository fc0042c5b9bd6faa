-- The schema after all migrations. Written by: go test ./db -run TestSchema -update

CREATE TABLE access (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- without a gap
    at         INTEGER NOT NULL,
    who        TEXT    NOT NULL,                    -- person 5, program 3 (of that domain), system, command, or stranger
    account    TEXT    NOT NULL,                    -- what the person or the domain was called then
    address    TEXT    NOT NULL,                    -- from where; '' for this machine
    act        TEXT    NOT NULL,                    -- view, export_taken, trash, …
    subject    TEXT    NOT NULL,                    -- page, export, user, …; '' for none
    subject_id INTEGER NOT NULL,                    -- which may be gone; 0 for none
    pages      INTEGER NOT NULL,                    -- whose data: how many
    digest     BLOB    NOT NULL,                    -- SHA-256 of access_pages; x'' where there are none
    purpose    TEXT    NOT NULL,
    hash       BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE INDEX access_act ON access (act, at);

CREATE INDEX access_at ON access (at, who, act, pages);

CREATE INDEX access_page ON access (subject_id, at) WHERE subject = 'page';

CREATE INDEX access_who ON access (who, at);

CREATE INDEX access_who_act ON access (who, act, at);

CREATE TRIGGER access_kept BEFORE DELETE ON access
WHEN OLD.at > unixepoch() * 1000 - 365 * 86400000 OR NOT EXISTS (SELECT 1 FROM access_heads WHERE cut = 1 AND row >= OLD.id)
BEGIN
    SELECT RAISE (ABORT, 'what was seen is not forgotten before its time');
END;

CREATE TRIGGER access_stays BEFORE UPDATE ON access
BEGIN
    SELECT RAISE (ABORT, 'what was seen is never changed');
END;

CREATE TABLE access_alarms (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    day     INTEGER NOT NULL,                       -- since 1970, where the machine is
    who     TEXT    NOT NULL,
    account TEXT    NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN ('seen', 'taken')),
    pages   INTEGER NOT NULL,                       -- when it was noticed
    usual   INTEGER NOT NULL,                       -- the median of the person's days
    at      INTEGER NOT NULL,
    user_id INTEGER REFERENCES users (id),          -- who looked into it; NULL for nobody yet
    note    TEXT    NOT NULL DEFAULT '',
    seen_at INTEGER,
    UNIQUE (day, who, kind)
) STRICT;

CREATE INDEX access_alarms_open ON access_alarms (id) WHERE user_id IS NULL;

CREATE TABLE access_heads (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    row       INTEGER NOT NULL,                     -- of access, which has that hash
    hash      BLOB    NOT NULL CHECK (length(hash) = 32),
    at        INTEGER NOT NULL,
    cut       INTEGER NOT NULL CHECK (cut IN (0, 1)),
    key       BLOB    NOT NULL,                     -- public, ed25519
    signature BLOB    NOT NULL
) STRICT;

CREATE INDEX access_heads_row ON access_heads (row);

CREATE TRIGGER access_heads_kept BEFORE DELETE ON access_heads
BEGIN
    SELECT RAISE (ABORT, 'what was signed is never forgotten');
END;

CREATE TRIGGER access_heads_stay BEFORE UPDATE ON access_heads
BEGIN
    SELECT RAISE (ABORT, 'what was signed is never changed');
END;

CREATE TABLE access_pages (
    block     INTEGER NOT NULL,                     -- of 1024 pages by their ids, from 0
    access_id INTEGER NOT NULL,
    bits      BLOB    NOT NULL CHECK (length(bits) = 128),
    PRIMARY KEY (block, access_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX access_pages_of ON access_pages (access_id);

CREATE TRIGGER access_pages_kept BEFORE DELETE ON access_pages
WHEN EXISTS (SELECT 1 FROM access WHERE id = OLD.access_id)
BEGIN
    SELECT RAISE (ABORT, 'what was seen is not forgotten before its time');
END;

CREATE TRIGGER access_pages_stay BEFORE UPDATE ON access_pages
BEGIN
    SELECT RAISE (ABORT, 'what was seen is never changed');
END;

CREATE TABLE access_reports (
    month   TEXT    PRIMARY KEY CHECK (length(month) = 7), -- 2026-11
    report  TEXT    NOT NULL,                       -- JSON
    user_id INTEGER NOT NULL REFERENCES users (id),
    note    TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

CREATE TRIGGER access_reports_kept BEFORE DELETE ON access_reports
BEGIN
    SELECT RAISE (ABORT, 'a report that was signed is never forgotten');
END;

CREATE TRIGGER access_reports_stay BEFORE UPDATE ON access_reports
BEGIN
    SELECT RAISE (ABORT, 'a report that was signed is never changed');
END;

CREATE TABLE access_rules (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    months INTEGER NOT NULL CHECK (months >= 12),
    factor REAL    NOT NULL CHECK (factor > 1),     -- times what is usual for that person
    seen   INTEGER NOT NULL CHECK (seen > 0),       -- pages; fewer are never unusual
    seen_most  INTEGER NOT NULL CHECK (seen_most >= seen), -- more always are
    taken  INTEGER NOT NULL CHECK (taken > 0),      -- pages in files; the same
    taken_most INTEGER NOT NULL CHECK (taken_most >= taken)
) STRICT;

CREATE TABLE acts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL CHECK (actor IN ('person', 'program', 'system', 'command')),
    user_id    INTEGER REFERENCES users (id),   -- of a person
    domain_id  INTEGER REFERENCES domains (id), -- that it concerns; NULL for none, or all
    act        TEXT    NOT NULL,                -- add_user, release_template, …
    subject    TEXT    NOT NULL,                -- user, domain, list, template, submission or page
    subject_id INTEGER,                         -- which may be gone; NULL for all
    version    INTEGER,                         -- of a template; NULL for its draft
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
) STRICT;

CREATE TRIGGER acts_kept BEFORE DELETE ON acts
BEGIN
    SELECT RAISE (ABORT, 'what was done is never forgotten');
END;

CREATE TRIGGER acts_stay BEFORE UPDATE ON acts
BEGIN
    SELECT RAISE (ABORT, 'what was done is never changed');
END;

CREATE TABLE admission (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    idle     INTEGER NOT NULL CHECK (idle > 0),        -- minutes without a sign of the person
    life     INTEGER NOT NULL CHECK (life > 0),        -- minutes from the log-in on, whatever the person does
    networks TEXT    NOT NULL                          -- lines of networks that pages are shown to; empty for all
, factor TEXT NOT NULL DEFAULT '' CHECK (factor IN ('', 'administrators', 'all'))) STRICT;

CREATE TABLE asides (
    page_id INTEGER PRIMARY KEY REFERENCES pages (id),
    kind    TEXT    NOT NULL CHECK (kind IN ('not_a_form', 'rescan', 'later')),
    user_id INTEGER NOT NULL REFERENCES users (id),
    at      INTEGER NOT NULL
) STRICT;

CREATE TABLE assignments (
    page_id     INTEGER PRIMARY KEY REFERENCES pages (id),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    assigned_by INTEGER NOT NULL REFERENCES users (id),
    at          INTEGER NOT NULL
) STRICT;

CREATE TABLE attempts (
    key       BLOB    PRIMARY KEY,
    failed    INTEGER NOT NULL,           -- attempts, less what time has forgiven by failed_at
    failed_at INTEGER NOT NULL,           -- ms since 1970, of the last one
    known_to  INTEGER NOT NULL DEFAULT 0  -- ms since 1970; until then this address is one that has got into this account
) STRICT, WITHOUT ROWID;

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

CREATE TABLE bulk_acts (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id     INTEGER NOT NULL REFERENCES users (id),
    act         TEXT    NOT NULL,
    total       INTEGER NOT NULL,                       -- pages
    done        INTEGER NOT NULL DEFAULT 0,             -- of those
    skipped     INTEGER NOT NULL DEFAULT 0,             -- of those: they are no more, or are being read
    created_at  INTEGER NOT NULL,
    finished_at INTEGER                                 -- NULL while there is something to do
, assignee INTEGER REFERENCES users (id)) STRICT;

CREATE INDEX bulk_acts_open ON bulk_acts (id) WHERE finished_at IS NULL;

CREATE TABLE bulk_pages (
    bulk_id INTEGER NOT NULL REFERENCES bulk_acts (id),
    page_id INTEGER NOT NULL,
    PRIMARY KEY (bulk_id, page_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE calls (
    domain_id INTEGER NOT NULL REFERENCES domains (id),
    month     TEXT    NOT NULL,                         -- 2026-11, where the server is
    n         INTEGER NOT NULL,
    PRIMARY KEY (domain_id, month)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE case_values (
    case_id INTEGER NOT NULL REFERENCES template_cases (id),
    field   TEXT    NOT NULL,                           -- id in all versions of the template
    text    TEXT    NOT NULL,
    checked INTEGER NOT NULL CHECK (checked IN (0, 1)),
    user_id INTEGER NOT NULL REFERENCES users (id),
    at      INTEGER NOT NULL,
    PRIMARY KEY (case_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,          -- in the order in which a person got them
    page_id INTEGER NOT NULL UNIQUE REFERENCES pages (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    ahead   INTEGER NOT NULL CHECK (ahead IN (0, 1)),   -- not open yet: it comes next
    until   INTEGER NOT NULL                            -- ms since 1970, by the clock of the database
) STRICT;

CREATE INDEX claims_until ON claims (until);

CREATE INDEX claims_user ON claims (user_id);

CREATE TABLE "corrections" (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id  INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    field    TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    checked  INTEGER NOT NULL CHECK (checked IN (0, 1)),
    accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)), -- the reading was left as it was
    user_id  INTEGER NOT NULL REFERENCES users (id),
    at       INTEGER NOT NULL, mark TEXT NOT NULL DEFAULT '' CHECK (mark IN ('', 'illegible', 'empty', 'not_applicable', 'withdrawn')), override INTEGER NOT NULL DEFAULT 0 CHECK (override IN (0, 1)),
    FOREIGN KEY (page_id, run, field) REFERENCES "readings" (page_id, run, field)
) STRICT;

CREATE INDEX corrections_value ON corrections (page_id, run, field);

CREATE TRIGGER corrections_due AFTER INSERT ON corrections
BEGIN
    INSERT INTO texts_due VALUES (NEW.page_id) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER corrections_kept BEFORE DELETE ON corrections
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a correction goes only with its page');
END;

CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections
WHEN coalesce((unicode(OLD.text) = 1) = (unicode(NEW.text) = 1), TRUE)
    OR unicode(OLD.text) = 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'opening texts')
    OR (NEW.id, NEW.page_id, NEW.run, NEW.field, NEW.checked, NEW.accepted, NEW.user_id, NEW.at, NEW.mark, NEW.override)
    IS NOT (OLD.id, OLD.page_id, OLD.run, OLD.field, OLD.checked, OLD.accepted, OLD.user_id, OLD.at, OLD.mark, OLD.override)
BEGIN
    SELECT RAISE (ABORT, 'a correction is never changed');
END;

CREATE TRIGGER corrections_tiles AFTER INSERT ON corrections
BEGIN
    DELETE FROM tiles WHERE page_id = NEW.page_id AND field = NEW.field;
END;

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
    at            INTEGER NOT NULL, part INTEGER NOT NULL DEFAULT 0,
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
) STRICT;

CREATE INDEX deletions_document ON deletions (document_id);

CREATE TRIGGER deletions_held BEFORE INSERT ON deletions
WHEN EXISTS (SELECT 1 FROM held x JOIN holds h ON h.id = x.hold_id WHERE x.page = NEW.page_id AND h.lifted_at IS NULL)
    OR EXISTS (SELECT 1 FROM pages p JOIN holds h ON h.template_id = p.template_id WHERE p.id = NEW.page_id AND h.lifted_at IS NULL)
    OR EXISTS (SELECT 1 FROM trash p JOIN holds h ON h.template_id = p.template_id WHERE p.page_id = NEW.page_id AND h.lifted_at IS NULL)
BEGIN
    SELECT RAISE (ABORT, 'the page is held');
END;

CREATE TRIGGER deletions_kept BEFORE DELETE ON deletions
BEGIN
    SELECT RAISE (ABORT, 'a deletion is never forgotten');
END;

CREATE TRIGGER deletions_keys AFTER INSERT ON deletions
BEGIN
    INSERT OR IGNORE INTO keys_due (name) VALUES ('page ' || NEW.uid);
END;

CREATE TRIGGER deletions_stay BEFORE UPDATE ON deletions
BEGIN
    SELECT RAISE (ABORT, 'a deletion is never changed');
END;

CREATE TABLE destroyed_blobs (
    destruction_id INTEGER NOT NULL REFERENCES destructions (id),
    key            TEXT    NOT NULL,                    -- of a blob that nobody may refer to any more
    PRIMARY KEY (destruction_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE destroyed_keys (
    destruction_id INTEGER PRIMARY KEY REFERENCES destructions (id),
    since          INTEGER NOT NULL,                    -- ms since 1970, when all blobs were encrypted: backups made since then cannot be read for it
    at             INTEGER                              -- NULL while there are keys
) STRICT;

CREATE TABLE destroyed_pages (
    destruction_id INTEGER NOT NULL REFERENCES destructions (id),
    page           INTEGER NOT NULL,                -- its id, which nothing has again
    uid            TEXT    NOT NULL,                -- what the API called it
    PRIMARY KEY (destruction_id, page)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER destroyed_pages_kept BEFORE DELETE ON destroyed_pages
BEGIN
    SELECT RAISE (ABORT, 'a certificate is never forgotten');
END;

CREATE TRIGGER destroyed_pages_stay BEFORE UPDATE ON destroyed_pages
BEGIN
    SELECT RAISE (ABORT, 'a certificate is never changed');
END;

CREATE TABLE destructions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    template_id INTEGER NOT NULL,                   -- 0 for none
    template    TEXT    NOT NULL,                   -- its name then
    state       TEXT    NOT NULL,
    since       TEXT    NOT NULL,
    days        INTEGER NOT NULL,
    began_at    INTEGER NOT NULL,
    ended_at    INTEGER,                            -- NULL while there is more
    pages       INTEGER NOT NULL DEFAULT 0,
    digest      BLOB    NOT NULL DEFAULT x''        -- SHA-256 of the list of pages, once it ended
) STRICT;

CREATE TRIGGER destructions_kept BEFORE DELETE ON destructions
BEGIN
    SELECT RAISE (ABORT, 'a certificate is never forgotten');
END;

CREATE TRIGGER destructions_stay BEFORE UPDATE ON destructions WHEN OLD.ended_at IS NOT NULL
BEGIN
    SELECT RAISE (ABORT, 'a certificate is never changed');
END;

CREATE VIRTUAL TABLE document_names USING fts5 (
    parts, content = 'document_parts', content_rowid = 'id', detail = none, columnsize = 0, prefix = '1 2',
    tokenize = "ascii tokenchars ' !""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);

CREATE VIEW document_parts AS
SELECT id, (
    WITH RECURSIVE place (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM place WHERE i < length(name))
    SELECT group_concat(substr(name, i, 3), char(10)) FROM place) AS parts
FROM documents;

CREATE TABLE documents (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    submission_id INTEGER NOT NULL REFERENCES submissions (id),
    domain_id     INTEGER NOT NULL REFERENCES domains (id),
    name          TEXT    NOT NULL,                     -- as uploaded
    blob          TEXT    NOT NULL,                     -- key of a blob
    size          INTEGER NOT NULL,                     -- bytes
    created_at    INTEGER NOT NULL,
    finished_at   INTEGER                               -- when its last page had been found; NULL before
, pages INTEGER CHECK (pages >= 1), trouble TEXT NOT NULL DEFAULT '', waits INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX documents_blob ON documents (blob);

CREATE INDEX documents_open ON documents (id) WHERE finished_at IS NULL;

CREATE INDEX documents_submission ON documents (submission_id);

CREATE TRIGGER documents_added AFTER INSERT ON documents
BEGIN
    INSERT INTO received (hour, first, last) VALUES (NEW.created_at / 3600000, NEW.id, NEW.id)
    ON CONFLICT (hour) DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last);
    INSERT INTO document_names (rowid, parts) SELECT id, parts FROM document_parts WHERE id = NEW.id;
    UPDATE submissions SET documents = documents + 1, open = open + (NEW.finished_at IS NULL) WHERE id = NEW.submission_id;
END;

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

CREATE TRIGGER documents_finished AFTER UPDATE OF finished_at ON documents
WHEN (NEW.finished_at IS NULL) <> (OLD.finished_at IS NULL)
BEGIN
    UPDATE submissions SET
        open = open + (NEW.finished_at IS NULL) - (OLD.finished_at IS NULL),
        revision = revision + 1
    WHERE id = NEW.submission_id;
END;

CREATE TABLE domains (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    languages  TEXT    NOT NULL,                        -- separated by commas
    hash       TEXT    NOT NULL UNIQUE CHECK (length(hash) = 64),
    catalog    INTEGER NOT NULL DEFAULT 1,              -- revision of its templates: every change of one raises it
    created_at INTEGER NOT NULL
, tables INTEGER NOT NULL DEFAULT 0 CHECK (tables IN (0, 1)), fetch_urls INTEGER NOT NULL DEFAULT 0 CHECK (fetch_urls IN (0, 1)), together INTEGER NOT NULL DEFAULT 0 CHECK (together >= 0), quota INTEGER NOT NULL DEFAULT 0 CHECK (quota >= 0), webhook TEXT NOT NULL DEFAULT '', signing_key TEXT NOT NULL DEFAULT '', cells INTEGER NOT NULL DEFAULT 0 CHECK (cells IN (0, 1)), beta INTEGER NOT NULL DEFAULT 0 CHECK (beta IN (0, 1)), illegible TEXT NOT NULL DEFAULT '●', per_minute INTEGER NOT NULL DEFAULT 0 CHECK (per_minute >= 0)) STRICT;

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

CREATE TRIGGER entries_kept BEFORE DELETE ON entries
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'what was keyed goes only with its page');
END;

CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
WHEN coalesce((unicode(OLD.text) = 1) = (unicode(NEW.text) = 1), TRUE)
    OR unicode(OLD.text) = 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'opening texts')
    OR (NEW.id, NEW.page_id, NEW.run, NEW.field, NEW.third, NEW.checked, NEW.mark, NEW.user_id, NEW.at)
    IS NOT (OLD.id, OLD.page_id, OLD.run, OLD.field, OLD.third, OLD.checked, OLD.mark, OLD.user_id, OLD.at)
BEGIN
    SELECT RAISE (ABORT, 'what was keyed is never changed');
END;

CREATE TABLE exported_pages (
    page_id   INTEGER NOT NULL REFERENCES pages (id),
    export_id INTEGER NOT NULL,                     -- which may be gone, for a page that comes out of the trash
    run       INTEGER NOT NULL,
    said      INTEGER NOT NULL,                     -- newest correction that counted; 0 for none
    PRIMARY KEY (page_id, export_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX exported_pages_export ON exported_pages (export_id);

CREATE TABLE "exports" (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id  INTEGER REFERENCES "profiles" (id) ON DELETE CASCADE, -- NULL for none
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL REFERENCES templates (id),
    export      TEXT    NOT NULL,                   -- JSON, as it was then
    sealed      BLOB    NOT NULL DEFAULT x'',       -- until the file is made
    folder      TEXT    NOT NULL DEFAULT '',        -- where the file goes; '' to be kept here
    due_at      INTEGER,                            -- of a schedule
    actor       TEXT    NOT NULL CHECK (actor IN ('person', 'program', 'system', 'command')),
    user_id     INTEGER REFERENCES users (id),      -- of a person
    state       TEXT    NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'written', 'done', 'failed', 'gone')),
    failure     TEXT    NOT NULL DEFAULT '',        -- why there is no file, or for now
    name        TEXT    NOT NULL DEFAULT '',        -- of the file
    blob        TEXT    NOT NULL DEFAULT '',        -- key of a blob: the file, while it is kept here
    size        INTEGER NOT NULL DEFAULT 0,         -- bytes
    pages       INTEGER NOT NULL DEFAULT 0,         -- that were written
    misfits     TEXT    NOT NULL DEFAULT '{}',      -- JSON: what the file could not hold
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    heard_at    INTEGER,                            -- when who makes it at the command line was last heard of
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
) STRICT;

CREATE INDEX exports_blob ON exports (blob) WHERE blob <> '';

CREATE INDEX exports_open ON exports (id) WHERE state IN ('waiting', 'running', 'written');

CREATE INDEX exports_profile ON exports (profile_id);

CREATE INDEX exports_template ON exports (template_id);

CREATE TABLE factors (
    user_id      INTEGER PRIMARY KEY REFERENCES users (id),
    secret       BLOB    NOT NULL,            -- sealed by login.key, beside the database
    confirmed_at INTEGER,                     -- ms since 1970; NULL while it is being set up
    step         INTEGER NOT NULL DEFAULT 0   -- period of the last code that was taken: each is good once
) STRICT;

CREATE VIEW gone AS
SELECT page_id, uid, document_id, number, part, submission_id, domain_id FROM deletions
UNION ALL
SELECT page_id, uid, document_id, number, part, submission_id, domain_id FROM trash;

CREATE TABLE grants (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    user_id   INTEGER NOT NULL REFERENCES users (id), -- whose role it is
    domain_id INTEGER NOT NULL,                       -- 0 for all
    role      TEXT    NOT NULL,
    given     INTEGER NOT NULL CHECK (given IN (0, 1)), -- 0: taken
    actor     TEXT    NOT NULL CHECK (actor IN ('person', 'system', 'command')),
    by_user   INTEGER REFERENCES users (id),          -- of a person
    CHECK ((actor = 'person') = (by_user IS NOT NULL))
) STRICT;

CREATE INDEX grants_user ON grants (user_id, id);

CREATE TRIGGER grants_kept BEFORE DELETE ON grants
WHEN OLD.at > (unixepoch() - 3 * 366 * 86400) * 1000
BEGIN
    SELECT RAISE (ABORT, 'who gave and took roles is kept for three years');
END;

CREATE TRIGGER grants_unchanged BEFORE UPDATE ON grants
BEGIN
    SELECT RAISE (ABORT, 'who gave and took roles is never changed');
END;

CREATE TABLE held (
    page    INTEGER NOT NULL,                       -- its id
    hold_id INTEGER NOT NULL REFERENCES holds (id),
    PRIMARY KEY (page, hold_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX held_of ON held (hold_id);

CREATE TABLE holds (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    template_id INTEGER REFERENCES templates (id),  -- NULL for the pages of held
    reason      TEXT    NOT NULL CHECK (reason <> ''),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    at          INTEGER NOT NULL,
    lifted_by   INTEGER REFERENCES users (id),
    lifted_at   INTEGER,
    lifted_why  TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX holds_template ON holds (template_id) WHERE lifted_at IS NULL;

CREATE TRIGGER holds_kept BEFORE DELETE ON holds
BEGIN
    SELECT RAISE (ABORT, 'a hold is lifted, and never forgotten');
END;

CREATE TABLE inbox_files (
    token         TEXT    PRIMARY KEY,                                      -- of where it lies until it is done
    submission_id INTEGER REFERENCES submissions (id) ON DELETE SET NULL,   -- NULL once somebody has deleted it
    size          INTEGER NOT NULL,                                         -- bytes that were read
    ended_at      INTEGER                                                   -- when it was moved on; NULL before
) STRICT, WITHOUT ROWID;

CREATE INDEX inbox_files_ended ON inbox_files (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX inbox_files_submission ON inbox_files (submission_id);

CREATE TABLE keys_due (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    name   TEXT    PRIMARY KEY,
    number INTEGER NOT NULL,    -- of the process that has it
    holder TEXT    NOT NULL,    -- for people: machine and process
    shown  INTEGER NOT NULL CHECK (shown IN (0, 1)), -- a file is locked as long as that lives
    until  INTEGER NOT NULL     -- ms since 1970, by the clock of the database
) STRICT;

CREATE TABLE lists (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id  INTEGER NOT NULL REFERENCES domains (id),
    name       TEXT    NOT NULL,
    n          INTEGER NOT NULL CHECK (n > 0), -- values
    list       TEXT    NOT NULL,               -- the values, one a line
    updated_at INTEGER NOT NULL,
    UNIQUE (domain_id, name)
) STRICT;

CREATE TABLE loose_blobs (
    key     TEXT    PRIMARY KEY,
    look_at INTEGER NOT NULL DEFAULT 0                  -- ms since 1970, before which not
) STRICT, WITHOUT ROWID;

CREATE INDEX loose_blobs_look ON loose_blobs (look_at);

CREATE TABLE margins (
    page_id     INTEGER NOT NULL,
    place       INTEGER NOT NULL CHECK (place > 0),     -- of the page, from 1, in the order in which they were found
    run         INTEGER NOT NULL,                       -- in which it was found
    corners     TEXT    NOT NULL,                       -- JSON, page px
    domain_id   INTEGER NOT NULL REFERENCES domains (id), -- of the page, for the index
    template_id INTEGER NOT NULL REFERENCES templates (id), -- of the run, for the index
    answer      TEXT    NOT NULL DEFAULT '' CHECK (answer IN ('', 'note', 'nothing')),
    user_id     INTEGER REFERENCES users (id),
    at          INTEGER,
    PRIMARY KEY (page_id, place),
    FOREIGN KEY (page_id, run) REFERENCES runs (page_id, number),
    CHECK ((answer = '') = (user_id IS NULL) AND (answer = '') = (at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX margins_domain ON margins (domain_id, page_id, place) WHERE answer = '';

CREATE INDEX margins_open ON margins (page_id, place) WHERE answer = '';

CREATE INDEX margins_template ON margins (template_id, page_id, place) WHERE answer = '';

CREATE TABLE notes (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    at      INTEGER NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE INDEX notes_page ON notes (page_id);

CREATE TABLE notices (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id    INTEGER NOT NULL REFERENCES pages (id),
    state      TEXT    NOT NULL CHECK (state IN ('review', 'done', 'unmatched', 'failed')),
    queued     INTEGER NOT NULL DEFAULT 0 CHECK (queued IN (0, 1)), -- there is a job that delivers it
    created_at INTEGER NOT NULL
, corrected INTEGER NOT NULL DEFAULT 0 CHECK (corrected IN (0, 1))) STRICT;

CREATE INDEX notices_new ON notices (page_id) WHERE queued = 0;

CREATE INDEX notices_page ON notices (page_id);

CREATE TABLE page_counts (
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL,                       -- 0 without
    state       TEXT    NOT NULL,
    n           INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (domain_id, template_id, state)
) STRICT, WITHOUT ROWID;

CREATE VIEW page_parts AS
SELECT spot, marks || char(10) || (
    WITH RECURSIVE place (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM place WHERE i < length(text))
    SELECT group_concat(substr(text, i, 3), char(10)) FROM place) AS parts
FROM page_texts;

CREATE TABLE page_texts (
    spot    INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL UNIQUE REFERENCES pages (id),
    marks   TEXT    NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE TRIGGER page_texts_added AFTER INSERT ON page_texts
BEGIN
    INSERT INTO page_words (rowid, parts) SELECT spot, parts FROM page_parts WHERE spot = NEW.spot;
END;

CREATE TRIGGER page_texts_deleted BEFORE DELETE ON page_texts
BEGIN
    INSERT INTO page_words (page_words, rowid, parts) SELECT 'delete', spot, parts FROM page_parts WHERE spot = OLD.spot;
END;

CREATE TRIGGER page_texts_stay BEFORE UPDATE ON page_texts
BEGIN
    SELECT RAISE (ABORT, 'it is deleted and added, so that the index knows what it had');
END;

CREATE VIRTUAL TABLE page_words USING fts5 (
    parts, content = 'page_parts', content_rowid = 'spot', detail = none, columnsize = 0, prefix = '1 2',
    tokenize = "ascii tokenchars ' !""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);

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
    revision    INTEGER NOT NULL DEFAULT 0, awaiting INTEGER NOT NULL DEFAULT 0,               -- of the submission, with its last change that people see
    UNIQUE (document_id, number, part),
    CHECK ((part = 0) = (region IS NULL)),
    FOREIGN KEY (template_id, version) REFERENCES template_versions (template_id, version)
) STRICT;

CREATE INDEX pages_awaiting ON pages (domain_id, id) WHERE awaiting > 0 AND state = 'review';

CREATE INDEX pages_domain_state ON pages (domain_id, state, document_id, number, part);

CREATE INDEX pages_finished ON pages (template_id, state, finished_at) WHERE finished_at IS NOT NULL;

CREATE INDEX pages_state ON pages (state, document_id, number, part);

CREATE INDEX pages_template_state ON pages (template_id, state, document_id, number, part);

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

CREATE TRIGGER pages_due AFTER INSERT ON pages
BEGIN
    INSERT INTO texts_due VALUES (NEW.id) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER pages_due_again AFTER UPDATE OF state, run, template_id, said_from ON pages
WHEN NEW.state <> OLD.state OR NEW.run <> OLD.run OR NEW.template_id IS DISTINCT FROM OLD.template_id OR NEW.said_from <> OLD.said_from
BEGIN
    INSERT INTO texts_due VALUES (NEW.id) ON CONFLICT DO NOTHING;
END;

CREATE TRIGGER pages_finished AFTER UPDATE OF state ON pages
WHEN NEW.state = 'done' AND OLD.state = 'review'
BEGIN
    INSERT INTO tallies (user_id, quarter, template_id, n)
    SELECT user_id, NEW.updated_at / 900000, coalesce(NEW.template_id, 0), 1 FROM corrections
    WHERE page_id = NEW.id AND run >= NEW.said_from ORDER BY id DESC LIMIT 1
    ON CONFLICT (user_id, quarter, template_id) DO UPDATE SET n = n + 1;
    DELETE FROM tallies WHERE quarter < NEW.updated_at / 900000 - 672 AND user_id = (
        SELECT user_id FROM corrections WHERE page_id = NEW.id AND run >= NEW.said_from ORDER BY id DESC LIMIT 1);
END;

CREATE TRIGGER pages_kept BEFORE DELETE ON pages
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.id)
BEGIN
    SELECT RAISE (ABORT, 'who deletes a page must be known');
END;

CREATE TRIGGER pages_moved AFTER UPDATE OF state, template_id ON pages
WHEN NEW.state <> OLD.state OR NEW.template_id IS DISTINCT FROM OLD.template_id
BEGIN
    UPDATE page_counts SET n = n - 1
    WHERE domain_id = OLD.domain_id AND template_id = coalesce(OLD.template_id, 0) AND state = OLD.state;
    INSERT INTO page_counts (domain_id, template_id, state, n) VALUES (NEW.domain_id, coalesce(NEW.template_id, 0), NEW.state, 1)
    ON CONFLICT (domain_id, template_id, state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER pages_queued AFTER UPDATE OF state, template_id, doubtful, awaiting, run, said_from ON pages
WHEN NEW.state IN ('review', 'unmatched', 'failed')
BEGIN
    INSERT INTO queue (page_id, domain_id, template_id, state, second, aside, assigned, document_id, number, part, worst, quick)
    SELECT
        NEW.id, NEW.domain_id, coalesce(NEW.template_id, 0), NEW.state, NEW.state = 'review' AND NEW.awaiting > 0 AND NEW.doubtful <= NEW.awaiting,
        coalesce((SELECT kind FROM asides WHERE page_id = NEW.id), ''),
        coalesce((SELECT user_id FROM assignments WHERE page_id = NEW.id), 0),
        NEW.document_id, NEW.number, NEW.part,
        CASE NEW.state WHEN 'review' THEN -total(wrong) ELSE -1000.0 END,
        CASE NEW.state WHEN 'review' THEN -total(wrong) / (2 + total(1.2 + wrong * (2 + 0.25 * length))) ELSE 0.0 END
    FROM (
        SELECT 1 - r.confidence AS wrong, iif(unicode(r.text) = 1, (length(r.text) - 1) * 3 / 4 - 56, length(r.text)) AS length FROM readings r
        WHERE r.page_id = NEW.id AND r.run = NEW.run AND r.reasons <> '' AND r.field <> '#title' AND NEW.state = 'review'
        AND NOT coalesce((
            SELECT c.mark <> 'withdrawn' FROM corrections c
            WHERE c.page_id = NEW.id AND c.run >= NEW.said_from AND c.field = r.field
            ORDER BY c.id DESC LIMIT 1), FALSE)) AS doubted
    WHERE true
    ON CONFLICT (page_id) DO UPDATE SET
        template_id = excluded.template_id, state = excluded.state, second = excluded.second, worst = excluded.worst, quick = excluded.quick;
END;

CREATE TRIGGER pages_stay_held AFTER UPDATE OF template_id ON pages WHEN OLD.template_id IS NOT NEW.template_id
BEGIN
    INSERT OR IGNORE INTO held (page, hold_id)
    SELECT OLD.id, id FROM holds WHERE template_id = OLD.template_id AND lifted_at IS NULL;
END;

CREATE TRIGGER pages_tell AFTER UPDATE OF state ON pages
WHEN NEW.state <> OLD.state AND NEW.state IN ('review', 'done', 'unmatched', 'failed')
BEGIN
    INSERT INTO notices (page_id, state, created_at)
    SELECT NEW.id, NEW.state, NEW.updated_at FROM domains WHERE id = NEW.domain_id AND webhook <> '';
END;

CREATE TRIGGER pages_unqueued AFTER UPDATE OF state ON pages
WHEN NEW.state NOT IN ('review', 'unmatched', 'failed') AND OLD.state IN ('review', 'unmatched', 'failed')
BEGIN
    DELETE FROM queue WHERE page_id = NEW.id;
    DELETE FROM asides WHERE page_id = NEW.id;
    DELETE FROM passed WHERE page_id = NEW.id;
    DELETE FROM claims WHERE page_id = NEW.id AND NEW.state = 'done';
    DELETE FROM assignments WHERE page_id = NEW.id AND NEW.state = 'done';
END;

CREATE TABLE passed (
    user_id INTEGER NOT NULL REFERENCES users (id),
    page_id INTEGER NOT NULL REFERENCES pages (id),
    at      INTEGER NOT NULL,
    PRIMARY KEY (user_id, page_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX passed_page ON passed (page_id);

CREATE VIEW personal_parts AS
SELECT spot, marks || char(10) || (
    WITH RECURSIVE place (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM place WHERE i < length(text))
    SELECT group_concat(substr(text, i, 3), char(10)) FROM place) AS parts
FROM personal_texts;

CREATE TABLE personal_texts (
    spot    INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL UNIQUE REFERENCES pages (id),
    marks   TEXT    NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE TRIGGER personal_texts_added AFTER INSERT ON personal_texts
BEGIN
    INSERT INTO personal_words (rowid, parts) SELECT spot, parts FROM personal_parts WHERE spot = NEW.spot;
END;

CREATE TRIGGER personal_texts_deleted BEFORE DELETE ON personal_texts
BEGIN
    INSERT INTO personal_words (personal_words, rowid, parts) SELECT 'delete', spot, parts FROM personal_parts WHERE spot = OLD.spot;
END;

CREATE TRIGGER personal_texts_stay BEFORE UPDATE ON personal_texts
BEGIN
    SELECT RAISE (ABORT, 'it is deleted and added, so that the index knows what it had');
END;

CREATE VIRTUAL TABLE personal_words USING fts5 (
    parts, content = 'personal_parts', content_rowid = 'spot', detail = none, columnsize = 0, prefix = '1 2',
    tokenize = "ascii tokenchars ' !""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);

CREATE TABLE probe_counts (
    day         INTEGER NOT NULL,                           -- since 1970
    template_id INTEGER NOT NULL REFERENCES templates (id),
    caught      INTEGER NOT NULL DEFAULT 0,
    missed      INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, template_id)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE "profiles" (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL REFERENCES templates (id),
    name        TEXT    NOT NULL,
    export      TEXT    NOT NULL,                   -- JSON: what is written, and how
    schedule    TEXT    NOT NULL DEFAULT '{}',      -- JSON
    sealed      BLOB    NOT NULL DEFAULT x'',       -- the password of its files, which a key beside the database opens
    next_at     INTEGER,                            -- when its next file is to be made; NULL for never
    user_id     INTEGER REFERENCES users (id),      -- who saved it last; NULL for no person
    updated_at  INTEGER NOT NULL,
    UNIQUE (domain_id, name)
) STRICT;

CREATE INDEX profiles_next ON profiles (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE queue (
    page_id     INTEGER PRIMARY KEY REFERENCES pages (id),
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL,                       -- 0 without
    state       TEXT    NOT NULL CHECK (state IN ('review', 'unmatched', 'failed')),
    second      INTEGER NOT NULL DEFAULT 0 CHECK (second IN (0, 1)), -- what is left waits for another person than who keyed it first
    aside       TEXT    NOT NULL DEFAULT '',            -- as of asides; '' where it is not set aside
    assigned    INTEGER NOT NULL DEFAULT 0,             -- to that user; 0 for nobody
    document_id INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    part        INTEGER NOT NULL,
    worst       REAL    NOT NULL,                       -- wrong values expected among those to look at, negative: the first has most
    quick       REAL    NOT NULL,                       -- wrong values put right in a second of a person's time, negative
    lane        TEXT    NOT NULL GENERATED ALWAYS AS (CASE WHEN aside <> '' THEN aside WHEN second THEN 'second' ELSE state END) STORED
) STRICT;

CREATE INDEX queue_domain_oldest ON queue (domain_id, lane, assigned, document_id, number, part);

CREATE INDEX queue_domain_quick ON queue (domain_id, lane, assigned, quick, document_id, number, part);

CREATE INDEX queue_domain_worst ON queue (domain_id, lane, assigned, worst, document_id, number, part);

CREATE INDEX queue_oldest ON queue (lane, assigned, document_id, number, part);

CREATE INDEX queue_quick ON queue (lane, assigned, quick, document_id, number, part);

CREATE INDEX queue_template_oldest ON queue (template_id, lane, assigned, document_id, number, part);

CREATE INDEX queue_template_quick ON queue (template_id, lane, assigned, quick, document_id, number, part);

CREATE INDEX queue_template_worst ON queue (template_id, lane, assigned, worst, document_id, number, part);

CREATE INDEX queue_worst ON queue (lane, assigned, worst, document_id, number, part);

CREATE TRIGGER queue_added AFTER INSERT ON queue
BEGIN
    INSERT INTO queue_counts (domain_id, template_id, lane, assigned, n) VALUES (NEW.domain_id, NEW.template_id, NEW.lane, NEW.assigned, 1)
    ON CONFLICT (domain_id, template_id, lane, assigned) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER queue_moved AFTER UPDATE OF template_id, state, second, aside, assigned ON queue
WHEN NEW.template_id <> OLD.template_id OR NEW.lane <> OLD.lane OR NEW.assigned <> OLD.assigned
BEGIN
    UPDATE queue_counts SET n = n - 1
    WHERE domain_id = OLD.domain_id AND template_id = OLD.template_id AND lane = OLD.lane AND assigned = OLD.assigned;
    INSERT INTO queue_counts (domain_id, template_id, lane, assigned, n) VALUES (NEW.domain_id, NEW.template_id, NEW.lane, NEW.assigned, 1)
    ON CONFLICT (domain_id, template_id, lane, assigned) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER queue_removed AFTER DELETE ON queue
BEGIN
    UPDATE queue_counts SET n = n - 1
    WHERE domain_id = OLD.domain_id AND template_id = OLD.template_id AND lane = OLD.lane AND assigned = OLD.assigned;
END;

CREATE TABLE queue_counts (
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL,                       -- 0 without
    lane        TEXT    NOT NULL,
    assigned    INTEGER NOT NULL,
    n           INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (domain_id, template_id, lane, assigned)
) STRICT, WITHOUT ROWID;

CREATE TABLE "reading_details" (
    page_id INTEGER NOT NULL,
    run     INTEGER NOT NULL,
    field   TEXT    NOT NULL,
    detail  TEXT    NOT NULL,                           -- JSON: where, words, alternatives
    PRIMARY KEY (page_id, run, field),
    FOREIGN KEY (page_id, run, field) REFERENCES "readings" (page_id, run, field)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER reading_details_kept BEFORE DELETE ON reading_details
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a reading goes only with its page');
END;

CREATE TRIGGER reading_details_stay BEFORE UPDATE ON reading_details
WHEN coalesce((unicode(OLD.detail) = 1) = (unicode(NEW.detail) = 1), TRUE)
    OR unicode(OLD.detail) = 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'opening texts')
    OR (NEW.page_id, NEW.run, NEW.field)
    IS NOT (OLD.page_id, OLD.run, OLD.field)
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;

CREATE TABLE "readings" (
    page_id    INTEGER NOT NULL,
    run        INTEGER NOT NULL,
    field      TEXT    NOT NULL,                        -- id in all versions of the template
    text       TEXT    NOT NULL,
    checked    INTEGER NOT NULL CHECK (checked IN (0, 1)),
    confidence REAL    NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    reasons    TEXT    NOT NULL,                        -- separated by spaces; not empty where it is doubtful
    engine     TEXT    NOT NULL,
    PRIMARY KEY (page_id, run, field),
    FOREIGN KEY (page_id, run) REFERENCES runs (page_id, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER readings_kept BEFORE DELETE ON readings
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a reading goes only with its page');
END;

CREATE TRIGGER readings_stay BEFORE UPDATE ON readings
WHEN coalesce((unicode(OLD.text) = 1) = (unicode(NEW.text) = 1), TRUE)
    OR unicode(OLD.text) = 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'opening texts')
    OR (NEW.page_id, NEW.run, NEW.field, NEW.checked, NEW.confidence, NEW.reasons, NEW.engine)
    IS NOT (OLD.page_id, OLD.run, OLD.field, OLD.checked, OLD.confidence, OLD.reasons, OLD.engine)
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;

CREATE TABLE received (
    hour  INTEGER PRIMARY KEY,                          -- since 1970, UTC
    first INTEGER NOT NULL REFERENCES documents (id),
    last  INTEGER NOT NULL REFERENCES documents (id)
) STRICT;

CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL REFERENCES users (id),
    hash    BLOB    NOT NULL,
    used_at INTEGER,                          -- NULL while it is good
    PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE reopenings (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id   INTEGER NOT NULL REFERENCES pages (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    note      TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    closed_at INTEGER,                                  -- NULL while it is open
    closed_by INTEGER REFERENCES users (id)             -- NULL also where the page was read again
) STRICT;

CREATE UNIQUE INDEX reopenings_open ON reopenings (page_id) WHERE closed_at IS NULL;

CREATE INDEX reopenings_page ON reopenings (page_id);

CREATE TABLE request_keys (
    domain_id     INTEGER NOT NULL REFERENCES domains (id),
    key           TEXT    NOT NULL,                     -- chosen by the client
    request       TEXT    NOT NULL,                     -- SHA-256 of what was asked, in hexadecimal
    submission_id INTEGER NOT NULL REFERENCES submissions (id),
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (domain_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX request_keys_created ON request_keys (created_at);

CREATE INDEX request_keys_submission ON request_keys (submission_id);

CREATE TABLE retention (
    template_id INTEGER NOT NULL,                   -- 0 for pages without one
    state       TEXT    NOT NULL CHECK (state IN ('review', 'done', 'unmatched', 'failed')),
    since       TEXT    NOT NULL CHECK (since IN ('received', 'finished')),
    days        INTEGER NOT NULL CHECK (days BETWEEN 1 AND 36500),
    PRIMARY KEY (template_id, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE roles (
    user_id   INTEGER NOT NULL REFERENCES users (id),
    domain_id INTEGER NOT NULL,
    role      TEXT    NOT NULL CHECK (role IN ('administrator', 'maker', 'reviewer', 'second', 'exporter', 'reader')),
    PRIMARY KEY (user_id, domain_id, role)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX runs_apart ON runs (page_id) WHERE finished_at IS NULL AND why IN ('again', 'by_hand');

CREATE INDEX runs_image ON runs (image);

CREATE UNIQUE INDEX runs_open ON runs (page_id) WHERE finished_at IS NULL;

CREATE TRIGGER runs_kept BEFORE DELETE ON runs
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE page_id = OLD.page_id) AND NOT EXISTS (SELECT 1 FROM trash WHERE page_id = OLD.page_id)
BEGIN
    SELECT RAISE (ABORT, 'a run goes only with its page');
END;

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

CREATE TABLE secrets (
    hash       TEXT    PRIMARY KEY,                     -- SHA-256 of the secret, which is random
    domain_id  INTEGER NOT NULL REFERENCES domains (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER                                  -- NULL for never
) STRICT;

CREATE INDEX secrets_domain ON secrets (domain_id);

CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES users (id),
    token        BLOB    NOT NULL UNIQUE,              -- SHA-256 of the secret
    former       BLOB,                                 -- the same of the one before; NULL for none
    former_until INTEGER NOT NULL DEFAULT 0,
    stale        INTEGER NOT NULL DEFAULT 0 CHECK (stale IN (0, 1)), -- the secret is to be exchanged
    began_at     INTEGER NOT NULL,
    used_at      INTEGER NOT NULL,                     -- by a person, to the minute
    address      TEXT    NOT NULL,                     -- last seen
    browser      TEXT    NOT NULL                      -- as it says of itself
, vouched INTEGER NOT NULL DEFAULT 0 CHECK (vouched IN (0, 1))) STRICT;

CREATE INDEX sessions_former ON sessions (former) WHERE former IS NOT NULL;

CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE snippets (
    page_id INTEGER NOT NULL,
    run     INTEGER NOT NULL,
    field   TEXT    NOT NULL,
    place   INTEGER NOT NULL CHECK (place >= 0),        -- as of tiles
    blob    TEXT    NOT NULL,                           -- key of a blob
    start   INTEGER NOT NULL,                           -- bytes
    size    INTEGER NOT NULL,                           -- bytes
    PRIMARY KEY (page_id, run, field, place),
    FOREIGN KEY (page_id, run) REFERENCES runs (page_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX snippets_blob ON snippets (blob);

CREATE TABLE submissions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id  INTEGER NOT NULL REFERENCES domains (id),
    user_id    INTEGER REFERENCES users (id),           -- NULL for the API
    templates  TEXT    NOT NULL,                        -- JSON: the only ones to look for; [] for all in service
    created_at INTEGER NOT NULL
, documents INTEGER NOT NULL DEFAULT 0, open      INTEGER NOT NULL DEFAULT 0, waiting   INTEGER NOT NULL DEFAULT 0, reading   INTEGER NOT NULL DEFAULT 0, review    INTEGER NOT NULL DEFAULT 0, done      INTEGER NOT NULL DEFAULT 0, unmatched INTEGER NOT NULL DEFAULT 0, failed    INTEGER NOT NULL DEFAULT 0, revision  INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX submissions_domain ON submissions (domain_id);

CREATE INDEX submissions_uploads ON submissions (id) WHERE user_id IS NOT NULL;

CREATE TABLE tallies (
    user_id     INTEGER NOT NULL REFERENCES users (id),
    quarter     INTEGER NOT NULL,                       -- of an hour, since 1970
    template_id INTEGER NOT NULL,                       -- 0 without
    n           INTEGER NOT NULL,
    PRIMARY KEY (user_id, quarter, template_id)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX template_cases_blob ON template_cases (blob);

CREATE INDEX template_cases_template ON template_cases (template_id);

CREATE TRIGGER template_cases_keys AFTER DELETE ON template_cases
BEGIN
    INSERT OR IGNORE INTO keys_due (name) VALUES ('case ' || OLD.id);
END;

CREATE TABLE template_drafts (
    template_id INTEGER PRIMARY KEY REFERENCES templates (id),
    definition  TEXT    NOT NULL, -- as in a template.json
    image       TEXT    NOT NULL, -- key of a blob
    image_name  TEXT    NOT NULL,
    updated_at  INTEGER NOT NULL
, revision INTEGER NOT NULL DEFAULT 0, changed_by INTEGER REFERENCES users (id), suggested TEXT NOT NULL DEFAULT '') STRICT;

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

CREATE TRIGGER template_releases_kept BEFORE DELETE ON template_releases
BEGIN
    SELECT RAISE (ABORT, 'what was released is never forgotten');
END;

CREATE TRIGGER template_releases_stay BEFORE UPDATE ON template_releases
BEGIN
    SELECT RAISE (ABORT, 'what was released is never changed');
END;

CREATE TABLE template_versions (
    template_id INTEGER NOT NULL REFERENCES templates (id),
    version     INTEGER NOT NULL CHECK (version >= 1),
    definition  TEXT    NOT NULL,                       -- as in a template.json
    image       TEXT    NOT NULL,                       -- key of a blob
    image_name  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL, stage TEXT NOT NULL DEFAULT 'retired' CHECK (stage IN ('beta', 'service', 'retired')),
    PRIMARY KEY (template_id, version)
) STRICT;

CREATE UNIQUE INDEX template_versions_beta ON template_versions (template_id) WHERE stage = 'beta';

CREATE UNIQUE INDEX template_versions_service ON template_versions (template_id) WHERE stage = 'service';

CREATE TRIGGER template_versions_stay
BEFORE UPDATE OF template_id, version, definition, image, image_name, created_at ON template_versions
BEGIN
    SELECT RAISE (ABORT, 'a version is never changed');
END;

CREATE TABLE templates (
    id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id <= 2147483647), -- clients of the API read 32 bits
    domain_id  INTEGER NOT NULL REFERENCES domains (id),
    name       TEXT    NOT NULL,
    updated_at INTEGER NOT NULL, validation TEXT NOT NULL DEFAULT '',
    UNIQUE (domain_id, name)
) STRICT;

CREATE TABLE texts_due (
    page_id INTEGER PRIMARY KEY REFERENCES pages (id)
) STRICT;

CREATE TABLE tile_counts (
    template_id INTEGER NOT NULL REFERENCES templates (id),
    language    TEXT    NOT NULL,
    sort        TEXT    NOT NULL,                       -- or 'field'
    key         TEXT    NOT NULL,                       -- a text, or a field
    n           INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (template_id, language, sort, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tiles (
    page_id     INTEGER NOT NULL,
    run         INTEGER NOT NULL,
    field       TEXT    NOT NULL,
    place       INTEGER NOT NULL CHECK (place >= 0),    -- of the box, from 1; 0 for all of the value
    template_id INTEGER NOT NULL REFERENCES templates (id), -- of the page, for the index
    language    TEXT    NOT NULL,                       -- of that
    sort        TEXT    NOT NULL CHECK (sort IN ('', 'character', 'mark', 'blank', 'short')), -- '' where it is not told without its page
    text        TEXT    NOT NULL,                       -- as it was read; of a checkbox 1 or 0
    confidence  REAL    NOT NULL,
    said        TEXT,                                   -- what a person said stands in the box, while others of the row are open
    PRIMARY KEY (page_id, field, place),
    FOREIGN KEY (page_id, run, field) REFERENCES readings (page_id, run, field)
) STRICT, WITHOUT ROWID;

CREATE INDEX tiles_alike ON tiles (template_id, sort, text, confidence, page_id, field, place, run) WHERE sort <> '' AND said IS NULL;

CREATE INDEX tiles_field ON tiles (template_id, field, page_id) WHERE place = 0;

CREATE TRIGGER tiles_added AFTER INSERT ON tiles
BEGIN
    INSERT INTO tile_counts (template_id, language, sort, key, n)
    SELECT NEW.template_id, NEW.language, NEW.sort, iif(NEW.sort IN ('character', 'mark'), NEW.text, ''), 1 WHERE NEW.sort <> '' AND NEW.said IS NULL
    UNION ALL SELECT NEW.template_id, NEW.language, 'field', NEW.field, 1 WHERE NEW.place = 0
    ON CONFLICT (template_id, language, sort, key) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER tiles_removed AFTER DELETE ON tiles
BEGIN
    UPDATE tile_counts SET n = n - 1
    WHERE template_id = OLD.template_id AND language = OLD.language AND sort = OLD.sort
        AND key = iif(OLD.sort IN ('character', 'mark'), OLD.text, '') AND OLD.sort <> '' AND OLD.said IS NULL;
    UPDATE tile_counts SET n = n - 1
    WHERE template_id = OLD.template_id AND language = OLD.language AND sort = 'field' AND key = OLD.field AND OLD.place = 0;
END;

CREATE TRIGGER tiles_said AFTER UPDATE OF said ON tiles
WHEN (NEW.said IS NULL) <> (OLD.said IS NULL)
BEGIN
    UPDATE tile_counts SET n = n + iif(NEW.said IS NULL, 1, -1)
    WHERE template_id = NEW.template_id AND language = NEW.language AND sort = NEW.sort
        AND key = iif(NEW.sort IN ('character', 'mark'), NEW.text, '');
END;

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
    contents      TEXT    NOT NULL, received_at INTEGER, finished_at INTEGER,                     -- JSON: its rows, by table
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
) STRICT;

CREATE INDEX trash_at ON trash (at, page_id);

CREATE INDEX trash_document ON trash (document_id);

CREATE INDEX trash_domain ON trash (domain_id, at, page_id);

CREATE INDEX trash_submission ON trash (submission_id);

CREATE INDEX trash_template ON trash (template_id, state);

CREATE TRIGGER trash_held BEFORE INSERT ON trash
WHEN EXISTS (SELECT 1 FROM held x JOIN holds h ON h.id = x.hold_id WHERE x.page = NEW.page_id AND h.lifted_at IS NULL)
    OR EXISTS (SELECT 1 FROM holds h WHERE h.template_id = NEW.template_id AND h.lifted_at IS NULL)
BEGIN
    SELECT RAISE (ABORT, 'the page is held');
END;

CREATE TABLE trash_blobs (
    page_id INTEGER NOT NULL REFERENCES trash (page_id),
    key     TEXT    NOT NULL,                           -- key of a blob
    PRIMARY KEY (page_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX trash_blobs_key ON trash_blobs (key);

CREATE TABLE typed (
    page_id INTEGER NOT NULL,
    run     INTEGER NOT NULL,                 -- that the person saw
    field   TEXT    NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    seen    INTEGER NOT NULL,                 -- the newest correction that the person saw; 0 for none
    text    TEXT    NOT NULL,
    checked INTEGER NOT NULL CHECK (checked IN (0, 1)),
    at      INTEGER NOT NULL,
    PRIMARY KEY (page_id, field, user_id),
    FOREIGN KEY (page_id, run, field) REFERENCES readings (page_id, run, field)
) STRICT, WITHOUT ROWID;

CREATE INDEX typed_user ON typed (user_id, at);

CREATE TABLE untiled (
    page_id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL, -- argon2id in the PHC string format
    created_at    INTEGER NOT NULL
, outbox_key BLOB NOT NULL DEFAULT x'', disabled_at INTEGER, temporary INTEGER NOT NULL DEFAULT 0 CHECK (temporary IN (0, 1))) STRICT;

CREATE TABLE validations (
    page_id INTEGER NOT NULL REFERENCES pages (id),
    run     INTEGER NOT NULL CHECK (run >= 1),
    result  TEXT    NOT NULL CHECK (result IN ('UNCHECKED', 'VALID', 'INVALID', 'ERROR')),
    message TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (page_id, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE vigilance (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    share REAL    NOT NULL CHECK (share BETWEEN 0 AND 1)
) STRICT;

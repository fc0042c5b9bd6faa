-- +goose Up

-- Who saw, changed or took whose data, when and from where. Each row has the hash
-- of all that it says and of the hash of the row before it: see db/access.go.
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

CREATE INDEX access_at ON access (at, who, act, pages);
CREATE INDEX access_who ON access (who, at);
CREATE INDEX access_act ON access (act, at);
CREATE INDEX access_who_act ON access (who, act, at);
CREATE INDEX access_page ON access (subject_id, at) WHERE subject = 'page';

-- The pages of a row that is about several, a bit each.
CREATE TABLE access_pages (
    block     INTEGER NOT NULL,                     -- of 1024 pages by their ids, from 0
    access_id INTEGER NOT NULL,
    bits      BLOB    NOT NULL CHECK (length(bits) = 128),
    PRIMARY KEY (block, access_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX access_pages_of ON access_pages (access_id);

-- What the log came to, signed with a key that is not in the database. Rows up to
-- one that is a cut may be gone, once they are older than the log is to be.
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

-- +goose StatementBegin
CREATE TRIGGER access_stays BEFORE UPDATE ON access
BEGIN
    SELECT RAISE (ABORT, 'what was seen is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER access_kept BEFORE DELETE ON access
WHEN OLD.at > unixepoch() * 1000 - 365 * 86400000 OR NOT EXISTS (SELECT 1 FROM access_heads WHERE cut = 1 AND row >= OLD.id)
BEGIN
    SELECT RAISE (ABORT, 'what was seen is not forgotten before its time');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER access_pages_stay BEFORE UPDATE ON access_pages
BEGIN
    SELECT RAISE (ABORT, 'what was seen is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER access_pages_kept BEFORE DELETE ON access_pages
WHEN EXISTS (SELECT 1 FROM access WHERE id = OLD.access_id)
BEGIN
    SELECT RAISE (ABORT, 'what was seen is not forgotten before its time');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER access_heads_stay BEFORE UPDATE ON access_heads
BEGIN
    SELECT RAISE (ABORT, 'what was signed is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER access_heads_kept BEFORE DELETE ON access_heads
BEGIN
    SELECT RAISE (ABORT, 'what was signed is never forgotten');
END;
-- +goose StatementEnd

-- How long the log is kept, and how much of a person in a day is unusual.
CREATE TABLE access_rules (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    months INTEGER NOT NULL CHECK (months >= 12),
    factor REAL    NOT NULL CHECK (factor > 1),     -- times what is usual for that person
    seen   INTEGER NOT NULL CHECK (seen > 0),       -- pages; fewer are never unusual
    seen_most  INTEGER NOT NULL CHECK (seen_most >= seen), -- more always are
    taken  INTEGER NOT NULL CHECK (taken > 0),      -- pages in files; the same
    taken_most INTEGER NOT NULL CHECK (taken_most >= taken)
) STRICT;

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

-- The report of a month, as it was signed.
CREATE TABLE access_reports (
    month   TEXT    PRIMARY KEY CHECK (length(month) = 7), -- 2026-11
    report  TEXT    NOT NULL,                       -- JSON
    user_id INTEGER NOT NULL REFERENCES users (id),
    note    TEXT    NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER access_reports_stay BEFORE UPDATE ON access_reports
BEGIN
    SELECT RAISE (ABORT, 'a report that was signed is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER access_reports_kept BEFORE DELETE ON access_reports
BEGIN
    SELECT RAISE (ABORT, 'a report that was signed is never forgotten');
END;
-- +goose StatementEnd

-- How long pages are kept: for good, where there is no row.
CREATE TABLE retention (
    template_id INTEGER NOT NULL,                   -- 0 for pages without one
    state       TEXT    NOT NULL CHECK (state IN ('review', 'done', 'unmatched', 'failed')),
    since       TEXT    NOT NULL CHECK (since IN ('received', 'finished')),
    days        INTEGER NOT NULL CHECK (days BETWEEN 1 AND 36500),
    PRIMARY KEY (template_id, state)
) STRICT, WITHOUT ROWID;

-- What was destroyed since its time was over: a certificate for each rule and day.
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

CREATE TABLE destroyed_pages (
    destruction_id INTEGER NOT NULL REFERENCES destructions (id),
    page           INTEGER NOT NULL,                -- its id, which nothing has again
    uid            TEXT    NOT NULL,                -- what the API called it
    PRIMARY KEY (destruction_id, page)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER destructions_stay BEFORE UPDATE ON destructions WHEN OLD.ended_at IS NOT NULL
BEGIN
    SELECT RAISE (ABORT, 'a certificate is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER destructions_kept BEFORE DELETE ON destructions
BEGIN
    SELECT RAISE (ABORT, 'a certificate is never forgotten');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER destroyed_pages_stay BEFORE UPDATE ON destroyed_pages
BEGIN
    SELECT RAISE (ABORT, 'a certificate is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER destroyed_pages_kept BEFORE DELETE ON destroyed_pages
BEGIN
    SELECT RAISE (ABORT, 'a certificate is never forgotten');
END;
-- +goose StatementEnd

-- What nothing and nobody deletes: pages, or all of a template.
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

CREATE TABLE held (
    page    INTEGER NOT NULL,                       -- its id
    hold_id INTEGER NOT NULL REFERENCES holds (id),
    PRIMARY KEY (page, hold_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX held_of ON held (hold_id);

-- +goose StatementBegin
CREATE TRIGGER holds_kept BEFORE DELETE ON holds
BEGIN
    SELECT RAISE (ABORT, 'a hold is lifted, and never forgotten');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER deletions_held BEFORE INSERT ON deletions
WHEN EXISTS (SELECT 1 FROM held x JOIN holds h ON h.id = x.hold_id WHERE x.page = NEW.page_id AND h.lifted_at IS NULL)
    OR EXISTS (SELECT 1 FROM pages p JOIN holds h ON h.template_id = p.template_id WHERE p.id = NEW.page_id AND h.lifted_at IS NULL)
    OR EXISTS (SELECT 1 FROM trash p JOIN holds h ON h.template_id = p.template_id WHERE p.page_id = NEW.page_id AND h.lifted_at IS NULL)
BEGIN
    SELECT RAISE (ABORT, 'the page is held');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER trash_held BEFORE INSERT ON trash
WHEN EXISTS (SELECT 1 FROM held x JOIN holds h ON h.id = x.hold_id WHERE x.page = NEW.page_id AND h.lifted_at IS NULL)
    OR EXISTS (SELECT 1 FROM holds h WHERE h.template_id = NEW.template_id AND h.lifted_at IS NULL)
BEGIN
    SELECT RAISE (ABORT, 'the page is held');
END;
-- +goose StatementEnd

-- When what is in the trash was received and finished, for its time to be over
-- there as well; NULL for what was put there before.
ALTER TABLE trash ADD COLUMN received_at INTEGER;
ALTER TABLE trash ADD COLUMN finished_at INTEGER;

CREATE INDEX trash_template ON trash (template_id, state);
CREATE INDEX pages_finished ON pages (template_id, state, finished_at) WHERE finished_at IS NOT NULL;

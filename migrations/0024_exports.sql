-- +goose Up

-- Exports that were saved under a name, to be made again: by people, at the
-- command line, or by themselves into a folder.
CREATE TABLE profiles (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL REFERENCES templates (id),
    name        TEXT    NOT NULL UNIQUE,
    export      TEXT    NOT NULL,                   -- JSON: what is written, and how
    schedule    TEXT    NOT NULL DEFAULT '{}',      -- JSON
    sealed      BLOB    NOT NULL DEFAULT x'',       -- the password of its files, which a key beside the database opens
    next_at     INTEGER,                            -- when its next file is to be made; NULL for never
    user_id     INTEGER REFERENCES users (id),      -- who saved it last; NULL for no person
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX profiles_next ON profiles (next_at) WHERE next_at IS NOT NULL;

-- Each of the times a file was, or is to be, made of an export.
CREATE TABLE exports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id  INTEGER REFERENCES profiles (id) ON DELETE CASCADE, -- NULL for none
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
    CHECK ((actor = 'person') = (user_id IS NOT NULL))
) STRICT;

CREATE INDEX exports_blob ON exports (blob) WHERE blob <> '';
CREATE INDEX exports_profile ON exports (profile_id);
CREATE INDEX exports_template ON exports (template_id);
CREATE INDEX exports_open ON exports (id) WHERE state IN ('waiting', 'running', 'written');

-- Pages that an export of a profile wrote, and what they were then: an export of
-- what is new leaves out those that are still the same.
CREATE TABLE exported_pages (
    page_id   INTEGER NOT NULL REFERENCES pages (id),
    export_id INTEGER NOT NULL,                     -- which may be gone, for a page that comes out of the trash
    run       INTEGER NOT NULL,
    said      INTEGER NOT NULL,                     -- newest correction that counted; 0 for none
    PRIMARY KEY (page_id, export_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX exported_pages_export ON exported_pages (export_id);

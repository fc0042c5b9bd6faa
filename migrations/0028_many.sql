-- +goose Up

-- A saved download has its name within its domain: what one domain calls its own is
-- no matter of another. The table is written anew, and with it that of the files,
-- whose rows would go with those that they refer to.
CREATE TABLE new_profiles (
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

CREATE TABLE new_exports (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id  INTEGER REFERENCES new_profiles (id) ON DELETE CASCADE, -- NULL for none
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

INSERT INTO new_profiles SELECT * FROM profiles;
INSERT INTO new_exports SELECT *, NULL FROM exports;

-- No number comes a second time: what is in the trash remembers those of files.
DELETE FROM sqlite_sequence WHERE name IN ('new_profiles', 'new_exports');
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_' || name, seq FROM sqlite_sequence WHERE name IN ('profiles', 'exports');

DROP TABLE exports;
DROP TABLE profiles;
ALTER TABLE new_profiles RENAME TO profiles;
ALTER TABLE new_exports RENAME TO exports;

CREATE INDEX profiles_next ON profiles (next_at) WHERE next_at IS NOT NULL;

CREATE INDEX exports_blob ON exports (blob) WHERE blob <> '';
CREATE INDEX exports_profile ON exports (profile_id);
CREATE INDEX exports_template ON exports (template_id);
CREATE INDEX exports_open ON exports (id) WHERE state IN ('waiting', 'running', 'written');

-- To whom many pages are assigned: NULL for everybody, and for what is no assignment.
ALTER TABLE bulk_acts ADD COLUMN assignee INTEGER REFERENCES users (id);

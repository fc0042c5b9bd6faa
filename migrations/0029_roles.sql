-- +goose Up

-- Who may do what. Domain 0 stands for all, those to come too. What the roles
-- are is in internal/form.
CREATE TABLE roles (
    user_id   INTEGER NOT NULL REFERENCES users (id),
    domain_id INTEGER NOT NULL,
    role      TEXT    NOT NULL CHECK (role IN ('administrator', 'maker', 'reviewer', 'second', 'exporter', 'reader')),
    PRIMARY KEY (user_id, domain_id, role)
) STRICT, WITHOUT ROWID;

-- Who gave or took which role, and when.
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

-- The law has them kept for three years.
-- +goose StatementBegin
CREATE TRIGGER grants_kept BEFORE DELETE ON grants
WHEN OLD.at > (unixepoch() - 3 * 366 * 86400) * 1000
BEGIN
    SELECT RAISE (ABORT, 'who gave and took roles is kept for three years');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER grants_unchanged BEFORE UPDATE ON grants
BEGIN
    SELECT RAISE (ABORT, 'who gave and took roles is never changed');
END;
-- +goose StatementEnd

-- Whoever could log in could do everything.
INSERT INTO roles (user_id, domain_id, role) SELECT id, 0, 'administrator' FROM users;
INSERT INTO grants (at, user_id, domain_id, role, given, actor) SELECT unixepoch() * 1000, id, 0, 'administrator', 1, 'system' FROM users;

ALTER TABLE users ADD COLUMN disabled_at INTEGER;         -- ms since 1970; NULL while the person may log in
ALTER TABLE users ADD COLUMN temporary INTEGER NOT NULL DEFAULT 0 CHECK (temporary IN (0, 1)); -- somebody else has chosen the password

-- Who is logged in, where. A session goes by a secret that only its browser has,
-- and that is exchanged for another now and then: requests that are under way may
-- still have the former one.
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
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_former ON sessions (former) WHERE former IS NOT NULL;

-- What the office asks of who comes in.
CREATE TABLE admission (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    idle     INTEGER NOT NULL CHECK (idle > 0),        -- minutes without a sign of the person
    life     INTEGER NOT NULL CHECK (life > 0),        -- minutes from the log-in on, whatever the person does
    networks TEXT    NOT NULL                          -- lines of networks that pages are shown to; empty for all
) STRICT;

INSERT INTO admission (id, idle, life, networks) VALUES (1, 30, 720, '');

-- People of some domains walk through what is theirs.
CREATE INDEX queue_domain_oldest ON queue (domain_id, lane, assigned, document_id, number, part);
CREATE INDEX queue_domain_worst ON queue (domain_id, lane, assigned, worst, document_id, number, part);
CREATE INDEX queue_domain_quick ON queue (domain_id, lane, assigned, quick, document_id, number, part);
CREATE INDEX trash_domain ON trash (domain_id, at, page_id);

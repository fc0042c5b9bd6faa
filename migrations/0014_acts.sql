-- +goose Up

-- What people, programs and commands, and the server for them, have changed.
-- There are no contents of forms here, and no names of files. Corrections and
-- deleted pages have tables of their own, which say who; how far reading is, is
-- nobody's act.
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

-- +goose StatementBegin
CREATE TRIGGER acts_stay BEFORE UPDATE ON acts
BEGIN
    SELECT RAISE (ABORT, 'what was done is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER acts_kept BEFORE DELETE ON acts
BEGIN
    SELECT RAISE (ABORT, 'what was done is never forgotten');
END;
-- +goose StatementEnd

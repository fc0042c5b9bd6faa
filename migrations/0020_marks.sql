-- +goose Up

-- What a person says instead of a text, or that nothing counts of what people
-- have said of a value; and that a value stays though it breaks a rule.
ALTER TABLE corrections ADD COLUMN mark TEXT NOT NULL DEFAULT '' CHECK (mark IN ('', 'illegible', 'empty', 'not_applicable', 'withdrawn'));
ALTER TABLE corrections ADD COLUMN override INTEGER NOT NULL DEFAULT 0 CHECK (override IN (0, 1));

-- What a person has typed and not accepted. It is no correction: it goes once it
-- is accepted or taken back.
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

-- By what the browser of a person locks what it has still to send.
ALTER TABLE users ADD COLUMN outbox_key BLOB NOT NULL DEFAULT x'';
UPDATE users SET outbox_key = randomblob(32);

-- What files say where nobody can read what stands there.
ALTER TABLE domains ADD COLUMN illegible TEXT NOT NULL DEFAULT '●';

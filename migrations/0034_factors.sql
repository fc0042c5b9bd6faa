-- +goose Up

-- By what people log in besides a password.
CREATE TABLE factors (
    user_id      INTEGER PRIMARY KEY REFERENCES users (id),
    secret       BLOB    NOT NULL,            -- sealed by login.key, beside the database
    confirmed_at INTEGER,                     -- ms since 1970; NULL while it is being set up
    step         INTEGER NOT NULL DEFAULT 0   -- period of the last code that was taken: each is good once
) STRICT;

-- Codes on paper, for who has lost the telephone.
CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL REFERENCES users (id),
    hash    BLOB    NOT NULL,
    used_at INTEGER,                          -- NULL while it is good
    PRIMARY KEY (user_id, hash)
) STRICT, WITHOUT ROWID;

-- Of whom the office wants a second factor.
ALTER TABLE admission ADD COLUMN factor TEXT NOT NULL DEFAULT '' CHECK (factor IN ('', 'administrators', 'all'));

-- Whether another server, which the office trusts with that, said who it is.
ALTER TABLE sessions ADD COLUMN vouched INTEGER NOT NULL DEFAULT 0 CHECK (vouched IN (0, 1));

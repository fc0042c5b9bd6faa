-- +goose Up

-- Failed attempts to get in with a password or a secret, kept so that a restart
-- does not begin to count anew. Each is counted for the account, for the
-- address it came from, and for both together. Keys are keyed hashes: people
-- type passwords where names belong.
CREATE TABLE attempts (
    key       BLOB    PRIMARY KEY,
    failed    INTEGER NOT NULL,           -- attempts, less what time has forgiven by failed_at
    failed_at INTEGER NOT NULL,           -- ms since 1970, of the last one
    known_to  INTEGER NOT NULL DEFAULT 0  -- ms since 1970; until then this address is one that has got into this account
) STRICT, WITHOUT ROWID;

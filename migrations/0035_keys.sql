-- +goose Up

-- What is due of a certificate until the keys of all that it tells of are destroyed: in
-- the keyring, and in its copies beside backups. Those of before have none.
CREATE TABLE destroyed_keys (
    destruction_id INTEGER PRIMARY KEY REFERENCES destructions (id),
    since          INTEGER NOT NULL,                    -- ms since 1970, when all blobs were encrypted: backups made since then cannot be read for it
    at             INTEGER                              -- NULL while there are keys
) STRICT;

CREATE TABLE destroyed_blobs (
    destruction_id INTEGER NOT NULL REFERENCES destructions (id),
    key            TEXT    NOT NULL,                    -- of a blob that nobody may refer to any more
    PRIMARY KEY (destruction_id, key)
) STRICT, WITHOUT ROWID;

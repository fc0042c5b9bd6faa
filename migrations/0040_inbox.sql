-- +goose Up

-- Files that were taken from scan folders: each is taken in once, whatever is killed.
CREATE TABLE inbox_files (
    token         TEXT    PRIMARY KEY,                                      -- of where it lies until it is done
    submission_id INTEGER REFERENCES submissions (id) ON DELETE SET NULL,   -- NULL once somebody has deleted it
    size          INTEGER NOT NULL,                                         -- bytes that were read
    ended_at      INTEGER                                                   -- when it was moved on; NULL before
) STRICT, WITHOUT ROWID;

CREATE INDEX inbox_files_submission ON inbox_files (submission_id);

CREATE INDEX inbox_files_ended ON inbox_files (ended_at) WHERE ended_at IS NOT NULL;

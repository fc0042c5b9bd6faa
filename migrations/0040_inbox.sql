-- +goose Up

-- Files that were taken from scan folders: each is taken in once, whatever is killed.
CREATE TABLE inbox_files (
    token         TEXT PRIMARY KEY,                                        -- the folder under reading/ that the file lies in until it is done
    submission_id INTEGER REFERENCES submissions (id) ON DELETE SET NULL   -- NULL once somebody has deleted it
) STRICT, WITHOUT ROWID;

CREATE INDEX inbox_files_submission ON inbox_files (submission_id);

-- Readings and corrections are written anew, with the ids of their fields. A
-- field that its version does not have keeps its name as its id. Rows are copied
-- in the order of their keys, and as they are read: a million pages need no more
-- memory than one.

CREATE TABLE new_readings (
    page_id    INTEGER NOT NULL,
    run        INTEGER NOT NULL,
    field      TEXT    NOT NULL,                        -- id in all versions of the template
    text       TEXT    NOT NULL,
    checked    INTEGER NOT NULL CHECK (checked IN (0, 1)),
    confidence REAL    NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    reasons    TEXT    NOT NULL,                        -- separated by spaces; not empty where it is doubtful
    engine     TEXT    NOT NULL,
    PRIMARY KEY (page_id, run, field),
    FOREIGN KEY (page_id, run) REFERENCES runs (page_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO new_readings
SELECT r.page_id, r.run, coalesce(f.id, r.field), r.text, r.checked, r.confidence, r.reasons, r.engine
FROM readings r
LEFT JOIN runs v ON v.page_id = r.page_id AND v.number = r.run
LEFT JOIN field_ids f ON f.template_id = v.template_id AND f.version = v.version AND f.name = r.field;

CREATE TABLE new_details (
    page_id INTEGER NOT NULL,
    run     INTEGER NOT NULL,
    field   TEXT    NOT NULL,
    detail  TEXT    NOT NULL,                           -- JSON: where, words, alternatives
    PRIMARY KEY (page_id, run, field),
    FOREIGN KEY (page_id, run, field) REFERENCES new_readings (page_id, run, field)
) STRICT, WITHOUT ROWID;
INSERT INTO new_details
SELECT r.page_id, r.run, coalesce(f.id, r.field), r.detail
FROM reading_details r
LEFT JOIN runs v ON v.page_id = r.page_id AND v.number = r.run
LEFT JOIN field_ids f ON f.template_id = v.template_id AND f.version = v.version AND f.name = r.field;

CREATE TABLE new_corrections (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id  INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    field    TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    checked  INTEGER NOT NULL CHECK (checked IN (0, 1)),
    accepted INTEGER NOT NULL CHECK (accepted IN (0, 1)), -- the reading was left as it was
    user_id  INTEGER NOT NULL REFERENCES users (id),
    at       INTEGER NOT NULL,
    FOREIGN KEY (page_id, run, field) REFERENCES new_readings (page_id, run, field)
) STRICT;
INSERT INTO new_corrections
SELECT c.id, c.page_id, c.run, coalesce(f.id, c.field), c.text, c.checked, c.accepted, c.user_id, c.at
FROM corrections c
LEFT JOIN runs v ON v.page_id = c.page_id AND v.number = c.run
LEFT JOIN field_ids f ON f.template_id = v.template_id AND f.version = v.version AND f.name = c.field;

DROP TABLE corrections;
DROP TABLE reading_details;
DROP TABLE readings;
ALTER TABLE new_readings RENAME TO readings;
ALTER TABLE new_details RENAME TO reading_details;
ALTER TABLE new_corrections RENAME TO corrections;
CREATE INDEX corrections_value ON corrections (page_id, run, field);

CREATE TRIGGER readings_stay BEFORE UPDATE ON readings
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;
CREATE TRIGGER reading_details_stay BEFORE UPDATE ON reading_details
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;
CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections
BEGIN
    SELECT RAISE (ABORT, 'a correction is never changed');
END;
DROP TABLE temp.field_ids;
PRAGMA cache_size = -2000;

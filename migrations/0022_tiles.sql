-- +goose Up

-- What is looked at side by side with other pages: of each value that is doubted
-- and of which nobody has said anything, all of it, and of a row of boxes those
-- that are doubted. They come with the reading and go with a correction.
CREATE TABLE tiles (
    page_id     INTEGER NOT NULL,
    run         INTEGER NOT NULL,
    field       TEXT    NOT NULL,
    place       INTEGER NOT NULL CHECK (place >= 0),    -- of the box, from 1; 0 for all of the value
    template_id INTEGER NOT NULL REFERENCES templates (id), -- of the page, for the index
    language    TEXT    NOT NULL,                       -- of that
    sort        TEXT    NOT NULL CHECK (sort IN ('', 'character', 'mark', 'blank', 'short')), -- '' where it is not told without its page
    text        TEXT    NOT NULL,                       -- as it was read; of a checkbox 1 or 0
    confidence  REAL    NOT NULL,
    said        TEXT,                                   -- what a person said stands in the box, while others of the row are open
    PRIMARY KEY (page_id, field, place),
    FOREIGN KEY (page_id, run, field) REFERENCES readings (page_id, run, field)
) STRICT, WITHOUT ROWID;

CREATE INDEX tiles_alike ON tiles (template_id, sort, text, confidence, page_id, field, place, run) WHERE sort <> '' AND said IS NULL;
CREATE INDEX tiles_field ON tiles (template_id, field, page_id) WHERE place = 0;

-- How many there are: of characters and checkboxes by what they were read as, of
-- the other sorts together; and by field, of all values.
CREATE TABLE tile_counts (
    template_id INTEGER NOT NULL REFERENCES templates (id),
    language    TEXT    NOT NULL,
    sort        TEXT    NOT NULL,                       -- or 'field'
    key         TEXT    NOT NULL,                       -- a text, or a field
    n           INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (template_id, language, sort, key)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER tiles_added AFTER INSERT ON tiles
BEGIN
    INSERT INTO tile_counts (template_id, language, sort, key, n)
    SELECT NEW.template_id, NEW.language, NEW.sort, iif(NEW.sort IN ('character', 'mark'), NEW.text, ''), 1 WHERE NEW.sort <> '' AND NEW.said IS NULL
    UNION ALL SELECT NEW.template_id, NEW.language, 'field', NEW.field, 1 WHERE NEW.place = 0
    ON CONFLICT (template_id, language, sort, key) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER tiles_removed AFTER DELETE ON tiles
BEGIN
    UPDATE tile_counts SET n = n - 1
    WHERE template_id = OLD.template_id AND language = OLD.language AND sort = OLD.sort
        AND key = iif(OLD.sort IN ('character', 'mark'), OLD.text, '') AND OLD.sort <> '' AND OLD.said IS NULL;
    UPDATE tile_counts SET n = n - 1
    WHERE template_id = OLD.template_id AND language = OLD.language AND sort = 'field' AND key = OLD.field AND OLD.place = 0;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER tiles_said AFTER UPDATE OF said ON tiles
WHEN (NEW.said IS NULL) <> (OLD.said IS NULL)
BEGIN
    UPDATE tile_counts SET n = n + iif(NEW.said IS NULL, 1, -1)
    WHERE template_id = NEW.template_id AND language = NEW.language AND sort = NEW.sort
        AND key = iif(NEW.sort IN ('character', 'mark'), NEW.text, '');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER corrections_tiles AFTER INSERT ON corrections
BEGIN
    DELETE FROM tiles WHERE page_id = NEW.page_id AND field = NEW.field;
END;
-- +goose StatementEnd

-- Pictures of values and boxes, cut when they were read: parts of a blob.
CREATE TABLE snippets (
    page_id INTEGER NOT NULL,
    run     INTEGER NOT NULL,
    field   TEXT    NOT NULL,
    place   INTEGER NOT NULL CHECK (place >= 0),        -- as of tiles
    blob    TEXT    NOT NULL,                           -- key of a blob
    start   INTEGER NOT NULL,                           -- bytes
    size    INTEGER NOT NULL,                           -- bytes
    PRIMARY KEY (page_id, run, field, place),
    FOREIGN KEY (page_id, run) REFERENCES runs (page_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX snippets_blob ON snippets (blob);

-- Pages that were read before there were tiles: they get theirs after the start.
CREATE TABLE untiled (
    page_id INTEGER PRIMARY KEY
) STRICT;

INSERT INTO untiled (page_id) SELECT id FROM pages WHERE doubtful > 0 AND template_id IS NOT NULL;

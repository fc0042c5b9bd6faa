-- +goose Up

-- Where something is written on a page that is in no field. What nobody has answered
-- goes when the page is read again; what somebody has answered stays, so that it does
-- not come again.
CREATE TABLE margins (
    page_id     INTEGER NOT NULL,
    place       INTEGER NOT NULL CHECK (place > 0),     -- of the page, from 1, in the order in which they were found
    run         INTEGER NOT NULL,                       -- in which it was found
    corners     TEXT    NOT NULL,                       -- JSON, page px
    domain_id   INTEGER NOT NULL REFERENCES domains (id), -- of the page, for the index
    template_id INTEGER NOT NULL REFERENCES templates (id), -- of the run, for the index
    answer      TEXT    NOT NULL DEFAULT '' CHECK (answer IN ('', 'note', 'nothing')),
    user_id     INTEGER REFERENCES users (id),
    at          INTEGER,
    PRIMARY KEY (page_id, place),
    FOREIGN KEY (page_id, run) REFERENCES runs (page_id, number),
    CHECK ((answer = '') = (user_id IS NULL) AND (answer = '') = (at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX margins_open ON margins (page_id, place) WHERE answer = '';
CREATE INDEX margins_domain ON margins (domain_id, page_id, place) WHERE answer = '';
CREATE INDEX margins_template ON margins (template_id, page_id, place) WHERE answer = '';

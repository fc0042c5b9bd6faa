-- +goose Up

-- The pages that need a person, with what they are put in order by. It follows
-- from pages and what was read and said of them, and is there to be walked
-- through: with a million pages the next one is found as with a thousand.
CREATE TABLE queue (
    page_id     INTEGER PRIMARY KEY REFERENCES pages (id),
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL,                       -- 0 without
    state       TEXT    NOT NULL CHECK (state IN ('review', 'unmatched', 'failed')),
    second      INTEGER NOT NULL DEFAULT 0 CHECK (second IN (0, 1)), -- what is left waits for another person than who keyed it first
    aside       TEXT    NOT NULL DEFAULT '',            -- as of asides; '' where it is not set aside
    assigned    INTEGER NOT NULL DEFAULT 0,             -- to that user; 0 for nobody
    document_id INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    part        INTEGER NOT NULL,
    worst       REAL    NOT NULL,                       -- wrong values expected among those to look at, negative: the first has most
    quick       REAL    NOT NULL,                       -- wrong values put right in a second of a person's time, negative
    lane        TEXT    NOT NULL GENERATED ALWAYS AS (CASE WHEN aside <> '' THEN aside WHEN second THEN 'second' ELSE state END) STORED
) STRICT;

CREATE INDEX queue_oldest ON queue (lane, assigned, document_id, number, part);
CREATE INDEX queue_worst ON queue (lane, assigned, worst, document_id, number, part);
CREATE INDEX queue_quick ON queue (lane, assigned, quick, document_id, number, part);
CREATE INDEX queue_template_oldest ON queue (template_id, lane, assigned, document_id, number, part);
CREATE INDEX queue_template_worst ON queue (template_id, lane, assigned, worst, document_id, number, part);
CREATE INDEX queue_template_quick ON queue (template_id, lane, assigned, quick, document_id, number, part);

CREATE TABLE queue_counts (
    domain_id   INTEGER NOT NULL REFERENCES domains (id),
    template_id INTEGER NOT NULL,                       -- 0 without
    lane        TEXT    NOT NULL,
    assigned    INTEGER NOT NULL,
    n           INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (domain_id, template_id, lane, assigned)
) STRICT, WITHOUT ROWID;

-- Who has a page open. The queue gives it to nobody else until then.
CREATE TABLE claims (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,          -- in the order in which a person got them
    page_id INTEGER NOT NULL UNIQUE REFERENCES pages (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    ahead   INTEGER NOT NULL CHECK (ahead IN (0, 1)),   -- not open yet: it comes next
    until   INTEGER NOT NULL                            -- ms since 1970, by the clock of the database
) STRICT;

CREATE INDEX claims_until ON claims (until);
CREATE INDEX claims_user ON claims (user_id);

-- Whom a page is for.
CREATE TABLE assignments (
    page_id     INTEGER PRIMARY KEY REFERENCES pages (id),
    user_id     INTEGER NOT NULL REFERENCES users (id),
    assigned_by INTEGER NOT NULL REFERENCES users (id),
    at          INTEGER NOT NULL
) STRICT;

-- Pages that are set aside.
CREATE TABLE asides (
    page_id INTEGER PRIMARY KEY REFERENCES pages (id),
    kind    TEXT    NOT NULL CHECK (kind IN ('not_a_form', 'rescan', 'later')),
    user_id INTEGER NOT NULL REFERENCES users (id),
    at      INTEGER NOT NULL
) STRICT;

-- What people write about a page.
CREATE TABLE notes (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    page_id INTEGER NOT NULL REFERENCES pages (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    at      INTEGER NOT NULL,
    text    TEXT    NOT NULL
) STRICT;

CREATE INDEX notes_page ON notes (page_id);

-- Pages that a person went past since that person began: they come again last.
CREATE TABLE passed (
    user_id INTEGER NOT NULL REFERENCES users (id),
    page_id INTEGER NOT NULL REFERENCES pages (id),
    at      INTEGER NOT NULL,
    PRIMARY KEY (user_id, page_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX passed_page ON passed (page_id);

-- How many pages a person finished in each quarter of an hour, for that person's
-- own pace. It is kept a week.
CREATE TABLE tallies (
    user_id     INTEGER NOT NULL REFERENCES users (id),
    quarter     INTEGER NOT NULL,                       -- of an hour, since 1970
    template_id INTEGER NOT NULL,                       -- 0 without
    n           INTEGER NOT NULL,
    PRIMARY KEY (user_id, quarter, template_id)
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER queue_added AFTER INSERT ON queue
BEGIN
    INSERT INTO queue_counts (domain_id, template_id, lane, assigned, n) VALUES (NEW.domain_id, NEW.template_id, NEW.lane, NEW.assigned, 1)
    ON CONFLICT (domain_id, template_id, lane, assigned) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER queue_moved AFTER UPDATE OF template_id, state, second, aside, assigned ON queue
WHEN NEW.template_id <> OLD.template_id OR NEW.lane <> OLD.lane OR NEW.assigned <> OLD.assigned
BEGIN
    UPDATE queue_counts SET n = n - 1
    WHERE domain_id = OLD.domain_id AND template_id = OLD.template_id AND lane = OLD.lane AND assigned = OLD.assigned;
    INSERT INTO queue_counts (domain_id, template_id, lane, assigned, n) VALUES (NEW.domain_id, NEW.template_id, NEW.lane, NEW.assigned, 1)
    ON CONFLICT (domain_id, template_id, lane, assigned) DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER queue_removed AFTER DELETE ON queue
BEGIN
    UPDATE queue_counts SET n = n - 1
    WHERE domain_id = OLD.domain_id AND template_id = OLD.template_id AND lane = OLD.lane AND assigned = OLD.assigned;
END;
-- +goose StatementEnd

-- A page in the queue: what is expected to be wrong of the values to look at, and
-- how long a person takes. Opening a page is taken to last two seconds, a look at
-- a value 1.2, and putting a wrong one right two and a quarter more for each
-- character. A page without values has all of them wrong, and nobody knows whether
-- anything can be done about it: it comes first of the worst and last of the quick.
-- +goose StatementBegin
CREATE TRIGGER pages_queued AFTER UPDATE OF state, template_id, doubtful, awaiting, run, said_from ON pages
WHEN NEW.state IN ('review', 'unmatched', 'failed')
BEGIN
    INSERT INTO queue (page_id, domain_id, template_id, state, second, aside, assigned, document_id, number, part, worst, quick)
    SELECT
        NEW.id, NEW.domain_id, coalesce(NEW.template_id, 0), NEW.state, NEW.state = 'review' AND NEW.awaiting > 0 AND NEW.doubtful <= NEW.awaiting,
        coalesce((SELECT kind FROM asides WHERE page_id = NEW.id), ''),
        coalesce((SELECT user_id FROM assignments WHERE page_id = NEW.id), 0),
        NEW.document_id, NEW.number, NEW.part,
        CASE NEW.state WHEN 'review' THEN -total(wrong) ELSE -1000.0 END,
        CASE NEW.state WHEN 'review' THEN -total(wrong) / (2 + total(1.2 + wrong * (2 + 0.25 * length))) ELSE 0.0 END
    FROM (
        SELECT 1 - r.confidence AS wrong, length(r.text) AS length FROM readings r
        WHERE r.page_id = NEW.id AND r.run = NEW.run AND r.reasons <> '' AND r.field <> '#title' AND NEW.state = 'review'
        AND NOT coalesce((
            SELECT c.mark <> 'withdrawn' FROM corrections c
            WHERE c.page_id = NEW.id AND c.run >= NEW.said_from AND c.field = r.field
            ORDER BY c.id DESC LIMIT 1), FALSE)) AS doubted
    WHERE true
    ON CONFLICT (page_id) DO UPDATE SET
        template_id = excluded.template_id, state = excluded.state, second = excluded.second, worst = excluded.worst, quick = excluded.quick;
END;
-- +goose StatementEnd

-- A page that needs nobody any more, or is being read again: why it was set aside
-- is over. While it is read, whoever has it open still has.
-- +goose StatementBegin
CREATE TRIGGER pages_unqueued AFTER UPDATE OF state ON pages
WHEN NEW.state NOT IN ('review', 'unmatched', 'failed') AND OLD.state IN ('review', 'unmatched', 'failed')
BEGIN
    DELETE FROM queue WHERE page_id = NEW.id;
    DELETE FROM asides WHERE page_id = NEW.id;
    DELETE FROM passed WHERE page_id = NEW.id;
    DELETE FROM claims WHERE page_id = NEW.id AND NEW.state = 'done';
    DELETE FROM assignments WHERE page_id = NEW.id AND NEW.state = 'done';
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER pages_finished AFTER UPDATE OF state ON pages
WHEN NEW.state = 'done' AND OLD.state = 'review'
BEGIN
    INSERT INTO tallies (user_id, quarter, template_id, n)
    SELECT user_id, NEW.updated_at / 900000, coalesce(NEW.template_id, 0), 1 FROM corrections
    WHERE page_id = NEW.id AND run >= NEW.said_from ORDER BY id DESC LIMIT 1
    ON CONFLICT (user_id, quarter, template_id) DO UPDATE SET n = n + 1;
    DELETE FROM tallies WHERE quarter < NEW.updated_at / 900000 - 672 AND user_id = (
        SELECT user_id FROM corrections WHERE page_id = NEW.id AND run >= NEW.said_from ORDER BY id DESC LIMIT 1);
END;
-- +goose StatementEnd

UPDATE pages SET doubtful = doubtful WHERE state IN ('review', 'unmatched', 'failed');

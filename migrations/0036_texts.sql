-- +goose Up

-- Texts of fields of the law's classes are encrypted, and begin with U+0001 then. What
-- was kept before is encrypted once: nothing else of it may change, and never again.

DROP TRIGGER readings_stay;
-- +goose StatementBegin
CREATE TRIGGER readings_stay BEFORE UPDATE ON readings
WHEN coalesce(unicode(OLD.text) = 1, TRUE) OR coalesce(unicode(NEW.text) <> 1, TRUE)
    OR (NEW.page_id, NEW.run, NEW.field, NEW.checked, NEW.confidence, NEW.reasons, NEW.engine)
    IS NOT (OLD.page_id, OLD.run, OLD.field, OLD.checked, OLD.confidence, OLD.reasons, OLD.engine)
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;
-- +goose StatementEnd

DROP TRIGGER reading_details_stay;
-- +goose StatementBegin
CREATE TRIGGER reading_details_stay BEFORE UPDATE ON reading_details
WHEN coalesce(unicode(OLD.detail) = 1, TRUE) OR coalesce(unicode(NEW.detail) <> 1, TRUE)
    OR (NEW.page_id, NEW.run, NEW.field)
    IS NOT (OLD.page_id, OLD.run, OLD.field)
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;
-- +goose StatementEnd

DROP TRIGGER corrections_stay;
-- +goose StatementBegin
CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections
WHEN coalesce(unicode(OLD.text) = 1, TRUE) OR coalesce(unicode(NEW.text) <> 1, TRUE)
    OR (NEW.id, NEW.page_id, NEW.run, NEW.field, NEW.checked, NEW.accepted, NEW.user_id, NEW.at, NEW.mark, NEW.override)
    IS NOT (OLD.id, OLD.page_id, OLD.run, OLD.field, OLD.checked, OLD.accepted, OLD.user_id, OLD.at, OLD.mark, OLD.override)
BEGIN
    SELECT RAISE (ABORT, 'a correction is never changed');
END;
-- +goose StatementEnd

DROP TRIGGER entries_stay;
-- +goose StatementBegin
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
WHEN coalesce(unicode(OLD.text) = 1, TRUE) OR coalesce(unicode(NEW.text) <> 1, TRUE)
    OR (NEW.id, NEW.page_id, NEW.run, NEW.field, NEW.third, NEW.checked, NEW.mark, NEW.user_id, NEW.at)
    IS NOT (OLD.id, OLD.page_id, OLD.run, OLD.field, OLD.third, OLD.checked, OLD.mark, OLD.user_id, OLD.at)
BEGIN
    SELECT RAISE (ABORT, 'what was keyed is never changed');
END;
-- +goose StatementEnd

-- How long it takes to type a text counts what it was before it was encrypted: with 56
-- bytes of a key's id, a nonce and a tag, in base64.
DROP TRIGGER pages_queued;
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
        SELECT 1 - r.confidence AS wrong, iif(unicode(r.text) = 1, (length(r.text) - 1) * 3 / 4 - 56, length(r.text)) AS length FROM readings r
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

-- The keys of what was deleted for good, and are to be destroyed: by the names of what
-- they are of.
CREATE TABLE keys_due (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER deletions_keys AFTER INSERT ON deletions
BEGIN
    INSERT OR IGNORE INTO keys_due (name) VALUES ('page ' || NEW.uid);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER template_cases_keys AFTER DELETE ON template_cases
BEGIN
    INSERT OR IGNORE INTO keys_due (name) VALUES ('case ' || OLD.id);
END;
-- +goose StatementEnd

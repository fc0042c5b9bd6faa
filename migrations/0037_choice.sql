-- +goose Up

-- Tokens of values that are encrypted were written in digits and letters, so that a
-- short text that was looked for was found in them. Those pages are indexed anew.
INSERT OR IGNORE INTO texts_due (page_id) SELECT page_id FROM personal_texts WHERE instr(text, '!=') > 0;

-- What is encrypted of fields that are not of the law's classes is for the office to say,
-- and may be another day by day: a text is encrypted, or opened by who says so in
-- settings meanwhile, and nothing else of it changes.

DROP TRIGGER readings_stay;
-- +goose StatementBegin
CREATE TRIGGER readings_stay BEFORE UPDATE ON readings
WHEN coalesce((unicode(OLD.text) = 1) = (unicode(NEW.text) = 1), TRUE)
    OR unicode(OLD.text) = 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'opening texts')
    OR (NEW.page_id, NEW.run, NEW.field, NEW.checked, NEW.confidence, NEW.reasons, NEW.engine)
    IS NOT (OLD.page_id, OLD.run, OLD.field, OLD.checked, OLD.confidence, OLD.reasons, OLD.engine)
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;
-- +goose StatementEnd

DROP TRIGGER reading_details_stay;
-- +goose StatementBegin
CREATE TRIGGER reading_details_stay BEFORE UPDATE ON reading_details
WHEN coalesce((unicode(OLD.detail) = 1) = (unicode(NEW.detail) = 1), TRUE)
    OR unicode(OLD.detail) = 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'opening texts')
    OR (NEW.page_id, NEW.run, NEW.field)
    IS NOT (OLD.page_id, OLD.run, OLD.field)
BEGIN
    SELECT RAISE (ABORT, 'a reading is never changed');
END;
-- +goose StatementEnd

DROP TRIGGER corrections_stay;
-- +goose StatementBegin
CREATE TRIGGER corrections_stay BEFORE UPDATE ON corrections
WHEN coalesce((unicode(OLD.text) = 1) = (unicode(NEW.text) = 1), TRUE)
    OR unicode(OLD.text) = 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'opening texts')
    OR (NEW.id, NEW.page_id, NEW.run, NEW.field, NEW.checked, NEW.accepted, NEW.user_id, NEW.at, NEW.mark, NEW.override)
    IS NOT (OLD.id, OLD.page_id, OLD.run, OLD.field, OLD.checked, OLD.accepted, OLD.user_id, OLD.at, OLD.mark, OLD.override)
BEGIN
    SELECT RAISE (ABORT, 'a correction is never changed');
END;
-- +goose StatementEnd

DROP TRIGGER entries_stay;
-- +goose StatementBegin
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
WHEN coalesce((unicode(OLD.text) = 1) = (unicode(NEW.text) = 1), TRUE)
    OR unicode(OLD.text) = 1 AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'opening texts')
    OR (NEW.id, NEW.page_id, NEW.run, NEW.field, NEW.third, NEW.checked, NEW.mark, NEW.user_id, NEW.at)
    IS NOT (OLD.id, OLD.page_id, OLD.run, OLD.field, OLD.third, OLD.checked, OLD.mark, OLD.user_id, OLD.at)
BEGIN
    SELECT RAISE (ABORT, 'what was keyed is never changed');
END;
-- +goose StatementEnd

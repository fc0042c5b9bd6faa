-- +goose Up

-- What is held by its template stays so when it is read with another one.
-- +goose StatementBegin
CREATE TRIGGER pages_stay_held AFTER UPDATE OF template_id ON pages WHEN OLD.template_id IS NOT NEW.template_id
BEGIN
    INSERT OR IGNORE INTO held (page, hold_id)
    SELECT OLD.id, id FROM holds WHERE template_id = OLD.template_id AND lifted_at IS NULL;
END;
-- +goose StatementEnd

-- Sessions are rows since they begin: nothing lists those that ended.
DROP TABLE ended_sessions;

-- +goose Up

-- Several people edit one draft. The revision rises with every change, also from
-- one draft of a template to the next: a new one begins at its time, in ms.
ALTER TABLE template_drafts ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE template_drafts ADD COLUMN changed_by INTEGER REFERENCES users (id); -- NULL for none
ALTER TABLE template_drafts ADD COLUMN suggested TEXT NOT NULL DEFAULT '';       -- fields that there may be, as in a template.json, or ''
UPDATE template_drafts SET revision = updated_at;

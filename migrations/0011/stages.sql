ALTER TABLE template_versions ADD COLUMN stage TEXT NOT NULL DEFAULT 'retired' CHECK (stage IN ('beta', 'service', 'retired'));
UPDATE template_versions AS v SET stage = t.stage
FROM templates t
WHERE t.id = v.template_id AND t.version = v.version AND t.stage IN ('beta', 'service');
CREATE UNIQUE INDEX template_versions_beta ON template_versions (template_id) WHERE stage = 'beta';
CREATE UNIQUE INDEX template_versions_service ON template_versions (template_id) WHERE stage = 'service';
CREATE TRIGGER template_versions_stay
BEFORE UPDATE OF template_id, version, definition, image, image_name, created_at ON template_versions
BEGIN
    SELECT RAISE (ABORT, 'a version is never changed');
END;

-- What is being made of a template. It may be incomplete.
CREATE TABLE template_drafts (
    template_id INTEGER PRIMARY KEY REFERENCES templates (id),
    definition  TEXT    NOT NULL, -- as in a template.json
    image       TEXT    NOT NULL, -- key of a blob
    image_name  TEXT    NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
INSERT INTO template_drafts (template_id, definition, image, image_name, updated_at)
SELECT t.id, v.definition, v.image, v.image_name, t.updated_at
FROM templates t JOIN template_versions v ON v.template_id = t.id AND v.version = t.version
WHERE t.stage = 'draft';

-- Who asks for a template gets its version in beta.
ALTER TABLE domains ADD COLUMN beta INTEGER NOT NULL DEFAULT 0 CHECK (beta IN (0, 1));
UPDATE domains SET beta = 1 WHERE id IN (SELECT domain_id FROM templates WHERE stage = 'beta');

ALTER TABLE templates DROP COLUMN stage;
ALTER TABLE templates DROP COLUMN version;

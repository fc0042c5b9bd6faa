-- +goose Up

-- Pages whose version did not know yet that something is personal data are found, and
-- lie side by side, as if it were none: those that an older version has read are
-- looked at once more.
INSERT INTO texts_due
SELECT p.id FROM pages p
WHERE p.version < (SELECT max(v.version) FROM template_versions v WHERE v.template_id = p.template_id)
ON CONFLICT DO NOTHING;

INSERT INTO untiled
SELECT p.id FROM pages p
WHERE p.doubtful > 0 AND p.version < (SELECT max(v.version) FROM template_versions v WHERE v.template_id = p.template_id)
ON CONFLICT DO NOTHING;

-- +goose Up

-- Pages are found no more by what people are to key without seeing it, nor by a value
-- that a probe asks of somebody: those that are under review are indexed again.
INSERT INTO texts_due SELECT id FROM pages WHERE state = 'review' ON CONFLICT DO NOTHING;

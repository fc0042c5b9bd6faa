-- +goose Up

-- Whether the cells of tables stand among the fields in answers of the API.

ALTER TABLE domains ADD COLUMN cells INTEGER NOT NULL DEFAULT 0 CHECK (cells IN (0, 1));

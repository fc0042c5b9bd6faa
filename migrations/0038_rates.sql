-- +goose Up

-- How often the programs of a domain may ask in a minute; 0 for as often as they like.
ALTER TABLE domains ADD COLUMN per_minute INTEGER NOT NULL DEFAULT 0 CHECK (per_minute >= 0);

-- +goose Up

-- What waits for another person to key it is found by domain, however few of its
-- pages wait among those of others.
CREATE INDEX pages_awaiting ON pages (domain_id, id) WHERE awaiting > 0 AND state = 'review';

-- +goose Up

-- How many pages a document has is stored before the first of them is read, and
-- each has a row from then on. What keeps a document from being read is kept
-- with it, apart from what is wrong with a page.

ALTER TABLE documents ADD COLUMN pages INTEGER CHECK (pages >= 1);    -- that its file has; NULL while nobody knows, and of files read before this was kept
ALTER TABLE documents ADD COLUMN trouble TEXT NOT NULL DEFAULT '';    -- why it waits to be tried again; empty where nothing keeps it
ALTER TABLE documents ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;    -- how often it was put off since a page of it was last kept
ALTER TABLE pages ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;        -- that ended by a fault of the page itself
ALTER TABLE rereads ADD COLUMN trouble TEXT NOT NULL DEFAULT '';      -- as of documents
ALTER TABLE rereads ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rereads ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;      -- as of pages

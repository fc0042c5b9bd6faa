-- The cache is larger meanwhile: pages of the file were read again and again.
PRAGMA cache_size = -65536;
CREATE TEMP TABLE field_ids (
    template_id INTEGER NOT NULL,
    version     INTEGER NOT NULL,
    name        TEXT    NOT NULL, -- of a field, or items[2,0] of a cell
    id          TEXT    NOT NULL,
    PRIMARY KEY (template_id, version, name)
) WITHOUT ROWID;

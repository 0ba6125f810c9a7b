-- Who has which role. A grant is ended, never deleted, so the table is also its history. Times are seconds since 1970.
CREATE TABLE grants (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    role TEXT NOT NULL,
    -- NULL for a role over the whole network.
    site TEXT,
    -- Words of permissions, separated by one space.
    extra TEXT NOT NULL,
    project TEXT,
    -- NULL when it was done on the hub itself, as revoked_by.
    granted_by TEXT,
    granted_at INTEGER NOT NULL,
    -- The first second without the role; NULL for no end.
    until INTEGER,
    revoked_at INTEGER,
    revoked_by TEXT
) STRICT;

CREATE INDEX grants_of_person ON grants (person);

CREATE TRIGGER grants_are_never_deleted BEFORE DELETE ON grants
BEGIN
    SELECT RAISE(ABORT, 'a grant is ended, never deleted');
END;

CREATE TRIGGER grants_are_ended_once BEFORE UPDATE ON grants
WHEN OLD.revoked_at IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a grant is ended once');
END;

CREATE TRIGGER grants_never_change BEFORE UPDATE OF
    id, person, role, site, extra, project, granted_by, granted_at, until ON grants
BEGIN
    SELECT RAISE(ABORT, 'a grant is ended, never changed');
END;

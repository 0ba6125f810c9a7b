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
    granted_at BIGINT NOT NULL,
    -- The first second without the role; NULL for no end.
    until BIGINT,
    revoked_at BIGINT,
    revoked_by TEXT
);

CREATE INDEX grants_of_person ON grants (person);

CREATE FUNCTION keep_grants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a grant is ended, never deleted';
    END IF;
    IF OLD.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION 'a grant is ended once';
    END IF;
    IF (OLD.id, OLD.person, OLD.role, OLD.site, OLD.extra, OLD.project, OLD.granted_by, OLD.granted_at, OLD.until)
        IS DISTINCT FROM
        (NEW.id, NEW.person, NEW.role, NEW.site, NEW.extra, NEW.project, NEW.granted_by, NEW.granted_at, NEW.until) THEN
        RAISE EXCEPTION 'a grant is ended, never changed';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER grants_are_kept BEFORE UPDATE OR DELETE ON grants FOR EACH ROW EXECUTE FUNCTION keep_grants();

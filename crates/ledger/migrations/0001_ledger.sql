-- What was released, never changed and never forgotten. Columns of type BLOB named `sealed` are encrypted, and bound to the
-- plain columns of their row. Times are seconds since 1970, days are days since 1970.

-- One row: the latest time anything was written at, and how many rows the tables have that only grow.
CREATE TABLE head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    sealed BLOB NOT NULL
) STRICT;

CREATE TABLE lineages (
    id INTEGER NOT NULL PRIMARY KEY,
    dataset TEXT NOT NULL,
    source BLOB NOT NULL,
    UNIQUE (dataset, source)
) STRICT;

-- The keys of a lineage's people in the order of their ordinals.
CREATE TABLE people (
    lineage INTEGER NOT NULL PRIMARY KEY REFERENCES lineages (id),
    sealed BLOB NOT NULL
) STRICT;

-- The ordinals of a build's people in the order of the build, each with a digest of what the build says of them.
CREATE TABLE builds (
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    build TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (lineage, build)
) STRICT;

CREATE TABLE releases (
    id INTEGER NOT NULL PRIMARY KEY,
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    build TEXT NOT NULL,
    policy BLOB NOT NULL,
    query BLOB NOT NULL,
    cohort BLOB NOT NULL,
    envelope BLOB NOT NULL,
    user TEXT NOT NULL,
    time INTEGER NOT NULL,
    charge INTEGER NOT NULL CHECK (charge >= 0),
    -- The reply.
    sealed BLOB NOT NULL,
    UNIQUE (lineage, build, policy, query)
) STRICT;

CREATE INDEX releases_of_lineage ON releases (lineage);
CREATE INDEX charges ON releases (lineage, user, charge);
CREATE INDEX cohorts ON releases (user, time, lineage, cohort);

CREATE TABLE entries (
    id INTEGER NOT NULL PRIMARY KEY,
    release INTEGER NOT NULL REFERENCES releases (id),
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    build TEXT NOT NULL,
    text BLOB NOT NULL,
    -- NULL for a set of people, '=' and variables for people with values; else the set is of rows of this table, in the order of
    -- this build.
    row_table TEXT,
    row_build TEXT,
    -- The set.
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX entries_of_lineage ON entries (lineage);
CREATE INDEX entries_of_release ON entries (release);

-- Sums of the powers of a column over the members of an entry.
CREATE TABLE figures (
    entry INTEGER NOT NULL REFERENCES entries (id),
    variable BLOB NOT NULL,
    -- The last release that told of them.
    release INTEGER NOT NULL REFERENCES releases (id),
    sealed BLOB NOT NULL,
    PRIMARY KEY (entry, variable)
) STRICT;

CREATE INDEX figures_of_release ON figures (release);

-- The one bucket in which a column may be cut over a cohort.
CREATE TABLE series (
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    cohort BLOB NOT NULL,
    variable BLOB NOT NULL,
    release INTEGER NOT NULL REFERENCES releases (id),
    -- The bucket.
    sealed BLOB NOT NULL,
    PRIMARY KEY (lineage, cohort, variable)
) STRICT;

CREATE TABLE requests (
    user TEXT NOT NULL,
    day INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    PRIMARY KEY (user, day)
) STRICT;

-- What a site's privacy auditor adds to a budget.
CREATE TABLE grants (
    id INTEGER NOT NULL PRIMARY KEY,
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    -- NULL for the budget of everybody together.
    user TEXT,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    granted_by TEXT NOT NULL,
    time INTEGER NOT NULL,
    -- Nothing but the proof that this program wrote the row.
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX grants_of_lineage ON grants (lineage);

-- In the order they were taken.
CREATE TABLE nonces (
    id INTEGER NOT NULL PRIMARY KEY,
    nonce BLOB NOT NULL UNIQUE,
    until INTEGER NOT NULL
) STRICT;

-- When an administrator told the ledger that its clock had been wrong.
CREATE TABLE clocks (
    id INTEGER NOT NULL PRIMARY KEY,
    latest INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    accepted_by TEXT NOT NULL
) STRICT;

CREATE TRIGGER releases_are_never_deleted BEFORE DELETE ON releases
BEGIN
    SELECT RAISE(ABORT, 'a release is never forgotten');
END;

CREATE TRIGGER releases_never_change BEFORE UPDATE ON releases
BEGIN
    SELECT RAISE(ABORT, 'a release never changes');
END;

CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries
BEGIN
    SELECT RAISE(ABORT, 'an entry is never forgotten');
END;

CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'an entry never changes');
END;

CREATE TRIGGER figures_are_never_deleted BEFORE DELETE ON figures
BEGIN
    SELECT RAISE(ABORT, 'a figure is never forgotten');
END;

CREATE TRIGGER series_are_never_deleted BEFORE DELETE ON series
BEGIN
    SELECT RAISE(ABORT, 'a series is never forgotten');
END;

CREATE TRIGGER series_never_change BEFORE UPDATE ON series
BEGIN
    SELECT RAISE(ABORT, 'a series never changes');
END;

CREATE TRIGGER grants_are_never_deleted BEFORE DELETE ON grants
BEGIN
    SELECT RAISE(ABORT, 'a grant is never forgotten');
END;

CREATE TRIGGER grants_never_change BEFORE UPDATE ON grants
BEGIN
    SELECT RAISE(ABORT, 'a grant never changes');
END;

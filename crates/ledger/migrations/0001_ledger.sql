-- What a site was asked, and what its watch has seen. Columns of type BLOB named `sealed` are encrypted, and bound to the plain
-- columns of their row. Times are seconds since 1970, days are days since 1970. `ask` and `cohort` are SHA-256 of canonical
-- texts.

-- One row: the latest time anything was written at, a check value of the perturbation key, and how many rows the tables have
-- that only grow.
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

-- New asks of a project.
CREATE TABLE asks (
    id INTEGER NOT NULL PRIMARY KEY,
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    project TEXT NOT NULL,
    user TEXT NOT NULL,
    ask BLOB NOT NULL,
    cohort BLOB NOT NULL,
    day INTEGER NOT NULL,
    time INTEGER NOT NULL,
    UNIQUE (lineage, project, ask)
) STRICT;

-- What the limits count, read from the indexes alone.
CREATE INDEX asks_of_project ON asks (lineage, project, cohort, id);
CREATE INDEX asks_of_user ON asks (lineage, user, cohort, id);
CREATE INDEX asks_of_day ON asks (lineage, user, day);

-- From when on a project's or a person's asks count anew.
CREATE TABLE renewals (
    id INTEGER NOT NULL PRIMARY KEY,
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    -- 'project' or 'user'.
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The last ask that no longer counts.
    after INTEGER NOT NULL,
    time INTEGER NOT NULL,
    renewed_by TEXT NOT NULL,
    -- Nothing but the proof that this program wrote the row.
    sealed BLOB NOT NULL
) STRICT;

-- Query sets of asks, as the watch compares them: five digests of groups of their bucket sums, by which near sets are found.
CREATE TABLE sets (
    id INTEGER NOT NULL PRIMARY KEY,
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    ask INTEGER NOT NULL REFERENCES asks (id),
    g1 INTEGER NOT NULL,
    g2 INTEGER NOT NULL,
    g3 INTEGER NOT NULL,
    g4 INTEGER NOT NULL,
    g5 INTEGER NOT NULL,
    -- Bucket sums, told count and statement keys.
    sealed BLOB NOT NULL
) STRICT;

CREATE INDEX sets_1 ON sets (g1);
CREATE INDEX sets_2 ON sets (g2);
CREATE INDEX sets_3 ON sets (g3);
CREATE INDEX sets_4 ON sets (g4);
CREATE INDEX sets_5 ON sets (g5);
CREATE INDEX sets_of_ask ON sets (ask);

-- Near pairs, each pair of statements once for whoever asked the later of the two.
CREATE TABLE sightings (
    id INTEGER NOT NULL PRIMARY KEY,
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    project TEXT NOT NULL,
    user TEXT NOT NULL,
    -- The two statement keys, and 1 for a pair of distributions.
    pair BLOB NOT NULL,
    -- 'twin' or 'near cell'.
    kind TEXT NOT NULL,
    weight INTEGER NOT NULL,
    -- The ask after which it was seen.
    ask INTEGER NOT NULL REFERENCES asks (id),
    time INTEGER NOT NULL,
    UNIQUE (lineage, project, user, kind, pair)
) STRICT;

-- People and projects whose new asks are refused, until the privacy auditor releases them.
CREATE TABLE holds (
    id INTEGER NOT NULL PRIMARY KEY,
    lineage INTEGER NOT NULL REFERENCES lineages (id),
    -- 'project' or 'user'.
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    time INTEGER NOT NULL,
    -- The last sighting when it was released; NULL while it holds.
    released_after INTEGER,
    released_by TEXT,
    reason TEXT
) STRICT;

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

CREATE TRIGGER asks_are_never_deleted BEFORE DELETE ON asks
BEGIN
    SELECT RAISE(ABORT, 'an ask is never forgotten');
END;

CREATE TRIGGER asks_never_change BEFORE UPDATE ON asks
BEGIN
    SELECT RAISE(ABORT, 'an ask never changes');
END;

CREATE TRIGGER renewals_are_never_deleted BEFORE DELETE ON renewals
BEGIN
    SELECT RAISE(ABORT, 'a renewal is never forgotten');
END;

CREATE TRIGGER renewals_never_change BEFORE UPDATE ON renewals
BEGIN
    SELECT RAISE(ABORT, 'a renewal never changes');
END;

CREATE TRIGGER sightings_are_never_deleted BEFORE DELETE ON sightings
BEGIN
    SELECT RAISE(ABORT, 'a sighting is never forgotten');
END;

CREATE TRIGGER holds_are_never_deleted BEFORE DELETE ON holds
BEGIN
    SELECT RAISE(ABORT, 'a hold is never forgotten');
END;

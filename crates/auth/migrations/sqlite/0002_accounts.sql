-- Who may log in. Times are seconds since 1970. Passwords, codes and session tokens are here as hashes only.
CREATE TABLE accounts (
    person TEXT NOT NULL PRIMARY KEY,
    -- Where codes go instead of by e-mail.
    phone TEXT,
    -- Argon2id in PHC form.
    password TEXT NOT NULL,
    password_at INTEGER NOT NULL,
    -- 1 while the password is one that an administrator handed out.
    must_change INTEGER NOT NULL,
    -- Wrong passwords and codes since the last log-in.
    wrong INTEGER NOT NULL,
    locked_at INTEGER,
    closed_at INTEGER,
    opened_at INTEGER NOT NULL,
    -- NULL when it was done on the hub itself.
    opened_by TEXT
) STRICT;

CREATE TABLE former_passwords (
    person TEXT NOT NULL,
    password TEXT NOT NULL
) STRICT;
CREATE INDEX former_passwords_of_person ON former_passwords (person);

-- One-time codes. `challenge` is the SHA-256 of what the person's program holds, `code` of that and the code.
CREATE TABLE codes (
    challenge TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    code TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX codes_of_person ON codes (person, made_at);

-- `token` is the SHA-256 of the session's token.
CREATE TABLE sessions (
    token TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ended_at INTEGER,
    -- From where it was made.
    address TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_of_person ON sessions (person);

-- Failed attempts of the last day, for bursts. `person` is NULL for a name that nobody can have.
CREATE TABLE attempts (
    at INTEGER NOT NULL,
    person TEXT,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX attempts_by_time ON attempts (at);

-- From where a person has logged in.
CREATE TABLE addresses (
    person TEXT NOT NULL,
    address TEXT NOT NULL,
    PRIMARY KEY (person, address)
) STRICT;

-- When administrators were last told of something, so that a burst is told once an hour.
CREATE TABLE notices (
    what TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

-- Certificates of people that this hub issued.
CREATE TABLE certificates (
    -- SHA-256 of the certificate in DER, in hexadecimal.
    thumbprint TEXT NOT NULL PRIMARY KEY,
    serial TEXT NOT NULL,
    person TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_by TEXT
) STRICT;
CREATE INDEX certificates_of_person ON certificates (person);

-- Approved projects. The people of one are those who have grants for it.
CREATE TABLE projects (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    -- The number or name of the approval, as the ethics committee writes it.
    approval TEXT NOT NULL,
    -- Separated by one space.
    sites TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    -- The first second without the project.
    until INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;

-- Why a grant was given.
ALTER TABLE grants ADD COLUMN reason TEXT;

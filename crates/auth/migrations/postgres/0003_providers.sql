-- Log-ins for which a browser went to an institution's provider. `state` is the SHA-256 of what the person's program holds. The nonce and
-- the PKCE verifier are made of that and the seed: the database alone has neither, and the browser has no verifier.
CREATE TABLE provider_log_ins (
    state TEXT NOT NULL PRIMARY KEY,
    seed TEXT NOT NULL,
    -- The first domain of the institution.
    institution TEXT NOT NULL,
    issuer TEXT NOT NULL,
    -- Who wants to log in; NULL where only the domain was said.
    person TEXT,
    redirect TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    used_at BIGINT,
    -- From where it was begun.
    address TEXT NOT NULL
);
CREATE INDEX provider_log_ins_of_address ON provider_log_ins (address, made_at);

-- The first version of the tables. The same text for SQLite and PostgreSQL: moments and counts are BIGINT (moments: milliseconds since 1970),
-- everything else is TEXT. What a column's name does not say is said beside it; SERVICE.md tells of the rest.
CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- HMACs of its secrets, the newer one while it is rotated.
    secret_code TEXT,
    next_secret_code TEXT,
    initiate_login_uri TEXT,
    dead_link TEXT NOT NULL,
    locale TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    trusted BIGINT NOT NULL,
    sign_up TEXT NOT NULL,
    invites_per_minute BIGINT NOT NULL,
    invites_per_day BIGINT NOT NULL,
    webhook_url TEXT,
    webhook_secret TEXT,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE TABLE redirect_uris (
    client_id TEXT NOT NULL REFERENCES clients (id),
    uri TEXT NOT NULL,
    PRIMARY KEY (client_id, uri)
);
-- No reference to its client: PostgreSQL would lock that one row with each insert. Clients are turned off and never taken away.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    -- The person who invites; none if the client does.
    inviter_sub TEXT,
    -- As it was typed, and as people are told apart. Once it is wiped: nothing, and an HMAC.
    email TEXT NOT NULL,
    email_norm TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    response_mode TEXT NOT NULL,
    state TEXT,
    -- How the answer goes to the client; whether a mail goes to the person.
    delivery TEXT NOT NULL,
    deliver TEXT NOT NULL,
    template_alias TEXT NOT NULL,
    locale TEXT NOT NULL,
    template_data TEXT NOT NULL,
    app_data TEXT,
    party TEXT,
    scope TEXT NOT NULL,
    nonce TEXT,
    code_challenge TEXT,
    status TEXT NOT NULL,
    -- Links of lower ones are dead.
    generation BIGINT NOT NULL,
    send_count BIGINT NOT NULL,
    -- In milliseconds, for the end that a resend begins.
    ttl BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    first_sent_at BIGINT,
    opened_at BIGINT,
    accepted_at BIGINT,
    ended_at BIGINT,
    last_smtp TEXT
);
CREATE INDEX invitations_newest ON invitations (client_id, created_at, id);
CREATE INDEX invitations_status ON invitations (client_id, status, created_at, id);
CREATE INDEX invitations_address ON invitations (client_id, email_norm, created_at, id);
CREATE INDEX invitations_inviter ON invitations (inviter_sub, created_at, id) WHERE inviter_sub IS NOT NULL;
CREATE INDEX invitations_ending ON invitations (expires_at) WHERE ended_at IS NULL;
CREATE INDEX invitations_wiping ON invitations (ended_at) WHERE email <> '';
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The invitation, the ticket of a sign-in, or the event.
    reference TEXT NOT NULL,
    -- Of a sign-in what its mail says, sealed.
    body TEXT,
    attempts BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    -- Until then a process is sending it.
    lease_until BIGINT NOT NULL,
    last_error TEXT
);
CREATE INDEX outbox_due ON outbox (kind, next_at);
CREATE INDEX outbox_reference ON outbox (reference);
CREATE TABLE codes (
    hash TEXT PRIMARY KEY,
    invitation_id TEXT,
    sub TEXT,
    email TEXT NOT NULL,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT,
    nonce TEXT,
    scope TEXT NOT NULL,
    jkt TEXT,
    auth_time BIGINT NOT NULL,
    family TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    dead BIGINT NOT NULL
);
CREATE INDEX codes_invitation ON codes (invitation_id) WHERE invitation_id IS NOT NULL;
CREATE INDEX codes_ending ON codes (expires_at);
CREATE TABLE tickets (
    hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The invitation, or the address that signs in.
    reference TEXT NOT NULL,
    -- Of a sign-in the request that it answers.
    body TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX tickets_reference ON tickets (reference);
CREATE INDEX tickets_ending ON tickets (expires_at);
CREATE TABLE typed_codes (
    -- Its HMAC.
    code TEXT PRIMARY KEY,
    invitation_id TEXT NOT NULL,
    tries BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX typed_codes_invitation ON typed_codes (invitation_id);
CREATE INDEX typed_codes_ending ON typed_codes (expires_at);
CREATE TABLE subjects (
    email_norm TEXT NOT NULL,
    vouched_by TEXT NOT NULL,
    sub TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (email_norm, vouched_by)
);
CREATE TABLE refresh (
    selector TEXT PRIMARY KEY,
    -- The HMAC of the token's secret half.
    code TEXT NOT NULL,
    family TEXT NOT NULL,
    client_id TEXT NOT NULL,
    invitation_id TEXT,
    sub TEXT NOT NULL,
    email TEXT NOT NULL,
    email_verified BIGINT NOT NULL,
    scope TEXT NOT NULL,
    jkt TEXT,
    auth_time BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX refresh_family ON refresh (family);
CREATE INDEX refresh_ending ON refresh (expires_at);
CREATE TABLE templates (
    client_id TEXT NOT NULL REFERENCES clients (id),
    alias TEXT NOT NULL,
    locale TEXT NOT NULL,
    version BIGINT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (client_id, alias, locale, version)
);
CREATE TABLE suppressions (
    -- The client whose mails are not wanted, or * for all; ? where a server has said once that there is no such mailbox.
    scope TEXT NOT NULL,
    email_norm TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (scope, email_norm)
);
CREATE INDEX suppressions_age ON suppressions (at);
CREATE TABLE idempotency (
    -- The client, or the client, a slash and the person.
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    -- The digest of the request.
    body_hash TEXT NOT NULL,
    -- The answer: its status, the invitation of its header, its body.
    status BIGINT,
    invitation_id TEXT,
    body TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);
CREATE TABLE counters (
    key TEXT NOT NULL,
    window_start BIGINT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (key, window_start)
);
CREATE INDEX counters_age ON counters (window_start);
CREATE TABLE events (
    id TEXT PRIMARY KEY,
    -- Its number and hash, once it is sealed.
    seq BIGINT UNIQUE,
    chain TEXT,
    at BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    invitation_id TEXT,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE INDEX events_client ON events (client_id, id);
CREATE INDEX events_invitation ON events (invitation_id, id);
CREATE INDEX events_unsealed ON events (id) WHERE seq IS NULL;
CREATE TABLE replayed (
    jti TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX replayed_ending ON replayed (expires_at);
CREATE TABLE sessions (
    hash TEXT PRIMARY KEY,
    sub TEXT NOT NULL,
    email TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_ending ON sessions (expires_at);
CREATE TABLE sweeps (
    name TEXT PRIMARY KEY,
    looked_at BIGINT NOT NULL,
    waits_until BIGINT NOT NULL
);

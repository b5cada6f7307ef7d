-- Text compares as bytes (COLLATE "C"), as on SQLite: else the order of names would depend on the server.
-- Rows that belong to a volume are keyed (volume_id, id), so that the tables can be distributed by volume; every unique key holds
-- the column that its table is distributed by.

CREATE TABLE volumes (
    id                   UUID             NOT NULL PRIMARY KEY,
    project_id           TEXT COLLATE "C" NOT NULL,
    user_id              TEXT COLLATE "C",
    name                 TEXT COLLATE "C",
    description          TEXT COLLATE "C",
    size                 BIGINT           NOT NULL CHECK (size >= 0),
    status               TEXT COLLATE "C" NOT NULL,
    -- one that is still `creating` becomes `available` at a time, or after so many reads, and one on offer when the offer ends by
    -- itself; both are null on every other
    status_until       TIMESTAMPTZ,
    creating_reads       BIGINT,
    availability_zone    TEXT COLLATE "C",
    volume_type          TEXT COLLATE "C",
    bootable             BOOLEAN          NOT NULL,
    system_disk          BOOLEAN          NOT NULL,
    encrypted            BOOLEAN          NOT NULL,
    frozen               BOOLEAN          NOT NULL,
    billing              TEXT COLLATE "C" NOT NULL CHECK (billing IN ('postpaid', 'prepaid')),
    backup_policy_id     TEXT COLLATE "C",
    dedicated_storage    TEXT COLLATE "C" NOT NULL CHECK (dedicated_storage IN ('none', 'dss', 'dess')),
    replication_enabled  BOOLEAN          NOT NULL,
    consistency_group_id TEXT COLLATE "C",
    multiattach          BOOLEAN          NOT NULL,
    consumes_quota       BOOLEAN          NOT NULL,
    metadata             TEXT COLLATE "C" NOT NULL,
    extra                TEXT COLLATE "C" NOT NULL,
    created_at           TIMESTAMPTZ      NOT NULL,
    updated_at           TIMESTAMPTZ,
    -- how often its snapshots and backups were changed: what was seen of them before still holds where this does
    copy_changes         BIGINT           NOT NULL DEFAULT 0
);

-- The few that no quota counts.
CREATE INDEX volumes_uncounted ON volumes (project_id) WHERE NOT consumes_quota;
CREATE INDEX volumes_by_project ON volumes (project_id, created_at, id);
-- What clients ask for by name on every call, of a project's or of all; and by status: in the order of a list.
CREATE INDEX volumes_by_name ON volumes (name, project_id, created_at, id) WHERE name IS NOT NULL;
CREATE INDEX volumes_by_status ON volumes (project_id, status, created_at, id);
-- For all projects alone, whose statement has that condition: of a project's page PostgreSQL would read the others' rows too, where
-- it takes the project for one of few.
CREATE INDEX volumes_by_age ON volumes (created_at, id) WHERE created_at > '-infinity';
-- The few that have metadata: for their summary, and for lists that ask for some.
CREATE INDEX volumes_with_metadata ON volumes (project_id, created_at, id) WHERE metadata <> '{}';
CREATE INDEX volumes_due ON volumes (status_until) WHERE status_until IS NOT NULL;

CREATE TABLE snapshots (
    volume_id   UUID             NOT NULL REFERENCES volumes (id),
    id          UUID             NOT NULL,
    project_id  TEXT COLLATE "C" NOT NULL,
    user_id     TEXT COLLATE "C",
    name        TEXT COLLATE "C",
    description TEXT COLLATE "C",
    status      TEXT COLLATE "C" NOT NULL,
    size        BIGINT           NOT NULL CHECK (size >= 0),
    consumes_quota BOOLEAN       NOT NULL,
    metadata    TEXT COLLATE "C" NOT NULL,
    -- what only one of snapshots and backups has
    extra       TEXT COLLATE "C" NOT NULL,
    created_at  TIMESTAMPTZ      NOT NULL,
    updated_at  TIMESTAMPTZ,
    PRIMARY KEY (volume_id, id)
);

CREATE INDEX snapshots_uncounted ON snapshots (project_id) WHERE NOT consumes_quota;
CREATE INDEX snapshots_by_id ON snapshots (id);
CREATE INDEX snapshots_by_project ON snapshots (project_id, created_at, id);
CREATE INDEX snapshots_by_name ON snapshots (name, project_id, created_at, id) WHERE name IS NOT NULL;
CREATE INDEX snapshots_by_status ON snapshots (project_id, status, created_at, id);
CREATE INDEX snapshots_by_volume ON snapshots (volume_id, project_id, created_at, id);
CREATE INDEX snapshots_by_age ON snapshots (created_at, id) WHERE created_at > '-infinity';

-- A backup outlives its volume, so nothing refers to volumes.
CREATE TABLE backups (
    volume_id   UUID             NOT NULL,
    id          UUID             NOT NULL,
    project_id  TEXT COLLATE "C" NOT NULL,
    user_id     TEXT COLLATE "C",
    name        TEXT COLLATE "C",
    description TEXT COLLATE "C",
    status      TEXT COLLATE "C" NOT NULL,
    size        BIGINT           NOT NULL CHECK (size >= 0),
    consumes_quota BOOLEAN       NOT NULL,
    metadata    TEXT COLLATE "C" NOT NULL,
    extra       TEXT COLLATE "C" NOT NULL,
    created_at  TIMESTAMPTZ      NOT NULL,
    updated_at  TIMESTAMPTZ,
    PRIMARY KEY (volume_id, id)
);

CREATE INDEX backups_uncounted ON backups (project_id) WHERE NOT consumes_quota;
CREATE INDEX backups_by_id ON backups (id);
CREATE INDEX backups_by_project ON backups (project_id, created_at, id);
CREATE INDEX backups_by_name ON backups (name, project_id, created_at, id) WHERE name IS NOT NULL;
CREATE INDEX backups_by_status ON backups (project_id, status, created_at, id);
CREATE INDEX backups_by_volume ON backups (volume_id, project_id, created_at, id);
CREATE INDEX backups_by_age ON backups (created_at, id) WHERE created_at > '-infinity';
-- those that may build on another, asked for whenever backups are shown
CREATE INDEX backups_with_extra ON backups (volume_id) WHERE extra <> '{}';

-- The kinds of volumes that there are; a volume says by its name which it is of.
CREATE TABLE volume_types (
    id          UUID             NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    is_public   BOOLEAN          NOT NULL,
    extra_specs TEXT COLLATE "C" NOT NULL,
    -- how volumes of it are encrypted, as JSON: null where they are not
    encryption  TEXT COLLATE "C" NOT NULL,
    -- those that see a private one, as a JSON list
    projects    TEXT COLLATE "C" NOT NULL,
    created_at  TIMESTAMPTZ      NOT NULL,
    updated_at  TIMESTAMPTZ
);

CREATE UNIQUE INDEX volume_types_by_name ON volume_types (name);

-- A transfer is kept when it has ended, as history; its volume may be gone by then, so nothing refers to volumes.
CREATE TABLE transfers (
    volume_id         UUID             NOT NULL,
    id                UUID             NOT NULL,
    name              TEXT COLLATE "C",
    state             TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'accepted', 'deleted', 'expired', 'withdrawn')),
    -- gone as soon as the offer has ended: an old key opens nothing
    auth_key_hash     TEXT COLLATE "C",
    created_at        TIMESTAMPTZ      NOT NULL,
    source_project_id TEXT COLLATE "C" NOT NULL,
    source_user_id    TEXT COLLATE "C" NOT NULL,
    source_request_id UUID             NOT NULL,
    resource          TEXT COLLATE "C" NOT NULL CHECK (resource IN ('os-volume-transfer', 'volume-transfers')),
    microversion      BIGINT,
    no_snapshots      BOOLEAN          NOT NULL,
    -- the moment at which it ends by itself
    expires_at        TIMESTAMPTZ,
    ended_at          TIMESTAMPTZ,
    ended_project_id  TEXT COLLATE "C",
    ended_user_id     TEXT COLLATE "C",
    ended_request_id  UUID,
    PRIMARY KEY (volume_id, id),
    -- in one, since each statement reads the text of every CHECK anew
    CHECK (CASE WHEN state = 'pending'
                THEN auth_key_hash IS NOT NULL AND num_nonnulls(ended_at, ended_project_id, ended_user_id, ended_request_id) = 0
                ELSE auth_key_hash IS NULL AND num_nulls(ended_at, ended_project_id, ended_user_id, ended_request_id) = 0 END),
    CHECK (state <> 'expired' OR ended_at = expires_at)
);

CREATE INDEX transfers_by_id ON transfers (id);
-- the invariant that everything stands on: at most one pending transfer a volume
CREATE UNIQUE INDEX one_pending_transfer_a_volume ON transfers (volume_id) WHERE state = 'pending';
CREATE INDEX pending_transfers_by_project ON transfers (source_project_id, created_at, id) WHERE state = 'pending';
CREATE INDEX pending_transfers_by_name ON transfers (name, source_project_id, created_at, id)
    WHERE state = 'pending' AND name IS NOT NULL;
CREATE INDEX pending_transfers_by_age ON transfers (created_at, id) WHERE state = 'pending' AND created_at > '-infinity';
-- Those whose time comes, for whoever ends them.
CREATE INDEX pending_transfers_by_end ON transfers (expires_at) WHERE state = 'pending' AND expires_at IS NOT NULL;
-- What a project gave, and what it got, ended ones too.
CREATE INDEX transfers_by_donor ON transfers (source_project_id, created_at, id);
CREATE INDEX transfers_by_recipient ON transfers (ended_project_id, created_at, id) WHERE state = 'accepted';
CREATE INDEX transfers_by_age ON transfers (created_at, id) WHERE created_at > '-infinity';

-- How many transfers are in each state, so that a metric costs no scan: 128 slots, so that writers seldom meet in one.
CREATE TABLE transfer_counts (
    slot     BIGINT NOT NULL PRIMARY KEY,
    pending  BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    deleted  BIGINT NOT NULL,
    expired  BIGINT NOT NULL DEFAULT 0,
    withdrawn BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 10); -- room for in-place (HOT) updates

WITH RECURSIVE slots (slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM slots WHERE slot < 127)
INSERT INTO transfer_counts (slot, pending, accepted, deleted)
SELECT slot, 0, 0, 0
FROM slots;

-- Limits that were set, -1 for none; null where the default holds. The project '' is the default class.
CREATE TABLE quota_limits (
    project_id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    volumes              BIGINT,
    snapshots            BIGINT,
    gigabytes            BIGINT,
    per_volume_gigabytes BIGINT,
    backups              BIGINT,
    backup_gigabytes     BIGINT,
    groups               BIGINT
);

-- What a project has: always the sum of its rows, moved in the same transaction as they are.
CREATE TABLE quota_usage (
    project_id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    volumes          BIGINT           NOT NULL,
    snapshots        BIGINT           NOT NULL,
    -- of volumes and of snapshots
    gigabytes        BIGINT           NOT NULL,
    -- of volumes alone: read by their summary
    volume_gigabytes BIGINT           NOT NULL,
    backups          BIGINT           NOT NULL,
    backup_gigabytes BIGINT           NOT NULL,
    -- when a volume of its was offered last: an offer whose time was taken before this one's is not committed behind it
    offered_at       TIMESTAMPTZ      NOT NULL DEFAULT '1970-01-01 00:00:00+00'
) WITH (fillfactor = 50); -- room for in-place (HOT) updates

-- Requests that were done once, so that a retry gets the same answer. Neither the header's value nor the answer is readable
-- here: the one is hashed, the other sealed under a key that is made of it.
CREATE TABLE idempotency_keys (
    key_hash     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    request_hash TEXT COLLATE "C" NOT NULL,
    created_at   TIMESTAMPTZ      NOT NULL,
    -- NULL once nobody is answered from it any more
    sealed       BYTEA
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
-- Those whose answer is still to be wiped.
CREATE INDEX idempotency_keys_sealed ON idempotency_keys (created_at) WHERE sealed IS NOT NULL;

-- One thing that a caller did or was refused. It is written in the transaction that does it, so that it also tells whether that
-- is committed. Kept under the volume, else under a UUID of what it was done to, so that it can be distributed with its volume.
CREATE TABLE acts (
    target      UUID             NOT NULL,
    request_id  UUID             NOT NULL,
    at          TIMESTAMPTZ      NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    -- NULL of what was to be made, and was not
    record      TEXT COLLATE "C",
    transfer_id UUID,
    -- 'done', or the refusal's code
    outcome     TEXT COLLATE "C" NOT NULL,
    -- the code of each rule that said no, as a JSON list
    reasons     TEXT COLLATE "C" NOT NULL,
    project_id  TEXT COLLATE "C" NOT NULL,
    user_id     TEXT COLLATE "C" NOT NULL,
    address     TEXT COLLATE "C",
    PRIMARY KEY (target, request_id)
);

CREATE INDEX acts_by_age ON acts (at, request_id);

-- How many refusals of a project are kept of an hour, counted from 1970: a flood of them is bounded.
CREATE TABLE refusals (
    project_id TEXT COLLATE "C" NOT NULL,
    hour       BIGINT           NOT NULL,
    kept       BIGINT           NOT NULL,
    PRIMARY KEY (project_id, hour)
);

-- How many wrong keys a project has sent for a transfer, and for all (an id that no transfer has): in all, and since when so many of them.
CREATE TABLE attempts (
    transfer_id UUID             NOT NULL,
    project_id  TEXT COLLATE "C" NOT NULL,
    failed      BIGINT           NOT NULL,
    tried       BIGINT           NOT NULL,
    since       TIMESTAMPTZ      NOT NULL,
    PRIMARY KEY (transfer_id, project_id)
) WITH (fillfactor = 50); -- room for in-place (HOT) updates

CREATE INDEX attempts_by_age ON attempts (since);

-- The built-in identity: users, projects and roles. Of each kind a name is taken once.
CREATE TABLE identity_entities (
    kind       TEXT COLLATE "C"    NOT NULL CHECK (kind IN ('user', 'project', 'role')),
    id         TEXT COLLATE "C"    NOT NULL,
    name       TEXT COLLATE "C"    NOT NULL,
    enabled    BOOLEAN NOT NULL,
    -- an Argon2id hash, of users alone
    password   TEXT COLLATE "C",
    -- what else was said of it, as a JSON object
    attributes TEXT COLLATE "C"    NOT NULL,
    PRIMARY KEY (kind, id),
    CHECK (kind = 'user' OR password IS NULL)
);

CREATE UNIQUE INDEX identity_entities_by_name ON identity_entities (kind, name);

-- Who has which role where.
CREATE TABLE identity_grants (
    project_id TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    role_id    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project_id, user_id, role_id)
);

CREATE INDEX identity_grants_by_user ON identity_grants (user_id, project_id);

-- Application credentials, whose secret is hashed, and access keys, whose secret is sealed under a key that is not in here.
CREATE TABLE identity_credentials (
    user_id    TEXT COLLATE "C"    NOT NULL,
    id         TEXT COLLATE "C"    NOT NULL,
    kind       TEXT COLLATE "C"    NOT NULL CHECK (kind IN ('application', 'access_key')),
    name       TEXT COLLATE "C",
    project_id TEXT COLLATE "C",
    secret     TEXT COLLATE "C"    NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    attributes TEXT COLLATE "C"    NOT NULL,
    PRIMARY KEY (user_id, id)
);

CREATE INDEX identity_credentials_by_id ON identity_credentials (id);
CREATE UNIQUE INDEX identity_credentials_by_name ON identity_credentials (user_id, name);

-- Tokens that were given out, by the SHA-256 of each: with this nobody can ask for anything.
CREATE TABLE identity_sessions (
    token_hash    TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    user_id       TEXT COLLATE "C"    NOT NULL,
    project_id    TEXT COLLATE "C",
    credential_id TEXT COLLATE "C",
    issued_at     TIMESTAMPTZ NOT NULL,
    expires_at    TIMESTAMPTZ NOT NULL,
    methods       TEXT COLLATE "C"    NOT NULL,
    audit_ids     TEXT COLLATE "C"    NOT NULL
);

CREATE INDEX identity_sessions_by_user ON identity_sessions (user_id, project_id);
CREATE INDEX identity_sessions_by_project ON identity_sessions (project_id);
CREATE INDEX identity_sessions_by_end ON identity_sessions (expires_at);

-- Rows that are locked or written for their own sake. 'import' is taken FOR UPDATE: two imports that add the same new volume have
-- no row of it to lock. Nobody locks 'ready' for long: it is written to see whether anything can be.
CREATE TABLE locks (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

INSERT INTO locks (name)
VALUES ('import'), ('ready');

-- Times are microseconds since 1970, ids canonical UUIDs, booleans 0 or 1.
-- Rows that belong to a volume are keyed (volume_id, id), so that the tables can be distributed by volume; every unique key holds
-- the column that its table is distributed by.

CREATE TABLE volumes (
    id                   TEXT    NOT NULL PRIMARY KEY,
    project_id           TEXT    NOT NULL,
    user_id              TEXT,
    name                 TEXT,
    description          TEXT,
    size                 INTEGER NOT NULL CHECK (size >= 0),
    status               TEXT    NOT NULL,
    -- one that is still `creating` becomes `available` at a time, or after so many reads, and one on offer when the offer ends by
    -- itself; both are null on every other
    status_until       INTEGER,
    creating_reads       INTEGER,
    availability_zone    TEXT,
    volume_type          TEXT,
    bootable             INTEGER NOT NULL CHECK (bootable IN (0, 1)),
    system_disk          INTEGER NOT NULL CHECK (system_disk IN (0, 1)),
    encrypted            INTEGER NOT NULL CHECK (encrypted IN (0, 1)),
    frozen               INTEGER NOT NULL CHECK (frozen IN (0, 1)),
    billing              TEXT    NOT NULL CHECK (billing IN ('postpaid', 'prepaid')),
    backup_policy_id     TEXT,
    dedicated_storage    TEXT    NOT NULL CHECK (dedicated_storage IN ('none', 'dss', 'dess')),
    replication_enabled  INTEGER NOT NULL CHECK (replication_enabled IN (0, 1)),
    consistency_group_id TEXT,
    multiattach          INTEGER NOT NULL CHECK (multiattach IN (0, 1)),
    consumes_quota       INTEGER NOT NULL CHECK (consumes_quota IN (0, 1)),
    metadata             TEXT    NOT NULL,
    extra                TEXT    NOT NULL,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER,
    -- how often its snapshots and backups were changed: what was seen of them before still holds where this does
    copy_changes         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The few that no quota counts.
CREATE INDEX volumes_uncounted ON volumes (project_id) WHERE NOT consumes_quota;
CREATE INDEX volumes_by_project ON volumes (project_id, created_at, id);
-- What clients ask for by name on every call, of a project's or of all; and by status: in the order of a list.
CREATE INDEX volumes_by_name ON volumes (name, project_id, created_at, id) WHERE name IS NOT NULL;
CREATE INDEX volumes_by_status ON volumes (project_id, status, created_at, id);
CREATE INDEX volumes_by_age ON volumes (created_at, id);
-- The few that have metadata: for their summary, and for lists that ask for some.
CREATE INDEX volumes_with_metadata ON volumes (project_id, created_at, id) WHERE metadata <> '{}';
CREATE INDEX volumes_due ON volumes (status_until) WHERE status_until IS NOT NULL;

CREATE TABLE snapshots (
    volume_id   TEXT    NOT NULL REFERENCES volumes (id),
    id          TEXT    NOT NULL,
    project_id  TEXT    NOT NULL,
    user_id     TEXT,
    name        TEXT,
    description TEXT,
    status      TEXT    NOT NULL,
    size        INTEGER NOT NULL CHECK (size >= 0),
    consumes_quota INTEGER NOT NULL CHECK (consumes_quota IN (0, 1)),
    metadata    TEXT    NOT NULL,
    -- what only one of snapshots and backups has
    extra       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER,
    PRIMARY KEY (volume_id, id)
) STRICT;

CREATE INDEX snapshots_uncounted ON snapshots (project_id) WHERE NOT consumes_quota;
CREATE INDEX snapshots_by_id ON snapshots (id);
CREATE INDEX snapshots_by_project ON snapshots (project_id, created_at, id);
CREATE INDEX snapshots_by_name ON snapshots (name, project_id, created_at, id) WHERE name IS NOT NULL;
CREATE INDEX snapshots_by_status ON snapshots (project_id, status, created_at, id);
CREATE INDEX snapshots_by_volume ON snapshots (volume_id, project_id, created_at, id);
CREATE INDEX snapshots_by_age ON snapshots (created_at, id);

-- A backup outlives its volume, so nothing refers to volumes.
CREATE TABLE backups (
    volume_id   TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    project_id  TEXT    NOT NULL,
    user_id     TEXT,
    name        TEXT,
    description TEXT,
    status      TEXT    NOT NULL,
    size        INTEGER NOT NULL CHECK (size >= 0),
    consumes_quota INTEGER NOT NULL CHECK (consumes_quota IN (0, 1)),
    metadata    TEXT    NOT NULL,
    extra       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER,
    PRIMARY KEY (volume_id, id)
) STRICT;

CREATE INDEX backups_uncounted ON backups (project_id) WHERE NOT consumes_quota;
CREATE INDEX backups_by_id ON backups (id);
CREATE INDEX backups_by_project ON backups (project_id, created_at, id);
CREATE INDEX backups_by_name ON backups (name, project_id, created_at, id) WHERE name IS NOT NULL;
CREATE INDEX backups_by_status ON backups (project_id, status, created_at, id);
CREATE INDEX backups_by_volume ON backups (volume_id, project_id, created_at, id);
CREATE INDEX backups_by_age ON backups (created_at, id);
-- those that may build on another, asked for whenever backups are shown
CREATE INDEX backups_with_extra ON backups (volume_id) WHERE extra <> '{}';

-- The kinds of volumes that there are; a volume says by its name which it is of.
CREATE TABLE volume_types (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    description TEXT,
    is_public   INTEGER NOT NULL CHECK (is_public IN (0, 1)),
    extra_specs TEXT    NOT NULL,
    -- how volumes of it are encrypted, as JSON: null where they are not
    encryption  TEXT    NOT NULL,
    -- those that see a private one, as a JSON list
    projects    TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER
) STRICT;

CREATE UNIQUE INDEX volume_types_by_name ON volume_types (name);

-- A transfer is kept when it has ended, as history; its volume may be gone by then, so nothing refers to volumes.
CREATE TABLE transfers (
    volume_id         TEXT    NOT NULL,
    id                TEXT    NOT NULL,
    name              TEXT,
    state             TEXT    NOT NULL CHECK (state IN ('pending', 'accepted', 'deleted', 'expired', 'withdrawn')),
    -- gone as soon as the offer has ended: an old key opens nothing
    auth_key_hash     TEXT,
    created_at        INTEGER NOT NULL,
    source_project_id TEXT    NOT NULL,
    source_user_id    TEXT    NOT NULL,
    source_request_id TEXT    NOT NULL,
    resource          TEXT    NOT NULL CHECK (resource IN ('os-volume-transfer', 'volume-transfers')),
    microversion      INTEGER,
    no_snapshots      INTEGER NOT NULL CHECK (no_snapshots IN (0, 1)),
    -- the moment at which it ends by itself
    expires_at        INTEGER,
    ended_at          INTEGER,
    ended_project_id  TEXT,
    ended_user_id     TEXT,
    ended_request_id  TEXT,
    PRIMARY KEY (volume_id, id),
    CHECK ((state = 'pending') = (auth_key_hash IS NOT NULL)),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_project_id IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_user_id IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_request_id IS NULL)),
    CHECK (state <> 'expired' OR ended_at = expires_at)
) STRICT;

CREATE INDEX transfers_by_id ON transfers (id);
-- the invariant that everything stands on: at most one pending transfer a volume
CREATE UNIQUE INDEX one_pending_transfer_a_volume ON transfers (volume_id) WHERE state = 'pending';
-- What a project gave, and what it got, ended ones too. Before those of the pending ones, since of two that serve alike SQLite takes
-- the one that was made last.
CREATE INDEX transfers_by_donor ON transfers (source_project_id, created_at, id);
CREATE INDEX transfers_by_recipient ON transfers (ended_project_id, created_at, id) WHERE state = 'accepted';
CREATE INDEX transfers_by_age ON transfers (created_at, id);
CREATE INDEX pending_transfers_by_project ON transfers (source_project_id, created_at, id) WHERE state = 'pending';
CREATE INDEX pending_transfers_by_name ON transfers (name, source_project_id, created_at, id)
    WHERE state = 'pending' AND name IS NOT NULL;
CREATE INDEX pending_transfers_by_age ON transfers (created_at, id) WHERE state = 'pending';
-- Those whose time comes, for whoever ends them.
CREATE INDEX pending_transfers_by_end ON transfers (expires_at) WHERE state = 'pending' AND expires_at IS NOT NULL;

-- How many transfers are in each state, so that a metric costs no scan: 128 slots, so that writers seldom meet in one.
CREATE TABLE transfer_counts (
    slot     INTEGER NOT NULL PRIMARY KEY,
    pending  INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    deleted  INTEGER NOT NULL,
    expired  INTEGER NOT NULL DEFAULT 0,
    withdrawn INTEGER NOT NULL DEFAULT 0
) STRICT;

WITH RECURSIVE slots (slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM slots WHERE slot < 127)
INSERT INTO transfer_counts (slot, pending, accepted, deleted)
SELECT slot, 0, 0, 0
FROM slots;

-- Limits that were set, -1 for none; null where the default holds. The project '' is the default class.
CREATE TABLE quota_limits (
    project_id           TEXT    NOT NULL PRIMARY KEY,
    volumes              INTEGER,
    snapshots            INTEGER,
    gigabytes            INTEGER,
    per_volume_gigabytes INTEGER,
    backups              INTEGER,
    backup_gigabytes     INTEGER,
    groups               INTEGER
) STRICT;

-- What a project has: always the sum of its rows, moved in the same transaction as they are.
CREATE TABLE quota_usage (
    project_id       TEXT    NOT NULL PRIMARY KEY,
    volumes          INTEGER NOT NULL,
    snapshots        INTEGER NOT NULL,
    -- of volumes and of snapshots
    gigabytes        INTEGER NOT NULL,
    -- of volumes alone: read by their summary
    volume_gigabytes INTEGER NOT NULL,
    backups          INTEGER NOT NULL,
    backup_gigabytes INTEGER NOT NULL
) STRICT;

-- Requests that were done once, so that a retry gets the same answer. Neither the header's value nor the answer is readable
-- here: the one is hashed, the other sealed under a key that is made of it.
CREATE TABLE idempotency_keys (
    key_hash     TEXT    NOT NULL PRIMARY KEY,
    request_hash TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    -- NULL once nobody is answered from it any more
    sealed       BLOB
) STRICT;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
-- Those whose answer is still to be wiped.
CREATE INDEX idempotency_keys_sealed ON idempotency_keys (created_at) WHERE sealed IS NOT NULL;

-- One thing that a caller did or was refused. It is written in the transaction that does it, so that it also tells whether that
-- is committed. Kept under the volume, else under a UUID of what it was done to, so that it can be distributed with its volume.
CREATE TABLE acts (
    target      TEXT    NOT NULL,
    request_id  TEXT    NOT NULL,
    at          INTEGER NOT NULL,
    action      TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    -- NULL of what was to be made, and was not
    record      TEXT,
    transfer_id TEXT,
    -- 'done', or the refusal's code
    outcome     TEXT    NOT NULL,
    -- the code of each rule that said no, as a JSON list
    reasons     TEXT    NOT NULL,
    project_id  TEXT    NOT NULL,
    user_id     TEXT    NOT NULL,
    address     TEXT,
    PRIMARY KEY (target, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX acts_by_age ON acts (at, request_id);

-- How many refusals of a project are kept of an hour, counted from 1970: a flood of them is bounded.
CREATE TABLE refusals (
    project_id TEXT    NOT NULL,
    hour       INTEGER NOT NULL,
    kept       INTEGER NOT NULL,
    PRIMARY KEY (project_id, hour)
) STRICT, WITHOUT ROWID;

-- How many wrong keys a project has sent for a transfer, and for all (an id that no transfer has): in all, and since when so many of them.
CREATE TABLE attempts (
    transfer_id TEXT    NOT NULL,
    project_id  TEXT    NOT NULL,
    failed      INTEGER NOT NULL,
    tried       INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    PRIMARY KEY (transfer_id, project_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_by_age ON attempts (since);

-- The built-in identity: users, projects and roles. Of each kind a name is taken once.
CREATE TABLE identity_entities (
    kind       TEXT    NOT NULL CHECK (kind IN ('user', 'project', 'role')),
    id         TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    -- an Argon2id hash, of users alone
    password   TEXT,
    -- what else was said of it, as a JSON object
    attributes TEXT    NOT NULL,
    PRIMARY KEY (kind, id),
    CHECK (kind = 'user' OR password IS NULL)
) STRICT;

CREATE UNIQUE INDEX identity_entities_by_name ON identity_entities (kind, name);

-- Who has which role where.
CREATE TABLE identity_grants (
    project_id TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    role_id    TEXT NOT NULL,
    PRIMARY KEY (project_id, user_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_grants_by_user ON identity_grants (user_id, project_id);

-- Application credentials, whose secret is hashed, and access keys, whose secret is sealed under a key that is not in here.
CREATE TABLE identity_credentials (
    user_id    TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('application', 'access_key')),
    name       TEXT,
    project_id TEXT,
    secret     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    attributes TEXT    NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT;

CREATE INDEX identity_credentials_by_id ON identity_credentials (id);
CREATE UNIQUE INDEX identity_credentials_by_name ON identity_credentials (user_id, name);

-- Tokens that were given out, by the SHA-256 of each: with this nobody can ask for anything.
CREATE TABLE identity_sessions (
    token_hash    TEXT    NOT NULL PRIMARY KEY,
    user_id       TEXT    NOT NULL,
    project_id    TEXT,
    credential_id TEXT,
    issued_at     INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    methods       TEXT    NOT NULL,
    audit_ids     TEXT    NOT NULL
) STRICT;

CREATE INDEX identity_sessions_by_user ON identity_sessions (user_id, project_id);
CREATE INDEX identity_sessions_by_project ON identity_sessions (project_id);
CREATE INDEX identity_sessions_by_end ON identity_sessions (expires_at);

-- Rows that are locked or written for their own sake. 'import' is taken FOR UPDATE: two imports that add the same new volume have
-- no row of it to lock. Nobody locks 'ready' for long: it is written to see whether anything can be.
CREATE TABLE locks (
    name TEXT NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO locks (name)
VALUES ('import'), ('ready');

-- Times are microseconds since 1970, ids canonical UUIDs, booleans 0 or 1.
-- Rows that belong to a volume are keyed (volume_id, id), so that the tables can be distributed by volume.

CREATE TABLE volumes (
    id                   TEXT    NOT NULL PRIMARY KEY,
    project_id           TEXT    NOT NULL,
    user_id              TEXT,
    name                 TEXT,
    description          TEXT,
    size                 INTEGER NOT NULL CHECK (size >= 1),
    status               TEXT    NOT NULL,
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
    metadata             TEXT    NOT NULL,
    extra                TEXT    NOT NULL,
    created_at           INTEGER NOT NULL,
    updated_at           INTEGER
) STRICT;

CREATE INDEX volumes_by_project ON volumes (project_id, created_at, id);
-- read by `check`: which volumes say that they are on offer
CREATE INDEX volumes_awaiting_transfer ON volumes (id) WHERE status = 'awaiting-transfer';

CREATE TABLE snapshots (
    volume_id  TEXT    NOT NULL REFERENCES volumes (id),
    id         TEXT    NOT NULL,
    project_id TEXT    NOT NULL,
    name       TEXT,
    status     TEXT    NOT NULL,
    size       INTEGER NOT NULL CHECK (size >= 0),
    PRIMARY KEY (volume_id, id)
) STRICT;

CREATE INDEX snapshots_by_id ON snapshots (id);

CREATE TABLE backups (
    volume_id  TEXT    NOT NULL REFERENCES volumes (id),
    id         TEXT    NOT NULL,
    project_id TEXT    NOT NULL,
    name       TEXT,
    status     TEXT    NOT NULL,
    size       INTEGER NOT NULL CHECK (size >= 0),
    PRIMARY KEY (volume_id, id)
) STRICT;

CREATE INDEX backups_by_id ON backups (id);

-- A transfer is kept when it has ended, as history; its volume may be gone by then, so nothing refers to volumes.
CREATE TABLE transfers (
    volume_id         TEXT    NOT NULL,
    id                TEXT    NOT NULL,
    name              TEXT,
    state             TEXT    NOT NULL CHECK (state IN ('pending', 'accepted', 'deleted')),
    -- gone as soon as the offer has ended: an old key opens nothing
    auth_key_hash     TEXT,
    created_at        INTEGER NOT NULL,
    source_project_id TEXT    NOT NULL,
    source_user_id    TEXT    NOT NULL,
    source_request_id TEXT    NOT NULL,
    resource          TEXT    NOT NULL CHECK (resource IN ('os-volume-transfer', 'volume-transfers')),
    microversion      INTEGER,
    no_snapshots      INTEGER NOT NULL CHECK (no_snapshots IN (0, 1)),
    ended_at          INTEGER,
    ended_project_id  TEXT,
    ended_user_id     TEXT,
    ended_request_id  TEXT,
    PRIMARY KEY (volume_id, id),
    CHECK ((state = 'pending') = (auth_key_hash IS NOT NULL)),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_project_id IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_user_id IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_request_id IS NULL))
) STRICT;

CREATE INDEX transfers_by_id ON transfers (id);
-- the invariant that everything stands on: at most one pending transfer a volume
CREATE UNIQUE INDEX one_pending_transfer_a_volume ON transfers (volume_id) WHERE state = 'pending';
CREATE INDEX pending_transfers_by_project ON transfers (source_project_id, created_at, id) WHERE state = 'pending';
CREATE INDEX pending_transfers_by_age ON transfers (created_at, id) WHERE state = 'pending';

-- How many transfers are in each state, so that a metric costs no scan: sixteen slots, so that writers seldom meet in one.
CREATE TABLE transfer_counts (
    slot     INTEGER NOT NULL PRIMARY KEY,
    pending  INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    deleted  INTEGER NOT NULL
) STRICT;

INSERT INTO transfer_counts (slot, pending, accepted, deleted)
VALUES (0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0), (4, 0, 0, 0), (5, 0, 0, 0), (6, 0, 0, 0), (7, 0, 0, 0),
       (8, 0, 0, 0), (9, 0, 0, 0), (10, 0, 0, 0), (11, 0, 0, 0), (12, 0, 0, 0), (13, 0, 0, 0), (14, 0, 0, 0), (15, 0, 0, 0);

-- Taken FOR UPDATE by what must not run twice at once: two imports that add the same new volume have no row of it to lock.
CREATE TABLE locks (
    name TEXT NOT NULL PRIMARY KEY
) STRICT;

INSERT INTO locks (name)
VALUES ('import');

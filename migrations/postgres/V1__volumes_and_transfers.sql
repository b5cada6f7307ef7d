-- Text compares as bytes (COLLATE "C"), as on SQLite: else the order of names would depend on the server.
-- Rows that belong to a volume are keyed (volume_id, id), so that the tables can be distributed by volume.

CREATE TABLE volumes (
    id                   UUID             NOT NULL PRIMARY KEY,
    project_id           TEXT COLLATE "C" NOT NULL,
    user_id              TEXT COLLATE "C",
    name                 TEXT COLLATE "C",
    description          TEXT COLLATE "C",
    size                 BIGINT           NOT NULL CHECK (size >= 1),
    status               TEXT COLLATE "C" NOT NULL,
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
    metadata             TEXT COLLATE "C" NOT NULL,
    extra                TEXT COLLATE "C" NOT NULL,
    created_at           TIMESTAMPTZ      NOT NULL,
    updated_at           TIMESTAMPTZ
);

CREATE INDEX volumes_by_project ON volumes (project_id, created_at, id);
-- read by `check`: which volumes say that they are on offer
CREATE INDEX volumes_awaiting_transfer ON volumes (id) WHERE status = 'awaiting-transfer';

CREATE TABLE snapshots (
    volume_id  UUID             NOT NULL REFERENCES volumes (id),
    id         UUID             NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C",
    status     TEXT COLLATE "C" NOT NULL,
    size       BIGINT           NOT NULL CHECK (size >= 0),
    PRIMARY KEY (volume_id, id)
);

CREATE INDEX snapshots_by_id ON snapshots (id);

CREATE TABLE backups (
    volume_id  UUID             NOT NULL REFERENCES volumes (id),
    id         UUID             NOT NULL,
    project_id TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C",
    status     TEXT COLLATE "C" NOT NULL,
    size       BIGINT           NOT NULL CHECK (size >= 0),
    PRIMARY KEY (volume_id, id)
);

CREATE INDEX backups_by_id ON backups (id);

-- A transfer is kept when it has ended, as history; its volume may be gone by then, so nothing refers to volumes.
CREATE TABLE transfers (
    volume_id         UUID             NOT NULL,
    id                UUID             NOT NULL,
    name              TEXT COLLATE "C",
    state             TEXT COLLATE "C" NOT NULL CHECK (state IN ('pending', 'accepted', 'deleted')),
    -- gone as soon as the offer has ended: an old key opens nothing
    auth_key_hash     TEXT COLLATE "C",
    created_at        TIMESTAMPTZ      NOT NULL,
    source_project_id TEXT COLLATE "C" NOT NULL,
    source_user_id    TEXT COLLATE "C" NOT NULL,
    source_request_id UUID             NOT NULL,
    resource          TEXT COLLATE "C" NOT NULL CHECK (resource IN ('os-volume-transfer', 'volume-transfers')),
    microversion      BIGINT,
    no_snapshots      BOOLEAN          NOT NULL,
    ended_at          TIMESTAMPTZ,
    ended_project_id  TEXT COLLATE "C",
    ended_user_id     TEXT COLLATE "C",
    ended_request_id  UUID,
    PRIMARY KEY (volume_id, id),
    CHECK ((state = 'pending') = (auth_key_hash IS NOT NULL)),
    CHECK ((state = 'pending') = (ended_at IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_project_id IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_user_id IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_request_id IS NULL))
);

CREATE INDEX transfers_by_id ON transfers (id);
-- the invariant that everything stands on: at most one pending transfer a volume
CREATE UNIQUE INDEX one_pending_transfer_a_volume ON transfers (volume_id) WHERE state = 'pending';
CREATE INDEX pending_transfers_by_project ON transfers (source_project_id, created_at, id) WHERE state = 'pending';
CREATE INDEX pending_transfers_by_age ON transfers (created_at, id) WHERE state = 'pending';

-- How many transfers are in each state, so that a metric costs no scan: sixteen slots, so that writers seldom meet in one.
CREATE TABLE transfer_counts (
    slot     BIGINT           NOT NULL PRIMARY KEY,
    pending  BIGINT           NOT NULL,
    accepted BIGINT           NOT NULL,
    deleted  BIGINT           NOT NULL
) WITH (fillfactor = 10); -- room for in-place (HOT) updates

INSERT INTO transfer_counts (slot, pending, accepted, deleted)
VALUES (0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0), (4, 0, 0, 0), (5, 0, 0, 0), (6, 0, 0, 0), (7, 0, 0, 0),
       (8, 0, 0, 0), (9, 0, 0, 0), (10, 0, 0, 0), (11, 0, 0, 0), (12, 0, 0, 0), (13, 0, 0, 0), (14, 0, 0, 0), (15, 0, 0, 0);

-- Taken FOR UPDATE by what must not run twice at once: two imports that add the same new volume have no row of it to lock.
CREATE TABLE locks (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

INSERT INTO locks (name)
VALUES ('import');

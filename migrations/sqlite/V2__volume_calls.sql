-- What clients drive beside transfers: volumes that are created, snapshots and backups as records of their own, quotas, and
-- requests that are asked once however often they are sent.

-- A volume that is still `creating` becomes `available` at a time, or after so many reads; both are null on every other.
ALTER TABLE volumes ADD COLUMN creating_until INTEGER;
ALTER TABLE volumes ADD COLUMN creating_reads INTEGER;

CREATE INDEX volumes_by_age ON volumes (created_at, id);
CREATE INDEX volumes_creating ON volumes (creating_until) WHERE creating_until IS NOT NULL;

CREATE TABLE snapshots_2 (
    volume_id   TEXT    NOT NULL REFERENCES volumes (id),
    id          TEXT    NOT NULL,
    project_id  TEXT    NOT NULL,
    user_id     TEXT,
    name        TEXT,
    description TEXT,
    status      TEXT    NOT NULL,
    size        INTEGER NOT NULL CHECK (size >= 0),
    metadata    TEXT    NOT NULL,
    -- what only one of snapshots and backups has
    extra       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER,
    PRIMARY KEY (volume_id, id)
) STRICT;

INSERT INTO snapshots_2 (volume_id, id, project_id, name, status, size, metadata, extra, created_at)
SELECT s.volume_id, s.id, s.project_id, s.name, s.status, s.size, '{}', '{}', v.created_at
FROM snapshots s
JOIN volumes v ON v.id = s.volume_id;

DROP TABLE snapshots;
ALTER TABLE snapshots_2 RENAME TO snapshots;

CREATE INDEX snapshots_by_id ON snapshots (id);
CREATE INDEX snapshots_by_project ON snapshots (project_id, created_at, id);
CREATE INDEX snapshots_by_age ON snapshots (created_at, id);

-- A backup outlives its volume, so nothing refers to volumes.
CREATE TABLE backups_2 (
    volume_id   TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    project_id  TEXT    NOT NULL,
    user_id     TEXT,
    name        TEXT,
    description TEXT,
    status      TEXT    NOT NULL,
    size        INTEGER NOT NULL CHECK (size >= 0),
    metadata    TEXT    NOT NULL,
    extra       TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER,
    PRIMARY KEY (volume_id, id)
) STRICT;

INSERT INTO backups_2 (volume_id, id, project_id, name, status, size, metadata, extra, created_at)
SELECT b.volume_id, b.id, b.project_id, b.name, b.status, b.size, '{}', '{}', v.created_at
FROM backups b
JOIN volumes v ON v.id = b.volume_id;

DROP TABLE backups;
ALTER TABLE backups_2 RENAME TO backups;

CREATE INDEX backups_by_id ON backups (id);
CREATE INDEX backups_by_project ON backups (project_id, created_at, id);
CREATE INDEX backups_by_age ON backups (created_at, id);

-- Limits that were set, -1 for none; null where the default holds. The project '' is the default class.
CREATE TABLE quota_limits (
    project_id           TEXT NOT NULL PRIMARY KEY,
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
    backups          INTEGER NOT NULL,
    backup_gigabytes INTEGER NOT NULL
) STRICT;

INSERT INTO quota_usage (project_id, volumes, snapshots, gigabytes, backups, backup_gigabytes)
SELECT project_id, SUM(volumes), SUM(snapshots), SUM(gigabytes), SUM(backups), SUM(backup_gigabytes)
FROM (
    SELECT project_id, 1 AS volumes, 0 AS snapshots, size AS gigabytes, 0 AS backups, 0 AS backup_gigabytes FROM volumes
    UNION ALL SELECT project_id, 0, 1, size, 0, 0 FROM snapshots
    UNION ALL SELECT project_id, 0, 0, 0, 1, size FROM backups
) AS records
GROUP BY project_id;

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

-- What clients drive beside transfers: volumes that are created, snapshots and backups as records of their own, quotas, and
-- requests that are asked once however often they are sent.

-- A volume that is still `creating` becomes `available` at a time, or after so many reads; both are null on every other.
ALTER TABLE volumes ADD COLUMN creating_until TIMESTAMPTZ;
ALTER TABLE volumes ADD COLUMN creating_reads BIGINT;

CREATE INDEX volumes_by_age ON volumes (created_at, id);
CREATE INDEX volumes_creating ON volumes (creating_until) WHERE creating_until IS NOT NULL;

ALTER TABLE snapshots ADD COLUMN user_id TEXT COLLATE "C";
ALTER TABLE snapshots ADD COLUMN description TEXT COLLATE "C";
ALTER TABLE snapshots ADD COLUMN metadata TEXT COLLATE "C" NOT NULL DEFAULT '{}';
-- what only one of snapshots and backups has
ALTER TABLE snapshots ADD COLUMN extra TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE snapshots ADD COLUMN created_at TIMESTAMPTZ;
ALTER TABLE snapshots ADD COLUMN updated_at TIMESTAMPTZ;

UPDATE snapshots
SET created_at = v.created_at
FROM volumes v
WHERE v.id = snapshots.volume_id;

ALTER TABLE snapshots ALTER COLUMN created_at SET NOT NULL;
ALTER TABLE snapshots ALTER COLUMN metadata DROP DEFAULT;
ALTER TABLE snapshots ALTER COLUMN extra DROP DEFAULT;

CREATE INDEX snapshots_by_project ON snapshots (project_id, created_at, id);
CREATE INDEX snapshots_by_age ON snapshots (created_at, id);

-- A backup outlives its volume, so nothing refers to volumes.
ALTER TABLE backups DROP CONSTRAINT backups_volume_id_fkey;
ALTER TABLE backups ADD COLUMN user_id TEXT COLLATE "C";
ALTER TABLE backups ADD COLUMN description TEXT COLLATE "C";
ALTER TABLE backups ADD COLUMN metadata TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE backups ADD COLUMN extra TEXT COLLATE "C" NOT NULL DEFAULT '{}';
ALTER TABLE backups ADD COLUMN created_at TIMESTAMPTZ;
ALTER TABLE backups ADD COLUMN updated_at TIMESTAMPTZ;

UPDATE backups
SET created_at = v.created_at
FROM volumes v
WHERE v.id = backups.volume_id;

ALTER TABLE backups ALTER COLUMN created_at SET NOT NULL;
ALTER TABLE backups ALTER COLUMN metadata DROP DEFAULT;
ALTER TABLE backups ALTER COLUMN extra DROP DEFAULT;

CREATE INDEX backups_by_project ON backups (project_id, created_at, id);
CREATE INDEX backups_by_age ON backups (created_at, id);

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
    backups          BIGINT           NOT NULL,
    backup_gigabytes BIGINT           NOT NULL
) WITH (fillfactor = 50); -- room for in-place (HOT) updates

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
    key_hash     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    request_hash TEXT COLLATE "C" NOT NULL,
    created_at   TIMESTAMPTZ      NOT NULL,
    -- NULL once nobody is answered from it any more
    sealed       BYTEA
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
-- Those whose answer is still to be wiped.
CREATE INDEX idempotency_keys_sealed ON idempotency_keys (created_at) WHERE sealed IS NOT NULL;

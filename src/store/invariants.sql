-- volumes: a volume is awaiting-transfer only if a pending transfer names it
SELECT CAST(v.id AS TEXT) AS id, 'awaiting-transfer without a pending transfer' AS found
FROM volumes v
WHERE v.status = 'awaiting-transfer'
  AND NOT EXISTS (SELECT 1 FROM transfers t WHERE t.volume_id = v.id AND t.state = 'pending')

-- transfers: a pending transfer names a volume that is awaiting-transfer
SELECT CAST(t.id AS TEXT) AS id, 'its volume is ' || COALESCE(v.status, 'not there') AS found
FROM transfers t
LEFT JOIN volumes v ON v.id = t.volume_id
WHERE t.state = 'pending'
  AND (v.id IS NULL OR v.status <> 'awaiting-transfer')

-- volumes: at most one pending transfer names a volume
SELECT CAST(volume_id AS TEXT) AS id, CAST(count(*) AS TEXT) || ' pending transfers' AS found
FROM transfers
WHERE state = 'pending'
GROUP BY volume_id
HAVING count(*) > 1

-- transfers: a pending transfer was made by the project that has its volume
SELECT CAST(t.id AS TEXT) AS id, 'made by ' || t.source_project_id || ', but the volume is of ' || v.project_id AS found
FROM transfers t
JOIN volumes v ON v.id = t.volume_id
WHERE t.state = 'pending'
  AND v.project_id <> t.source_project_id

-- transfers: a pending transfer has the Argon2id hash of its key, an ended one has none
SELECT CAST(id AS TEXT) AS id, state || CASE WHEN auth_key_hash IS NULL THEN ' without' ELSE ' with another' END || ' hash' AS found
FROM transfers
WHERE (state = 'pending') <> (COALESCE(auth_key_hash, '') LIKE '$argon2id$%')

-- transfers: an ended transfer says when, by whom and in which request, and not before it was made
SELECT CAST(id AS TEXT) AS id, state || ' without its end, or ended before it was made' AS found
FROM transfers
WHERE state <> 'pending'
  AND (ended_at IS NULL OR ended_project_id IS NULL OR ended_user_id IS NULL OR ended_request_id IS NULL
       OR ended_at < created_at)

-- transfers: an id names one transfer
SELECT CAST(id AS TEXT) AS id, CAST(count(*) AS TEXT) || ' transfers' AS found
FROM transfers
GROUP BY id
HAVING count(*) > 1

-- snapshots or backups: a snapshot or backup id names one record
SELECT CAST(id AS TEXT) AS id, CAST(count(*) AS TEXT) || ' records' AS found
FROM (SELECT id, 'snapshot' AS kind FROM snapshots UNION ALL SELECT id, 'backup' AS kind FROM backups) AS records
GROUP BY kind, id
HAVING count(*) > 1

-- snapshots: every snapshot belongs to a volume
SELECT CAST(s.id AS TEXT) AS id, 'its volume is not there' AS found
FROM snapshots s
LEFT JOIN volumes v ON v.id = s.volume_id
WHERE v.id IS NULL

-- volumes: a volume waits to be available while it is creating, for a time or for reads, and as long as its offer lasts
SELECT CAST(v.id AS TEXT) AS id, v.status || ' and waiting otherwise' AS found
FROM volumes v
LEFT JOIN transfers t ON t.volume_id = v.id AND t.state = 'pending'
WHERE CASE WHEN v.status = 'creating' THEN (v.status_until IS NOT NULL AND v.creating_reads IS NOT NULL) OR COALESCE(v.creating_reads, 1) < 1
          WHEN v.status = 'awaiting-transfer' THEN v.creating_reads IS NOT NULL
              OR COALESCE(v.status_until = t.expires_at, v.status_until IS NULL AND t.expires_at IS NULL) IS NOT TRUE
          ELSE v.status_until IS NOT NULL OR v.creating_reads IS NOT NULL
      END

-- transfers: an offer that is to end by itself was made before that, and ended then or before
SELECT CAST(id AS TEXT) AS id, state || ' beyond its end' AS found
FROM transfers
WHERE expires_at <= created_at
   OR (state = 'expired' AND (expires_at IS NULL OR ended_at <> expires_at))
   OR (state IN ('accepted', 'deleted', 'withdrawn') AND ended_at >= expires_at)

-- idempotency_keys: a request that was done once is kept as two hashes, and its answer sealed until it is wiped
SELECT key_hash AS id, 'no two hashes, or an answer too short to be sealed' AS found
FROM idempotency_keys
WHERE length(key_hash) <> 64
   OR length(request_hash) <> 64
   OR length(sealed) <= 40

-- acts: an act is done, or refused with a code
SELECT CAST(request_id AS TEXT) AS id, outcome || ' with ' || reasons AS found
FROM acts
WHERE outcome = ''
   OR action = ''
   OR (outcome = 'done' AND reasons <> '[]')

-- transfer_counts: there are 128 slots of counts
SELECT 'transfer_counts' AS id, CAST(n AS TEXT) || ' slots' AS found
FROM (SELECT count(*) AS n FROM transfer_counts WHERE slot BETWEEN 0 AND 127) AS slots
WHERE n <> 128

-- volumes, transfers, snapshots or backups: every id is a UUID in its canonical form
SELECT CAST(id AS TEXT) AS id, 'an id of ' || kind AS found
FROM (
    SELECT id, 'volumes' AS kind FROM volumes
    UNION ALL SELECT id, 'transfers' FROM transfers
    UNION ALL SELECT volume_id, 'transfers' FROM transfers
    UNION ALL SELECT id, 'snapshots' FROM snapshots
    UNION ALL SELECT id, 'backups' FROM backups
    UNION ALL SELECT volume_id, 'backups' FROM backups
) AS ids
WHERE CAST(id AS TEXT) <> lower(CAST(id AS TEXT))
   OR CAST(id AS TEXT) NOT LIKE '________-____-____-____-____________'

-- quota_limits: a limit is -1 or more, and a row of limits says at least one
SELECT CASE WHEN project_id = '' THEN 'the default class' ELSE project_id END AS id, 'such a row of limits' AS found
FROM quota_limits
WHERE COALESCE(volumes, snapshots, gigabytes, per_volume_gigabytes, backups, backup_gigabytes, groups) IS NULL
   OR volumes < -1 OR snapshots < -1 OR gigabytes < -1 OR per_volume_gigabytes < -1
   OR backups < -1 OR backup_gigabytes < -1 OR groups < -1

-- quota_usage: what a project has by its quotas is what there is
-- a row that is missing counts as zeros, and so does one of a project that has nothing
SELECT project_id AS id,
       resource || ': ' || CAST(counted AS TEXT) || ' counted, ' || CAST(actual AS TEXT) || ' there' AS found
FROM (
    SELECT project_id, resource, SUM(counted) AS counted, SUM(actual) AS actual
    FROM (
        SELECT project_id, 'volumes' AS resource, volumes AS counted, 0 AS actual FROM quota_usage
        UNION ALL SELECT project_id, 'snapshots', snapshots, 0 FROM quota_usage
        UNION ALL SELECT project_id, 'gigabytes', gigabytes, 0 FROM quota_usage
        UNION ALL SELECT project_id, 'volume_gigabytes', volume_gigabytes, 0 FROM quota_usage
        UNION ALL SELECT project_id, 'backups', backups, 0 FROM quota_usage
        UNION ALL SELECT project_id, 'backup_gigabytes', backup_gigabytes, 0 FROM quota_usage
        UNION ALL SELECT project_id, 'volumes', 0, count(*) FROM volumes WHERE consumes_quota GROUP BY project_id
        UNION ALL SELECT project_id, 'gigabytes', 0, SUM(size) FROM volumes WHERE consumes_quota GROUP BY project_id
        UNION ALL SELECT project_id, 'volume_gigabytes', 0, SUM(size) FROM volumes WHERE consumes_quota GROUP BY project_id
        UNION ALL SELECT project_id, 'snapshots', 0, count(*) FROM snapshots WHERE consumes_quota GROUP BY project_id
        UNION ALL SELECT project_id, 'gigabytes', 0, SUM(size) FROM snapshots WHERE consumes_quota GROUP BY project_id
        UNION ALL SELECT project_id, 'backups', 0, count(*) FROM backups WHERE consumes_quota GROUP BY project_id
        UNION ALL SELECT project_id, 'backup_gigabytes', 0, SUM(size) FROM backups WHERE consumes_quota GROUP BY project_id
    ) AS shares
    GROUP BY project_id, resource
) AS sums
WHERE counted <> actual

-- transfer_counts: the counts by state are those of the rows
SELECT counted.state AS id, CAST(counted.n AS TEXT) || ' counted, ' || CAST(actual.n AS TEXT) || ' there' AS found
FROM (
    SELECT 'pending' AS state, CAST(SUM(pending) AS BIGINT) AS n FROM transfer_counts
    UNION ALL SELECT 'accepted', CAST(SUM(accepted) AS BIGINT) FROM transfer_counts
    UNION ALL SELECT 'deleted', CAST(SUM(deleted) AS BIGINT) FROM transfer_counts
    UNION ALL SELECT 'expired', CAST(SUM(expired) AS BIGINT) FROM transfer_counts
    UNION ALL SELECT 'withdrawn', CAST(SUM(withdrawn) AS BIGINT) FROM transfer_counts
) AS counted
JOIN (
    SELECT 'pending' AS state, count(*) AS n FROM transfers WHERE state = 'pending'
    UNION ALL SELECT 'accepted', count(*) FROM transfers WHERE state = 'accepted'
    UNION ALL SELECT 'deleted', count(*) FROM transfers WHERE state = 'deleted'
    UNION ALL SELECT 'expired', count(*) FROM transfers WHERE state = 'expired'
    UNION ALL SELECT 'withdrawn', count(*) FROM transfers WHERE state = 'withdrawn'
) AS actual ON actual.state = counted.state
WHERE counted.n <> actual.n

-- identity_grants: a grant names a user, a project and a role that are there
SELECT g.project_id || ' ' || g.user_id || ' ' || g.role_id AS id, 'one of these is not there' AS found
FROM identity_grants g
WHERE NOT EXISTS (SELECT 1 FROM identity_entities e WHERE e.kind = 'project' AND e.id = g.project_id)
   OR NOT EXISTS (SELECT 1 FROM identity_entities e WHERE e.kind = 'user' AND e.id = g.user_id)
   OR NOT EXISTS (SELECT 1 FROM identity_entities e WHERE e.kind = 'role' AND e.id = g.role_id)

-- identity_credentials: a credential names a user that is there, and a project where it names one
SELECT c.id AS id, 'of user ' || c.user_id || COALESCE(' for project ' || c.project_id, '') AS found
FROM identity_credentials c
WHERE NOT EXISTS (SELECT 1 FROM identity_entities e WHERE e.kind = 'user' AND e.id = c.user_id)
   OR (c.project_id IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM identity_entities e WHERE e.kind = 'project' AND e.id = c.project_id))

-- identity_sessions: a token is of a user that is there, and kept as a hash
-- by a part of the hash, which is enough to find it
SELECT substr(s.token_hash, 1, 8) AS id, 'of user ' || s.user_id AS found
FROM identity_sessions s
WHERE length(s.token_hash) <> 64
   OR NOT EXISTS (SELECT 1 FROM identity_entities e WHERE e.kind = 'user' AND e.id = s.user_id)

-- identity_entities or identity_credentials: only a user has a password, and it is kept as an Argon2id hash, as the secret of an application credential is
SELECT id, 'a password of a ' || kind AS found
FROM identity_entities
WHERE password IS NOT NULL
  AND (kind <> 'user' OR password NOT LIKE '$argon2id$%')
UNION ALL
SELECT id, 'a secret of an application credential'
FROM identity_credentials
WHERE kind = 'application'
  AND secret NOT LIKE '$argon2id$%'

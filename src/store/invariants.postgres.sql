-- refusals: of a project no more refusals are kept in an hour than are counted, a thousand at most
SELECT project_id AS id, CAST(kept AS TEXT) || ' counted in hour ' || CAST(hour AS TEXT) AS found
FROM refusals
WHERE kept > 1000
   OR kept < (
       SELECT count(*)
       FROM acts
       WHERE acts.at >= TIMESTAMPTZ 'epoch' + refusals.hour * INTERVAL '1 hour'
         AND acts.at < TIMESTAMPTZ 'epoch' + (refusals.hour + 1) * INTERVAL '1 hour'
         AND acts.project_id = refusals.project_id
         AND acts.outcome <> 'done'
   )

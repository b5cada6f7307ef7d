//! The texts of every list, put together while the program is built: a list names its table, columns, filters and keys in
//! [`listing!`], and [`super::list`] runs what comes of it and says what the parameters are.

/// A condition that holds where the filter is absent. Kinds of filters: `text`, `uuid`, `boolean` and `number` compare a column,
/// `time` compares one as an object of operators says (`{"gt": …}`, microseconds since 1970), `ids` is a list of ids, `map` a part
/// of a JSON object of texts and `lacks` its contrary, `field` a text field of a JSON object, `part` a part of such a field,
/// `field_or_0` one that is `0` where it is absent, `server` a server among attachments.
macro_rules! condition {
    (sqlite text $name:literal $column:literal) => {
        concat!("\n      AND ($2 ->> '", $name, "' IS NULL OR ", $column, " = $2 ->> '", $name, "')")
    };
    (postgres text $name:literal $column:literal) => {
        concat!("\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR ", $column, " = $2::jsonb ->> '", $name, "')")
    };
    (sqlite uuid $name:literal $column:literal) => {
        condition!(sqlite text $name $column)
    };
    (postgres uuid $name:literal $column:literal) => {
        concat!("\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR ", $column, " = ($2::jsonb ->> '", $name, "')::uuid)")
    };
    (sqlite boolean $name:literal $column:literal) => {
        condition!(sqlite text $name $column)
    };
    (postgres boolean $name:literal $column:literal) => {
        concat!("\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR ", $column, " = ($2::jsonb ->> '", $name, "')::boolean)")
    };
    (sqlite number $name:literal $column:literal) => {
        condition!(sqlite text $name $column)
    };
    (postgres number $name:literal $column:literal) => {
        concat!("\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR ", $column, " = ($2::jsonb ->> '", $name, "')::bigint)")
    };
    ($engine:ident time $name:literal $column:literal) => {
        concat!(
            condition!(compared $engine $name $column "gt" ">"),
            condition!(compared $engine $name $column "gte" ">="),
            condition!(compared $engine $name $column "lt" "<"),
            condition!(compared $engine $name $column "lte" "<="),
            condition!(compared $engine $name $column "eq" "="),
            condition!(compared $engine $name $column "neq" "<>")
        )
    };
    (compared sqlite $name:literal $column:literal $word:literal $sign:literal) => {
        concat!(
            "\n      AND ($2 -> '", $name, "' ->> '", $word, "' IS NULL OR ", $column, " ", $sign, " $2 -> '", $name, "' ->> '", $word, "')"
        )
    };
    (compared postgres $name:literal $column:literal $word:literal $sign:literal) => {
        concat!(
            "\n      AND ($2::jsonb -> '", $name, "' ->> '", $word, "' IS NULL OR ", $column, " ", $sign,
            " 'epoch'::timestamptz + ($2::jsonb -> '", $name, "' ->> '", $word, "')::bigint * interval '1 microsecond')"
        )
    };
    (sqlite ids $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2 ->> '", $name, "' IS NULL OR ", $column, " IN (SELECT value FROM json_each($2, '$.", $name, "')))"
        )
    };
    (postgres ids $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR ", $column,
            " = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb -> '", $name, "')::uuid)))"
        )
    };
    (sqlite map $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2 ->> '", $name, "' IS NULL OR NOT EXISTS (
          SELECT 1
          FROM json_each($2, '$.", $name, "') AS asked
          WHERE NOT EXISTS (SELECT 1 FROM json_each(", $column, ") AS has WHERE has.key = asked.key AND has.value = asked.value)))"
        )
    };
    (postgres map $name:literal $column:literal) => {
        concat!("\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR ", $column, "::jsonb @> ($2::jsonb -> '", $name, "'))")
    };
    (sqlite field $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2 ->> '", $name, "' IS NULL OR json_extract(", $column, ", '$.", $name, "') = $2 ->> '", $name, "')"
        )
    };
    (postgres field $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR ", $column, "::jsonb ->> '", $name, "' = $2::jsonb ->> '", $name, "')"
        )
    };
    (sqlite lacks $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2 ->> '", $name, "' IS NULL OR EXISTS (
          SELECT 1
          FROM json_each($2, '$.", $name, "') AS asked
          WHERE NOT EXISTS (SELECT 1 FROM json_each(", $column, ") AS has WHERE has.key = asked.key AND has.value = asked.value)))"
        )
    };
    (postgres lacks $name:literal $column:literal) => {
        concat!("\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR NOT ", $column, "::jsonb @> ($2::jsonb -> '", $name, "'))")
    };
    (sqlite part $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2 ->> '", $name, "' IS NULL OR instr(json_extract(", $column, ", '$.", $name, "'), $2 ->> '", $name, "') > 0)"
        )
    };
    (postgres part $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR strpos(", $column, "::jsonb ->> '", $name, "', $2::jsonb ->> '", $name,
            "') > 0)"
        )
    };
    (sqlite field_or_0 $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2 ->> '", $name, "' IS NULL OR COALESCE(json_extract(", $column, ", '$.", $name, "'), '0') = $2 ->> '", $name,
            "')"
        )
    };
    (postgres field_or_0 $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2::jsonb ->> '", $name, "' IS NULL OR COALESCE(", $column, "::jsonb ->> '", $name, "', '0') = $2::jsonb ->> '",
            $name, "')"
        )
    };
    (sqlite server $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2 ->> '", $name, "' IS NULL OR EXISTS (
          SELECT 1
          FROM json_each(", $column, ", '$.attachments') AS attachment
          WHERE CASE attachment.type WHEN 'object' THEN attachment.value ->> 'server_id' END = $2 ->> '", $name, "'))"
        )
    };
    (postgres server $name:literal $column:literal) => {
        concat!(
            "\n      AND ($2::jsonb ->> '", $name, "' IS NULL
           OR ", $column, "::jsonb -> 'attachments' @> jsonb_build_array(jsonb_build_object('server_id', $2::jsonb -> '", $name, "')))"
        )
    };
}

/// A column as text that compares as the column does: `''` for null, which goes before everything, and `=` before any other text.
macro_rules! key {
    ($engine:ident text $column:literal) => {
        concat!("COALESCE('=' || ", $column, ", '')")
    };
    (sqlite uuid $column:literal) => {
        $column
    };
    (postgres uuid $column:literal) => {
        concat!($column, "::text")
    };
    (sqlite number $column:literal) => {
        concat!("printf('%020d', ", $column, ")")
    };
    (postgres number $column:literal) => {
        concat!("lpad((", $column, ")::bigint::text, 20, '0')")
    };
    (sqlite boolean $column:literal) => {
        key!(sqlite number $column)
    };
    (postgres boolean $column:literal) => {
        concat!("lpad((", $column, ")::int::text, 20, '0')")
    };
    // from year 1 on, so that an earlier time than 1970 is no negative number, whose text would sort wrongly
    (sqlite time $column:literal) => {
        concat!("CASE WHEN ", $column, " IS NULL THEN '' ELSE printf('%020d', ", $column, " + 62135596800000000) END")
    };
    (postgres time $column:literal) => {
        concat!(
            "COALESCE(lpad((extract(epoch FROM ", $column, ") * 1000000 + 62135596800000000)::bigint::text, 20, '0'), '')"
        )
    };
}

/// By age: `$5` and `$6` are the marker's `created_at` and id.
macro_rules! by_age {
    ($columns:expr, $filtered:expr, $after:literal, $way:literal) => {
        concat!("\n    SELECT ", $columns, $filtered, $after, "\n    ORDER BY created_at ", $way, ", id ", $way, "\n    LIMIT $3\n    OFFSET $4")
    };
    ($columns:expr, $sqlite:expr, $postgres:expr) => {
        [
            [by_age!(pair $columns, $sqlite, $postgres, "", "ASC"), by_age!(pair $columns, $sqlite, $postgres, "", "DESC")],
            [
                by_age!(pair $columns, $sqlite, $postgres, "\n      AND (created_at, id) > ($5, $6)", "ASC"),
                by_age!(pair $columns, $sqlite, $postgres, "\n      AND (created_at, id) < ($5, $6)", "DESC"),
            ],
        ]
    };
    (pair $columns:expr, $sqlite:expr, $postgres:expr, $after:literal, $way:literal) => {
        $crate::store::Sql {
            sqlite: by_age!($columns, $sqlite, $after, $way),
            postgres: by_age!($columns, $postgres, $after, $way),
        }
    };
}

/// How many rows there are, whatever page of them is asked for.
macro_rules! counted {
    ($sqlite:expr, $postgres:expr) => {
        $crate::store::Sql {
            sqlite: concat!("\n    SELECT count(*) AS n", $sqlite),
            postgres: concat!("\n    SELECT count(*) AS n", $postgres),
        }
    };
}

/// By any keys: `$5` to `$7` their names, `$8` to `$10` whether each ascends, `$11` whether the id does, `$12` to `$14` the
/// marker's values, `$15` its id. An unused key is `''` on every row.
macro_rules! by_keys {
    ($columns:expr, $filtered:expr, [$($whens:expr),+], $collation:literal) => {
        concat!(
            "\n    SELECT ", $columns, "
    FROM (
        SELECT ", $columns, ",
               (CASE $5", $($whens,)+ " ELSE '' END)", $collation, " AS key_1,
               (CASE $6", $($whens,)+ " ELSE '' END)", $collation, " AS key_2,
               (CASE $7", $($whens,)+ " ELSE '' END)", $collation, " AS key_3", $filtered, "
    ) AS keyed
    WHERE $15 IS NULL
       OR CASE
              WHEN key_1 <> $12 THEN (key_1 > $12) = $8
              WHEN key_2 <> $13 THEN (key_2 > $13) = $9
              WHEN key_3 <> $14 THEN (key_3 > $14) = $10
              ELSE id <> $15 AND (id > $15) = $11
          END
    ORDER BY CASE WHEN $8 THEN key_1 END ASC, CASE WHEN NOT $8 THEN key_1 END DESC,
             CASE WHEN $9 THEN key_2 END ASC, CASE WHEN NOT $9 THEN key_2 END DESC,
             CASE WHEN $10 THEN key_3 END ASC, CASE WHEN NOT $10 THEN key_3 END DESC,
             CASE WHEN $11 THEN id END ASC, CASE WHEN NOT $11 THEN id END DESC
    LIMIT $3
    OFFSET $4"
        )
    };
}

/// The rows that a list may hold: `$whose` asks for one project's, or for all.
macro_rules! filtered {
    ($engine:ident, $rows:literal, $whose:expr, [$($kind:ident $name:literal $column:literal),* $(,)?]) => {
        concat!(
            "\n    ", $rows, "\n      AND ", $whose,
            $(condition!($engine $kind $name $column)),*
        )
    };
}

/// [`by_keys`] over [`filtered`] rows, with the keys' expressions in the engine's words.
macro_rules! keyed {
    (
        $engine:ident, $columns:expr, $rows:literal, $whose:expr, $filters:tt,
        [$($kind:ident $name:literal $column:literal),+ $(,)?], $collation:literal
    ) => {
        by_keys!(
            $columns,
            filtered!($engine, $rows, $whose, $filters),
            [$(concat!(" WHEN '", $name, "' THEN ", key!($engine $kind $column))),+],
            $collation
        )
    };
}

/// A list's texts: its columns, its table with a condition that every row fulfils, the column of the project, filters as
/// `kind "parameter" "column"` (see `condition!`), and keys as `kind "name" "column"` (see `key!`).
macro_rules! listing {
    (columns: $columns:expr, rows: $rows:literal, project: $project:literal, filters: $filters:tt, keys: $keys:tt $(,)?) => {
        listing!(each $columns, $rows, concat!($project, " = $1"), "$1 IS NULL", $filters, $keys)
    };
    (each $columns:expr, $rows:literal, $one:expr, $all:expr, $filters:tt, $keys:tt) => {
        $crate::store::list::Listing {
            one_by_age: by_age!(
                $columns,
                filtered!(sqlite, $rows, $one, $filters),
                filtered!(postgres, $rows, $one, $filters)
            ),
            all_by_age: by_age!(
                $columns,
                filtered!(sqlite, $rows, $all, $filters),
                filtered!(postgres, $rows, $all, $filters)
            ),
            one_counted: counted!(
                filtered!(sqlite, $rows, $one, $filters),
                filtered!(postgres, $rows, $one, $filters)
            ),
            all_counted: counted!(
                filtered!(sqlite, $rows, $all, $filters),
                filtered!(postgres, $rows, $all, $filters)
            ),
            one_by_keys: $crate::store::Sql {
                sqlite: keyed!(sqlite, $columns, $rows, $one, $filters, $keys, ""),
                postgres: keyed!(postgres, $columns, $rows, $one, $filters, $keys, " COLLATE \"C\""),
            },
            all_by_keys: $crate::store::Sql {
                sqlite: keyed!(sqlite, $columns, $rows, $all, $filters, $keys, ""),
                postgres: keyed!(postgres, $columns, $rows, $all, $filters, $keys, " COLLATE \"C\""),
            },
        }
    };
}

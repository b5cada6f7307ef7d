//! How [`Id`] and [`Time`] are stored: UUID and TIMESTAMPTZ on PostgreSQL, canonical text and microseconds on SQLite.
//! (sqlx by itself would write a blob and a text of varying length there.)

use chrono::{DateTime, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgTypeInfo;
use sqlx::sqlite::SqliteTypeInfo;
use sqlx::{Database, Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

use crate::domain::{Id, Time};

/// Stores `$kind` as another type that sqlx knows.
macro_rules! stored_as {
    ($kind:ty, $engine:ty, $info:ty, $stored:ty, $to:expr) => {
        impl Type<$engine> for $kind {
            fn type_info() -> $info {
                <$stored as Type<$engine>>::type_info()
            }

            fn compatible(info: &$info) -> bool {
                <$stored as Type<$engine>>::compatible(info)
            }
        }

        impl<'q> Encode<'q, $engine> for $kind {
            fn encode_by_ref(&self, into: &mut <$engine as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let stored: $stored = $to(*self);
                <$stored as Encode<'q, $engine>>::encode(stored, into)
            }
        }
    };
}

/// Reads `$kind` as another type that sqlx knows.
macro_rules! read_as {
    ($kind:ty, $engine:ty, $stored:ty, $from:expr) => {
        impl<'r> Decode<'r, $engine> for $kind {
            fn decode(value: <$engine as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let stored = <$stored as Decode<'r, $engine>>::decode(value)?;
                $from(stored).ok_or_else(|| "a value that was never written here".into())
            }
        }
    };
}

stored_as!(Id, Postgres, PgTypeInfo, Uuid, Id::uuid);
read_as!(Id, Postgres, Uuid, |uuid| Some(Id::new(uuid)));
stored_as!(Id, Sqlite, SqliteTypeInfo, String, |id: Id| id.to_string());
read_as!(Id, Sqlite, String, |text: String| Id::parse(&text));
stored_as!(Time, Postgres, PgTypeInfo, DateTime<Utc>, Time::utc);
// not as chrono's type, which panics at what it cannot hold: PostgreSQL has an `infinity`
read_as!(Time, Postgres, i64, |since_2000: i64| since_2000.checked_add(MICROS_TO_2000).and_then(Time::from_micros));
stored_as!(Time, Sqlite, SqliteTypeInfo, i64, Time::micros);
read_as!(Time, Sqlite, i64, Time::from_micros);

/// From 1970 to 2000, from when PostgreSQL counts.
const MICROS_TO_2000: i64 = 946_684_800_000_000;

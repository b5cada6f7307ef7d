//! How [`Id`] and [`Time`] are stored: UUID and TIMESTAMPTZ on PostgreSQL, canonical text and microseconds on SQLite.
//! (sqlx by itself would write a blob and a text of varying length there.) What has a text of its own is that text on both.

use chrono::{DateTime, Utc};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::{Database, Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

use super::prelude::*;
use crate::domain::VolumeStatus;
use crate::domain::volume::{Billing, DedicatedStorage};

/// Stores `$kind` as a type that sqlx knows, and reads it as one.
macro_rules! stored_as {
    ($($kind:ty),+ => text) => {$(
        stored_as!($kind, Postgres, text);
        stored_as!($kind, Sqlite, text);
    )+};
    ($kind:ty, $engine:ty, text) => {
        stored_as!($kind, $engine, String = |value: &$kind| value.as_str().to_owned(), String = |text: String| <$kind>::parse(&text));
    };
    ($kind:ty, $engine:ty, $stored:ty = $to:expr, $read:ty = $from:expr) => {
        impl Type<$engine> for $kind {
            fn type_info() -> <$engine as Database>::TypeInfo {
                <$stored as Type<$engine>>::type_info()
            }

            fn compatible(info: &<$engine as Database>::TypeInfo) -> bool {
                <$stored as Type<$engine>>::compatible(info)
            }
        }

        impl<'q> Encode<'q, $engine> for $kind {
            fn encode_by_ref(&self, into: &mut <$engine as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
                let stored: $stored = $to(self);
                <$stored as Encode<'q, $engine>>::encode(stored, into)
            }
        }

        impl<'r> Decode<'r, $engine> for $kind {
            fn decode(value: <$engine as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let stored = <$read as Decode<'r, $engine>>::decode(value)?;
                $from(stored).ok_or_else(|| "a value that was never written here".into())
            }
        }
    };
}

stored_as!(Id, Postgres, Uuid = |id: &Id| id.uuid(), Uuid = |uuid| Some(Id::new(uuid)));
stored_as!(Id, Sqlite, String = Id::to_string, String = |text: String| Id::parse(&text));
// read not as chrono's type, which panics at what it cannot hold: PostgreSQL has an `infinity`
stored_as!(Time, Postgres, DateTime<Utc> = |time: &Time| time.utc(), i64 = since_2000);
stored_as!(Time, Sqlite, i64 = |time: &Time| time.micros(), i64 = Time::from_micros);
stored_as!(ProjectId, VolumeStatus, Billing, DedicatedStorage => text);

/// A time as PostgreSQL counts it, whose years begin in 2000.
fn since_2000(micros: i64) -> Option<Time> {
    const MICROS_TO_2000: i64 = 946_684_800_000_000;
    micros.checked_add(MICROS_TO_2000).and_then(Time::from_micros)
}

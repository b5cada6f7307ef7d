//! What most files of the store are written in, by one name.

pub use super::select::{FOR_UPDATE, Param, Select};
pub(super) use super::statement::from_row;
pub use super::statement::{BadColumn, Number, Statement};
pub use super::table::{Columns, Table};
pub use super::{Db, Engine, FromRow, Row, Sql, Store, StoreError, json_rows};
pub use crate::domain::{Id, ProjectId, Time};

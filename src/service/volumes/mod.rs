//! Volumes as clients drive them: one operation a file, each one function and one transaction. What those share that change a
//! volume is in `change`.

mod change;
pub mod list;
pub mod show;
pub mod tags;

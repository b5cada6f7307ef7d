//! Where throw-away databases lie: in memory where there is room, since a disk's flushes are most of a test's time.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use tempfile::TempDir;

/// A cluster with a database for each test that runs takes some 200 MB.
const ENOUGH_KIB: u64 = 1024 * 1024;

static IS_ROOMY: LazyLock<bool> = LazyLock::new(|| {
    let output = Command::new("df").args(["-Pk", MEMORY]).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    let free = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)).and_then(|free| free.parse::<u64>().ok());
    free.is_some_and(|free| free >= ENOUGH_KIB)
});

const MEMORY: &str = "/dev/shm";

/// A new folder of that kind.
pub fn folder(prefix: &str) -> TempDir {
    let place = if *IS_ROOMY { Path::new(MEMORY).to_owned() } else { std::env::temp_dir() };
    tempfile::Builder::new().prefix(prefix).tempdir_in(place).unwrap()
}

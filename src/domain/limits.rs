//! Every bound of the service, once: what is bounded, by how much, why, and what comes beyond it. The page is printed from here.

use std::fmt::Display;
use std::time::Duration;

/// A bound, as the page shows it.
pub struct Limit {
    pub name: &'static str,
    /// With its unit; of what a setting says, the setting.
    pub value: String,
    /// What is bounded, what comes beyond, and why: a sentence each.
    pub texts: &'static [&'static str],
}

/// Declares bounds, each with the function that shows it, and the list of them all.
macro_rules! limits {
    ($($(#[doc = $text:literal])+ $name:ident: $kind:ty = $value:expr, $shown:ident;)+) => {
        $($(#[doc = $text])+ pub const $name: $kind = $value;)+

        /// Every bound, in the order of the page.
        pub fn all() -> Vec<Limit> {
            vec![$(Limit { name: stringify!($name), value: $shown($name), texts: &[$($text),+] }),+]
        }
    };
}

limits! {
    /// The body of a request.
    /// 413, before a byte of it is read where its length is said.
    /// As Cinder and EVS have it.
    BODY: usize = 112 << 10, bytes;
    /// What is read of a body that was refused, so that a client that only writes still sees why.
    /// The connection is closed.
    /// Who goes on sending must not be listened to.
    DRAINED: usize = 1 << 20, bytes;
    /// The time that the head of a request has to arrive.
    /// 408.
    /// A connection that says nothing holds a place.
    HEAD_TIME: Duration = Duration::from_secs(15), time;
    /// The head of a request: its line and its headers.
    /// 431, or 414 where the line has no end.
    /// It is in memory whole.
    HEAD: usize = 128 << 10, bytes;
    /// The headers of a request.
    /// 431.
    /// Clients send a dozen.
    HEADERS: usize = 96, count;
    /// The URL of a request in bytes, percent-encoded.
    /// 414.
    /// The parser counts no further.
    TARGET: usize = 65_534, count;
    /// The time that a body has to arrive.
    /// 400 `The body did not arrive`.
    /// A connection that says little holds a place, too.
    BODY_TIME: Duration = Duration::from_secs(30), time;
    /// The time that a connection may be idle between two requests.
    /// It is closed.
    /// A little longer than load balancers keep theirs, so that they close first.
    KEEP_ALIVE: Duration = Duration::from_secs(75), time;
    /// The time that a client may read nothing of what was sent to it.
    /// The system cuts its connection.
    /// What it does not read waits in memory.
    UNREAD: Duration = Duration::from_secs(20), time;
    /// The open files that connections of clients leave to the database, the log and those who ask a Keystone; the limit of the
    /// system is raised as far as it may be.
    /// A new connection waits until another ends.
    /// Without a file no request could be answered.
    OTHER_FILES: u64 = 128, count;
    /// The requests that the service is at, however many come; health and metrics are answered beside them.
    /// 503 with `Retry-After`, at once.
    /// What waits fills the memory, and an answer that comes late is worth nothing.
    UNDER_WAY: usize = 512, count;
    /// The time that an operation has.
    /// 503; what was begun is not left half done.
    /// Longer than any wait below, so that only a database that hangs comes to this.
    REQUEST: Duration = Duration::from_secs(30), time;
    /// The time that requests under way have when the service is told to stop.
    /// They are cut.
    /// Whoever stops it has limits of his own.
    STOP: &str = "--shutdown-timeout", setting;

    /// Objects and lists within each other, in JSON.
    /// 400 with line and column.
    /// Each level costs stack.
    DEPTH: usize = 32, count;
    /// The unknown fields that a message names.
    /// The others are left out.
    /// Messages must not grow with the request.
    NAMED: usize = 16, count;
    /// The characters of what was sent that a message repeats.
    /// It is cut, with `…` behind it.
    /// Messages must not grow with the request; a name that is looked up as an id is repeated whole.
    QUOTED: usize = 255, count;
    /// The name of a transfer, in bytes of UTF-8.
    /// 400.
    /// EVS counts bytes.
    NAME: usize = 255, bytes;
    /// A name, a description, or a text of metadata and its key, in characters.
    /// 400.
    /// Cinder's columns.
    TEXT: usize = 255, count;
    /// The extra specs of a volume type.
    /// 400.
    /// They are shown with the type, of which a page holds a thousand.
    EXTRA_SPECS: usize = 128, count;
    /// The projects that a private volume type is open to.
    /// 400.
    /// The same.
    TYPE_PROJECTS: usize = 1000, count;
    /// A description in a document, in characters.
    /// The document is refused.
    /// Clients send no more than 255, but what an export carries is kept.
    LONG_TEXT: usize = 65_535, count;
    /// What a record carries that callers put into it: metadata, attachments, tags, as JSON.
    /// 400, judged on what it would be; an import is refused.
    /// A page holds a thousand records.
    RECORD: usize = 112 << 10, bytes;
    /// The records of a page.
    /// v2: 400 EVS.2142; v3 gives this many, with a next link.
    /// As EVS and Cinder have it.
    PAGE_ROWS: u16 = 1000, count;
    /// The records of a page, as the database gives them.
    /// The page ends there, with a next link.
    /// A page is in memory whole.
    PAGE_BYTES: usize = 4 << 20, bytes;
    /// The different texts under keys that a summary of volumes shows of their metadata, and the tags of a project.
    /// The first ones are shown, in their order.
    /// They are in memory whole.
    PAIRS: i64 = 10_000, count;
    /// `offset` of a list.
    /// 400.
    /// As Cinder has it, a signed number of 32 bits.
    OFFSET: u32 = 0x7fff_ffff, count;
    /// The keys of a `sort`, besides the id.
    /// 400.
    /// Each is a comparison in the database.
    SORT_KEYS: usize = 3, count;
    /// The ids of EVS's filter `ids`.
    /// 400.
    /// As EVS has it.
    IDS: usize = 60, count;
    /// `Idempotency-Key`, in visible ASCII characters.
    /// 400.
    /// It is hashed whole.
    KEY: usize = 255, count;
    /// The time for which the first answer to a request with a name is given again.
    /// 400 EVS.2220.
    /// As EVS has it.
    ANSWERED: Duration = Duration::from_hours(8), time;
    /// The time for which it is known that such a name was used.
    /// It may be used anew.
    /// Long after any client has given up.
    REMEMBERED: Duration = Duration::from_hours(30 * 24), time;

    /// The auth keys that wait to be hashed; a project has no more of the places than it leaves free.
    /// 503 with `Retry-After`.
    /// Each costs a core's time.
    HASHES: &str = "--hash-queue", setting;
    /// The time that one of them waits.
    /// 503 with `Retry-After`.
    /// Clients that wait longer have mostly gone.
    HASH_TIME: Duration = Duration::from_secs(15), time;
    /// The passwords that wait to be hashed.
    /// 503 with `Retry-After`.
    /// They have a queue of their own, so that sign-ins slow nothing else.
    SIGN_INS: usize = 256, count;
    /// The sign-ins of a user from one address that may fail within a minute.
    /// 429 with `Retry-After`.
    /// Passwords can be guessed.
    FAILED_SIGN_INS: u32 = 10, count;
    /// A password, in characters.
    /// 400.
    /// As Keystone has it.
    PASSWORD: usize = 128, count;
    /// A token that Keystone is asked about.
    /// 401.
    /// A header has room for no more.
    TOKEN: usize = 8 << 10, bytes;
    /// The time that Keystone has to answer, and all that is waited for before it is asked.
    /// 503 that names Keystone.
    /// A token that cannot be judged is never let pass.
    KEYSTONE_TIME: Duration = Duration::from_secs(5), time;
    /// Keystone's answer.
    /// 503 that names Keystone.
    /// No token comes to that.
    KEYSTONE_ANSWER: usize = 1 << 20, bytes;
    /// The tokens that wait for Keystone to be asked, of those that were good before and of others each.
    /// 503.
    /// A flood of bad ones must not fill the memory.
    KEYSTONE_QUEUE: usize = 512, count;
    /// The tokens that are remembered, good ones and refused ones each.
    /// One that is seldom asked for is forgotten, and asked about again.
    /// A flood of tokens must not fill the memory.
    TOKENS: u64 = 10_000, count;

    /// The connections to PostgreSQL, half of them for what only looks if that makes four for each thread that reads requests; half of the rest may wait for locks, 8 s for each, the others 50 ms.
    /// The next one waits.
    /// PostgreSQL has a limit of its own.
    CONNECTIONS: &str = "--database-connections", setting;
    /// The time that a free connection is waited for, and that a new one may take.
    /// 503 with `Retry-After`.
    /// Clients come again.
    FREE_CONNECTION: Duration = Duration::from_secs(5), time;
    /// The time for which a connection to PostgreSQL is used.
    /// Another is opened.
    /// What it leads to may be another server's by then.
    CONNECTION_LIFE: Duration = Duration::from_mins(30), time;
    /// The time that a statement has.
    /// 503, and the connection is cut.
    /// A little longer than the server takes over one (15 s), so that only one that is gone comes to this.
    STATEMENT: Duration = Duration::from_secs(16), time;
    /// The time for which a transaction is tried again while others are in its way.
    /// 503, which says that nothing was changed, or that nobody knows.
    /// Longer than any request holds a lock, shorter than most clients wait.
    TRANSACTION: Duration = Duration::from_secs(12), time;
    /// The writers of an SQLite file that are committed at once.
    /// The next ones are committed after them.
    /// Each waits for all.
    COMMITTED_TOGETHER: usize = 64, count;
    /// The refusals that are kept of a project in an hour.
    /// They are counted in the metrics.
    /// A flood of refusals must not fill the disk.
    REFUSALS: i64 = 1000, count;
    /// The acts of a transfer that its history shows.
    /// All that was done is shown, and the first refusals.
    /// Anybody can be refused any number of times.
    ACTS: i64 = 1000, count;
    /// The time for which acts are kept.
    /// They are deleted.
    /// They would have no end.
    HISTORY: &str = "--history", setting;
    /// The rows of one fault that `check` names, and the faults of a document that an import does.
    /// The others are left out.
    /// Enough to see what is wrong.
    FAULTS: u16 = 100, count;
    /// The records of an import that are read and written at once.
    /// The next ones wait.
    /// A document may be larger than the memory.
    BATCH: usize = 500, count;
}

fn count(number: impl Display) -> String {
    number.to_string()
}

fn bytes(number: usize) -> String {
    match number {
        whole if whole % (1 << 20) == 0 => format!("{} MiB", whole >> 20),
        whole if whole % (1 << 10) == 0 => format!("{} KiB", whole >> 10),
        few => format!("{few} bytes"),
    }
}

fn time(time: Duration) -> String {
    match time.as_secs() {
        days if days % 86_400 == 0 => format!("{} days", days / 86_400),
        hours if hours % 3600 == 0 => format!("{} h", hours / 3600),
        minutes if minutes % 60 == 0 => format!("{} min", minutes / 60),
        seconds => format!("{seconds} s"),
    }
}

fn setting(flag: &str) -> String {
    format!("[`{flag}`](settings.md)")
}

//! Every setting once: flag, environment variable, default, meaning. `--help` and docs/settings.md are printed from here.
//! Flags beat the environment, the environment a `…_FILE`, that `DATABASE_URL` and `RUST_LOG`, these the settings file, that the
//! default.

mod keystone;

use std::fmt::Display;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Arg, Args};
use ipnet::IpNet;
use secrecy::SecretString;

use self::keystone::KeystoneSettings;
use crate::domain::catalog::Catalog;
use crate::domain::quota::{self, Limits, Resource};
use crate::domain::rules::RuleSet;
use crate::domain::span::{self, Attempts, ProvisioningRule};
use crate::domain::{AuthMode, Dialect};
use crate::logs::LogFormat;
use crate::secrets::hash::Profile;

/// The settings of a process. Each field says what is its own; `setting` says what all have alike.
#[derive(Debug, Clone, Args)]
#[command(mut_args(setting))]
pub struct Settings {
    /// A TOML file of settings, by the names of the flags without `--`: `listen = "127.0.0.1:8776"`
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Where the service listens, and where `healthcheck` asks: an address and a port. Port 0 picks a free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8776", value_parser = allowed(address, ADDRESS))]
    pub listen: SocketAddr,

    /// The database: `sqlite://PATH`, made where it is missing (`sqlite://handover-data/handover.db`), or
    /// `postgres://USER:PASSWORD@HOST/DATABASE`.
    /// `HANDOVER_DATABASE_URL_FILE` names a file that holds it; `DATABASE_URL` is read where neither is given
    #[arg(long, value_name = "URL", default_value = "sqlite://handover-data/handover.db", hide_env_values = true)]
    pub database_url: SecretString,

    /// The most connections to PostgreSQL; where they are eight or more for each of the workers, half are for what only looks.
    /// SQLite has one writer and four readers, whatever is set here
    #[arg(long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub database_connections: u32,

    /// Speak TLS with this certificate: PEM, the server's own first, then those that lead to its authority. It is read again when
    /// it changes. Without it plain HTTP is spoken
    #[arg(long, value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,

    /// The key of `--tls-certificate`: PEM, without a passphrase
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// What links begin with, such as `https://volumes.example.org`. Without it they follow the request's `Host`
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,

    /// Networks whose `X-Forwarded-Host`, `-Proto`, `-Prefix` and `-For` are believed, such as `10.0.0.0/8,fd00::/8`
    #[arg(long, value_name = "NETWORKS", value_parser = allowed(|text| text.trim().parse::<IpNet>().ok(), "a network with its prefix length, such as 10.0.0.0/8 or fd00::/8"), value_delimiter = ',')]
    pub trusted_proxies: Vec<IpNet>,

    /// Who is believed to be calling: whoever says so (none), the users of the built-in identity, or those of a Keystone
    #[arg(long, value_name = "none|builtin|keystone", default_value = "none", value_parser = allowed(AuthMode::parse, AuthMode::WORDS.join(" or ")))]
    pub auth: AuthMode,

    /// A YAML file that says which roles may do what, where it is not as docs/identity.md lists it: `evs:transfers:accept: [member]`
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,

    /// The password of the user `admin`, whom the first start with the built-in identity makes. Without it one is drawn, and printed
    /// once. `HANDOVER_ADMIN_PASSWORD_FILE` names a file that holds it
    #[arg(long, value_name = "PASSWORD", hide_env_values = true)]
    pub admin_password: Option<SecretString>,

    /// The fewest characters of a password of the built-in identity; from 8 on, those that everybody tries first are refused
    #[arg(long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=128))]
    pub password_length: u8,

    /// How long a token of the built-in identity opens anything, such as `1h`
    #[arg(long, value_name = "SPAN", default_value = "1h", value_parser = allowed(span::parse, span::RULE))]
    pub token_lifetime: Duration,

    /// The region that the built-in identity's catalogue names
    #[arg(long, value_name = "NAME", default_value = "RegionOne", value_parser = name)]
    pub region: String,

    /// Under which the secrets of access keys are sealed: 32 characters or more, the same on every replica. Without it a file beside
    /// the SQLite database is made and used. `HANDOVER_SEAL_KEY_FILE` names a file that holds it
    #[arg(long, value_name = "KEY", hide_env_values = true)]
    pub seal_key: Option<SecretString>,

    #[command(flatten)]
    pub keystone: KeystoneSettings,

    /// Which volumes may be transferred: Huawei Cloud EVS's rules or OpenStack Cinder's
    #[arg(long, value_name = "evs|openstack", default_value = "evs", value_parser = allowed(RuleSet::parse, RuleSet::WORDS.join(" or ")))]
    pub rules: RuleSet,

    /// What a project may have where no quota was set for it: `volumes=10,gigabytes=1000`, of volumes, snapshots, gigabytes,
    /// per_volume_gigabytes, backups, backup_gigabytes and groups. `none`, -1, and what is not named: without a limit
    #[arg(long, value_name = "RESOURCE=LIMIT,...", default_value = "none", value_parser = quotas)]
    pub quotas: Limits,

    /// The volume types that are made at each start where they are missing, the first for volumes that name none. One that was renamed
    /// stays so; one that was deleted comes back at the next start while it is named here
    #[arg(
        long,
        value_name = "NAMES",
        default_value = "__DEFAULT__,SATA,SAS,GPSSD,SSD,ESSD,GPSSD2,ESSD2",
        value_delimiter = ',',
        value_parser = name
    )]
    pub volume_types: Vec<String>,

    /// The availability zones that there are, the first for volumes that name none. Without it any zone is taken, and `nova` is
    /// the one that is listed
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = name)]
    pub availability_zones: Vec<String>,

    /// When a new volume is available: at once (its create is answered `creating` all the same), after a time, or when it was
    /// looked at so many times
    #[arg(long, value_name = "at-once|<N>ms|<N>s|<N>reads", default_value = "at-once", value_parser = allowed(ProvisioningRule::parse, ProvisioningRule::RULE))]
    pub volume_creation: ProvisioningRule,

    /// How long an offer lasts that says nothing else (`expires_in`), and at most: then it ends by itself, and its volume is available
    #[arg(long, value_name = "none|SPAN", default_value = "none", value_parser = allowed(|text| Choice::read("none", text, span::parse), span::LIFETIME))]
    pub offer_lifetime: Choice<Duration>,

    /// How many wrong auth keys of a project are judged for one transfer, within a time: then its keys are refused with 429 until the
    /// time is over, and no other project's. Ten times as many for all transfers. Default: 5/15m; none with `--auth none`
    #[arg(long, value_name = "none|<N>/SPAN", value_parser = allowed(|text| Choice::read("none", text, Attempts::parse), Attempts::RULE))]
    pub attempts: Option<Choice<Attempts>>,

    /// The style of error bodies: EVS's on /v2 and Cinder's elsewhere (auto), or one of them everywhere
    #[arg(long = "dialect", value_name = "auto|evs|openstack", default_value = "auto", value_parser = allowed(|text| Choice::read("auto", text, dialect), "auto or evs or openstack"))]
    pub dialect_choice: Choice<Dialect>,

    /// The cost of hashing an auth key: little, since a key is 64 random bits (token), or OWASP's minimum for passwords, for keys that people make up (owasp)
    #[arg(long, value_name = "token|owasp", default_value = "token", value_parser = allowed(Profile::parse, Profile::WORDS.join(" or ")))]
    pub hash: Profile,

    /// Threads that hash auth keys; each keeps its memory (19 MiB under owasp)
    #[arg(long, value_name = "NUMBER", default_value_t = cores(), value_parser = count)]
    pub hash_threads: usize,

    /// How many auth keys may wait to be hashed before callers are told to come back (503). A project has no more of the places than it leaves free
    #[arg(long, value_name = "NUMBER", default_value_t = 2048, value_parser = count)]
    pub hash_queue: usize,

    /// How long it is kept what each caller did or was refused, such as `90d`, or `forever`; `handover acts` prints it
    #[arg(long, value_name = "SPAN|forever", default_value = "90d", value_parser = allowed(|text| Choice::read("forever", text, span::history), span::HISTORY))]
    pub history: Choice<Duration>,

    /// Threads that read requests and write answers
    #[arg(long, value_name = "NUMBER", default_value_t = cores(), value_parser = count)]
    pub workers: usize,

    /// Serve without authentication on an address that others can reach: whoever reaches it may do anything
    #[arg(
        long,
        value_name = "BOOLEAN",
        default_value = "false",
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        value_parser = BoolishValueParser::new()
    )]
    pub danger_no_auth_beyond_loopback: bool,

    /// Seconds that requests under way have to be answered once the service is told to stop
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub shutdown_timeout: u64,

    /// How log lines look on standard error: for people on a terminal, else JSON (auto), or one of them always
    #[arg(long, value_name = "auto|text|json", default_value = "auto", value_parser = allowed(LogFormat::parse, LogFormat::WORDS.join(" or ")))]
    pub log_format: LogFormat,

    /// What is logged: error, warn, info, debug, trace, also by module. Of libraries only warnings are logged: what they print
    /// below may hold secrets. `RUST_LOG` is read where this is not given
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// A value, or the one word that stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<T>(pub Option<T>);

impl<T> Choice<T> {
    fn read(none: &str, text: &str, parse: fn(&str) -> Option<T>) -> Option<Self> {
        if text == none { Some(Self(None)) } else { parse(text).map(|it| Self(Some(it))) }
    }
}

impl Settings {
    /// How many wrong keys are judged; `None`: any number.
    pub fn attempts(&self) -> Option<Attempts> {
        self.attempts.map_or((self.auth != AuthMode::None).then_some(Attempts::DEFAULT), |choice| choice.0)
    }

    /// The files of the certificate and its key, where TLS is spoken.
    pub fn tls_files(&self) -> Option<(&Path, &Path)> {
        Some((self.tls_certificate.as_deref()?, self.tls_key.as_deref()?))
    }

    /// What is spoken, as URLs have it.
    pub fn scheme(&self) -> &'static str {
        if self.tls_files().is_some() { "https" } else { "http" }
    }

    /// Of two settings that need each other, the one that is missing and the one that is given.
    pub const fn half_given(&self) -> Option<(&'static str, &'static str)> {
        match (&self.tls_certificate, &self.tls_key) {
            (Some(_), None) => Some(("--tls-key (HANDOVER_TLS_KEY)", "--tls-certificate")),
            (None, Some(_)) => Some(("--tls-certificate (HANDOVER_TLS_CERTIFICATE)", "--tls-key")),
            _ => None,
        }
    }

    /// The volume types and zones that there are.
    pub fn catalog(&self) -> Catalog {
        Catalog { types: self.volume_types.clone(), zones: self.availability_zones.clone() }
    }
}

/// The settings in groups, each row with the commands that heed it beside `serve`, which heeds all.
#[rustfmt::skip]
pub const GROUPS: &[(&str, &str, &str)] = &[
    ("General", "migrate import export check transfers explain acts user project role access-key healthcheck", "config log log_format"),
    ("Database", "migrate import export check transfers explain acts user project role access-key", "database_url"),
    ("Database", "", "database_connections history"),
    ("Address", "healthcheck", "listen tls_certificate tls_key"),
    ("Address", "", "public_url trusted_proxies danger_no_auth_beyond_loopback workers shutdown_timeout"),
    ("Callers", "access-key", "auth"),
    ("Callers", "import access-key", "seal_key"),
    ("Callers", "import user", "password_length"),
    ("Callers", "", "policy attempts admin_password token_lifetime region"),
    ("Callers", "", "keystone_url keystone_user keystone_password keystone_project keystone_user_domain keystone_project_domain"),
    ("Callers", "", "keystone_application_credential_id keystone_application_credential_secret keystone_ca token_cache"),
    ("Cloud", "import", "rules"),
    ("Cloud", "", "quotas volume_types availability_zones volume_creation offer_lifetime dialect_choice"),
    ("Hashing", "import user", "hash_threads"),
    ("Hashing", "import", "hash hash_queue"),
];

/// The group of a setting, and the commands that heed it beside `serve`.
///
/// # Panics
/// When the setting stands in no row.
pub fn group(setting: &str) -> (&'static str, &'static str) {
    let row = GROUPS.iter().find(|(.., settings)| settings.split(' ').any(|one| one == setting));
    row.map(|(heading, commands, _)| (*heading, *commands)).expect("every setting stands in a row")
}

/// A setting is a flag of every command, and a variable that is called as the flag. What lies under a secret's flag becomes its
/// default, and is shown no more than its variable.
fn setting(arg: Arg) -> Arg {
    let variable = format!("HANDOVER_{}", arg.get_long().unwrap_or_default().to_uppercase().replace('-', "_"));
    let is_secret = arg.is_hide_env_values_set();
    let (heading, _) = group(arg.get_id().as_str());
    arg.global(true).env(variable).hide_default_value(is_secret).help_heading(heading)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Reads what `parse` takes, or says what that is.
pub fn allowed<T>(parse: fn(&str) -> Option<T>, rule: impl Display + Clone) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| parse(text).ok_or_else(|| format!("allowed is {rule}"))
}

/// What an address may be, for messages.
const ADDRESS: &str = "an address and a port, such as 127.0.0.1:8776, [::1]:8776 or localhost:8776";

fn address(text: &str) -> Option<SocketAddr> {
    // of a name's addresses the one that callers without IPv6 reach too
    text.to_socket_addrs().ok()?.min_by_key(SocketAddr::is_ipv6)
}

fn dialect(text: &str) -> Option<Dialect> {
    Dialect::parse(text).filter(|it| *it != Dialect::Keystone)
}

/// `volumes=10,gigabytes=1000`, or `none`.
fn quotas(text: &str) -> Result<Limits, String> {
    let mut limits = Limits::default();
    if text.trim() == "none" {
        return Ok(limits);
    }
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let (resource, limit) = entry.split_once('=').unwrap_or((entry, ""));
        let resource = allowed(Resource::parse, Resource::WORDS.join(" or "))(resource.trim())?;
        let limit = limit.trim().parse().ok().filter(|limit| quota::LIMIT.contains(limit));
        let rule = || format!("allowed is {}=NUMBER, from -1 (no limit) to 2147483647", resource.as_str());
        limits.set(resource, limit.ok_or_else(rule)?);
    }
    Ok(limits)
}

fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = (1..=255).contains(&name.chars().count()) && !name.contains('\0');
    if fits { Ok(name.to_owned()) } else { Err("allowed are names of 1 to 255 characters".to_owned()) }
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| (1..=1_000_000).contains(number)).ok_or_else(|| "allowed is 1 to 1000000".to_owned())
}

/// An absolute http or https URL, without the slash at its end.
fn public_url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_plain = text.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}?#".contains(&b));
    let has_host = !rest.trim_end_matches('/').is_empty() && !rest.starts_with('/') && !rest.contains('@');
    let rule = "allowed is http://HOST or https://HOST, with a port and a path where needed, without user and query";
    if is_plain && has_host { Ok(text.trim_end_matches('/').to_owned()) } else { Err(rule.to_owned()) }
}

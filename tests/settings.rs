//! Settings: flags beat the environment, that a `…_FILE`, that the settings file, that the default; a wrong value stops the
//! start with its name, itself and what is allowed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use clap::CommandFactory;
use handover::cli::Cli;

use crate::support::{Binary, Database, Engine, apply, binary, limited};

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    binary::command(arguments).envs(environment.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder with places for databases, to see which of them a command takes.
struct Places(tempfile::TempDir);

impl Places {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn url(&self, name: &str) -> String {
        format!("sqlite://{}", self.path(name).display())
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).display().to_string()
    }

    /// The databases that were made.
    fn made(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut made: Vec<String> = names.filter(|name| Path::new(name).extension().is_some_and(|end| end == "db")).collect();
        made.sort_unstable();
        made
    }
}

#[apply(limited!)]
#[test]
fn each_layer_beats_the_ones_below() {
    let places = Places::new();
    let [flag, variable, of_file, foreign, config] = ["a.db", "b.db", "c.db", "d.db", "e.db"].map(|name| places.url(name));
    let secret = places.write("secret", &format!("{of_file}\n"));
    let settings = places.write("handover.toml", &format!("database-url = \"{config}\"\n"));
    let all = [
        ("HANDOVER_DATABASE_URL", &*variable),
        ("HANDOVER_DATABASE_URL_FILE", &secret),
        ("DATABASE_URL", &foreign),
        ("HANDOVER_CONFIG", &settings),
    ];
    // each layer alone on top of those below
    for (arguments, environment, made) in [
        (&["migrate", "--database-url", &flag][..], &all[..], "a.db"),
        (&["migrate"], &all, "b.db"),
        (&["migrate"], &all[1..], "c.db"),
        (&["migrate"], &all[2..], "d.db"),
        (&["migrate"], &all[3..], "e.db"),
        (&["migrate", "--config", &settings], &[], "e.db"),
    ] {
        let before = places.made();
        let output = run(arguments, environment);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let new: Vec<String> = places.made().into_iter().filter(|name| !before.contains(name)).collect();
        assert!(new.iter().all(|name| name == made), "{made} is asked for: {new:?}");
        assert!(text(&output.stdout).contains("version"), "{}", text(&output.stdout));
        fs::remove_file(places.path(made)).expect(made);
    }
}

#[apply(limited!)]
#[test]
fn every_setting_is_a_flag_and_a_variable_of_its_name() {
    let command = Cli::command();
    let settings = command.get_arguments().filter(|arg| !["help", "version"].contains(&arg.get_id().as_str()));
    let mut count = 0;
    for arg in settings {
        let flag = arg.get_long().unwrap_or_else(|| panic!("{} has no flag", arg.get_id()));
        let variable = arg.get_env().and_then(|name| name.to_str());
        assert_eq!(variable, Some(&*format!("HANDOVER_{}", flag.to_uppercase().replace('-', "_"))), "--{flag}");
        assert!(arg.get_help().is_some(), "--{flag} says what it means");
        count += 1;
    }
    assert!(count >= 10, "{count} settings");
}

#[apply(limited!)]
#[test]
fn a_wrong_value_ends_with_2_and_names_the_setting_the_value_and_what_is_allowed() {
    let places = Places::new();
    let database = places.url("a.db");
    for (flag, value, allowed) in [
        ("--listen", "nowhere", ""),
        ("--rules", "loose", "evs"),
        ("--dialect", "klingon", "openstack"),
        ("--hash", "md5", "owasp"),
        ("--log-format", "xml", "json"),
        ("--database-connections", "0", "2"),
        ("--workers", "0", "1"),
        ("--hash-threads", "many", "1"),
        ("--shutdown-timeout", "0", "1"),
        ("--public-url", "volumes.example.org", "http"),
        ("--trusted-proxies", "everyone", ""),
        ("--log", "handover=loud", ""),
    ] {
        let variable = format!("HANDOVER_{}", flag[2..].to_uppercase().replace('-', "_"));
        let settings = places.write("handover.toml", &format!("{} = \"{value}\"\n", &flag[2..]));
        for (output, origin) in [
            (run(&["migrate", "--database-url", &database, flag, value], &[]), flag),
            (run(&["migrate", "--database-url", &database], &[(&variable, value)]), &*variable),
            (run(&["migrate", "--database-url", &database, "--config", &settings], &[]), &*settings),
            // the environment beats the file
            (run(&["migrate", "--database-url", &database, "--config", &settings], &[(&variable, value)]), &*variable),
        ] {
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{flag} {value}: {message}");
            assert!(
                message.contains(&format!("from {origin}")) || message.contains(&format!("from the settings file {origin}")),
                "{message}"
            );
            assert!(message.contains(flag) && message.contains(value) && message.contains(allowed), "{flag}: {message}");
        }
    }
    assert_eq!(places.made(), [""; 0], "a start that is stopped touches nothing");
    let dangerous = ("HANDOVER_DANGER_NO_AUTH_BEYOND_LOOPBACK", "perhaps");
    let message = text(&run(&["serve"], &[dangerous]).stderr);
    assert!(message.contains(&format!("The value comes from {}.", dangerous.0)), "{message}");
    let message = text(&run(&["serve", "--import"], &[]).stderr);
    assert!(!message.contains("The value comes from"), "there is none: {message}");
    for flag in ["--public-url", "--keystone-url"] {
        let message = text(&run(&["serve", flag, "https://joe:hush@volumes.example.org"], &[]).stderr);
        assert!(message.contains("…@volumes.example.org") && !message.contains("hush"), "{message}");
    }
}

#[apply(limited!)]
#[test]
fn a_database_url_that_is_none_is_refused_without_its_password() {
    for url in ["mysql://u:hush@h/d", "hush", "sqlite::memory:", "postgres://u:hush@h:port/d"] {
        for output in [run(&["serve", "--database-url", url], &[]), run(&["serve"], &[("HANDOVER_DATABASE_URL", url)])] {
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{url}: {message}");
            assert!(message.contains("--database-url") && !message.contains("hush"), "{message}");
        }
    }
}

#[apply(limited!)]
#[test]
fn a_settings_file_with_what_is_no_setting_is_refused() {
    let places = Places::new();
    for (file, named) in [
        ("colour = \"red\"\n", "colour"),
        ("database_url = \"sqlite://x\"\n", "`database_url`, which is no setting; did you mean `database-url`?"),
        ("hash-thread = 2\n", "did you mean `hash-threads`?"),
        ("config = \"other.toml\"\n", "config"),
        ("workers = { number = 2 }\n", "workers"),
        ("rules = evs\n", "TOML"),
    ] {
        let settings = places.write("handover.toml", file);
        let output = run(&["migrate", "--database-url", &places.url("a.db"), "--config", &settings], &[]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{file}: {message}");
        assert!(message.contains(named) && message.contains(&settings), "{message}");
        assert_eq!(message.contains("did you mean"), named.contains("did you mean"), "{message}");
    }
    for missing in [&["migrate", "--config", "/nowhere/handover.toml"][..], &["migrate", "--config=/nowhere/handover.toml"]] {
        let output = run(missing, &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains("/nowhere/handover.toml"), "{}", text(&output.stderr));
    }
}

#[apply(limited!)]
#[test]
fn used_wrongly_is_2_and_help_is_0() {
    for wrong in
        [&[][..], &["nothing"], &["serve", "--colour"], &["serve", "extra"], &["import"], &["healthcheck", "--wait", "x"]]
    {
        let output = run(wrong, &[]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{wrong:?}: messages go to standard error");
    }
    for right in [&["--help"][..], &["serve", "--help"], &["--version"]] {
        let output = run(right, &[]);
        assert_eq!(output.status.code(), Some(0), "{right:?}");
        assert!(!output.stdout.is_empty());
    }
    let version = text(&run(&["--version"], &[]).stdout);
    assert_eq!(version.trim(), format!("handover {}", env!("CARGO_PKG_VERSION")));
}

#[apply(limited!)]
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_setting_from_the_environment_or_the_file_does_what_its_flag_does() {
    let places = Places::new();
    let settings = places
        .write("handover.toml", "dialect = \"openstack\"\nworkers = 1\ntrusted-proxies = [\"10.0.0.0/8\", \"::1/128\"]\n");
    let databases = [(); 3].map(|()| Database::empty(Engine::Sqlite));
    let by_file = Binary::serve(&databases[0].url, &["--config", &settings], &[]);
    assert!(by_file.get("/v2/alpha/nothing").await.is(404).json().get("itemNotFound").is_some());
    let by_variable = Binary::serve(&databases[1].url, &["--config", &settings], &[("HANDOVER_DIALECT", "evs")]);
    assert!(by_variable.get("/v3/alpha/nothing").await.is(404).json().get("error").is_some());
    let by_flag = Binary::serve(&databases[2].url, &["--dialect", "auto"], &[("HANDOVER_DIALECT", "evs")]);
    assert!(by_flag.get("/v3/alpha/nothing").await.is(404).json().get("itemNotFound").is_some());
}

#[apply(limited!)]
#[test]
fn help_and_mistakes_show_no_secret() {
    const SECRET: &str = "postgres://u:SECRETPW@h/d";
    let places = Places::new();
    let file = places.write("secret", SECRET);
    let settings = places.write("good.toml", &format!("database-url = \"{SECRET}\"\n"));
    let mistaken = places.write("bad.toml", &format!("listen = \"127.0.0.1:0\"\ndatabase-url = {SECRET}\n"));
    for environment in [
        ("HANDOVER_DATABASE_URL", SECRET),
        ("HANDOVER_DATABASE_URL_FILE", &*file),
        ("DATABASE_URL", SECRET),
        ("HANDOVER_CONFIG", &*settings),
        ("HANDOVER_CONFIG", &*mistaken),
    ] {
        for arguments in [&["--help"][..], &["serve", "--help"], &["serve", "--listen", "nonsense"]] {
            let output = run(arguments, &[environment]);
            let said = text(&output.stdout) + &text(&output.stderr);
            assert!(!said.contains("SECRETPW"), "{arguments:?} {environment:?}: {said}");
        }
    }
    let said = text(&run(&["migrate", "--config", &mistaken], &[]).stderr);
    assert!(said.contains("line 2"), "{said}");
}

#[apply(limited!)]
#[test]
fn an_empty_variable_is_as_absent() {
    let places = Places::new();
    let url = places.url("a.db");
    let names = Cli::command();
    let empty: Vec<(String, String)> =
        names.get_arguments().filter_map(|argument| Some((argument.get_env()?.to_str()?.to_owned(), String::new()))).collect();
    let mut environment: Vec<(&str, &str)> = empty.iter().map(|(name, value)| (&**name, &**value)).collect();
    environment.extend([("HANDOVER_DATABASE_URL_FILE", ""), ("DATABASE_URL", &*url)]);
    let output = run(&["migrate"], &environment);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(places.made(), ["a.db"]);
    // nor does it hide a secret's file
    let file = places.write("url", &places.url("b.db"));
    let output =
        run(&["migrate"], &[("HANDOVER_DATABASE_URL", ""), ("HANDOVER_DATABASE_URL_FILE", &*file), ("DATABASE_URL", &*url)]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(places.made(), ["a.db", "b.db"]);
}

//! The real binary as a process of its own: for what a process alone can show, and for commands.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::ops::Deref;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use super::{Client, Value};

/// `handover` with these arguments, and with nothing of our own environment that would be a setting.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_handover"));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("HANDOVER_") || name == "DATABASE_URL" || name == "RUST_LOG") {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

/// Runs `handover` with these arguments to its end.
pub fn run(arguments: &[&str], input: &str) -> Output {
    feed(&mut command(arguments), input)
}

/// Runs a command to its end.
pub fn feed(command: &mut Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // a command that reads nothing closes the pipe: no fault of its own
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// Loads a document.
#[track_caller]
pub fn import(database_url: &str, document: &Value) {
    let output = run(&["import", "-", "--database-url", database_url], &document.to_string());
    assert!(output.status.success(), "import fails: {}", String::from_utf8_lossy(&output.stderr));
}

/// `handover serve` on port 0.
pub struct Binary {
    client: Client,
    child: Child,
    stdout: Arc<Mutex<String>>,
    stderr: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Binary {
    /// Starts and waits until it says where it listens.
    pub fn serve(database_url: &str, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::serve_by(command(&[]), database_url, flags, environment)
    }

    /// The same by a command that ends in `handover`'s own.
    pub fn serve_by(mut command: Command, database_url: &str, flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let anywhere = ["--listen", "127.0.0.1:0"];
        let listen = if flags.contains(&"--listen") { &[][..] } else { &anywhere };
        let mut child = command
            .args(["serve", "--database-url", database_url, "--hash", "token"])
            .args(listen)
            .args(flags)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (out, err) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(String::new())));
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let errors = keep(child.stderr.take().unwrap(), err.clone());
        let address = loop {
            let mut line = String::new();
            let length = stdout.read_line(&mut line).unwrap();
            assert_ne!(length, 0, "serve ends: {:?}: {}", child.wait(), err.lock().unwrap());
            out.lock().unwrap().push_str(&line);
            if let Some((_, after)) = line.split_once("listening on http") {
                break after
                    .trim_start_matches(['s', ':', '/'])
                    .split_whitespace()
                    .next()
                    .unwrap()
                    .parse::<SocketAddr>()
                    .unwrap();
            }
        };
        let rest = keep(stdout, out.clone());
        let client = Client::new(&address.to_string());
        Self { client, child, stdout: out, stderr: err, readers: vec![errors, rest] }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Of the process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.child.wait().unwrap()
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// What it has written on standard output so far; once it has ended, all of it.
    pub fn stdout(&mut self) -> String {
        self.finish();
        self.stdout.lock().unwrap().clone()
    }

    /// The same on standard output and error.
    pub fn output(&mut self) -> String {
        self.stdout() + &self.stderr.lock().unwrap()
    }

    fn finish(&mut self) {
        if self.child.try_wait().unwrap().is_some() {
            self.readers.drain(..).for_each(|reader| reader.join().unwrap());
        }
    }
}

impl Deref for Binary {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Binary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keep(mut from: impl Read + Send + 'static, into: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut bytes) {
            into.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
    })
}

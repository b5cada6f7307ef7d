//! A TCP proxy between the service and PostgreSQL that breaks what a network breaks, at the worst moment too: during COMMIT, or
//! during a statement that commits by itself, which is called a COMMIT here.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{Database, postgres, within};

/// What the proxy does with connections, open and new ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    Works,
    /// Every connection is cut, every new one closed at once.
    IsDown,
    /// Not a byte passes, and nobody is told.
    Stalls,
    /// The next COMMIT reaches PostgreSQL and is answered, but the answer is lost with the connection.
    LosesTheAnswerToCommit,
    /// The same, and the network stays down.
    LosesTheAnswerToCommitAndGoesDown,
    /// The next COMMIT is lost with the connection: the transaction is rolled back.
    LosesCommit,
    /// The same, and the network stays down.
    LosesCommitAndGoesDown,
    /// The connection is lost during the next COMMIT, which is on its way still.
    HoldsCommit,
    /// It arrives.
    DeliversCommit,
    /// The proxy itself is over.
    Ends,
}

pub struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    /// How many connections were closed at once because the network is down.
    refused: watch::Sender<usize>,
    /// How often the network has forgotten the connections that were open.
    forgotten: watch::Sender<usize>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let network = watch::Sender::new(Network::Works);
        let refused = watch::Sender::new(0);
        let forgotten = watch::Sender::new(0);
        let of_thread = (network.clone(), refused.clone(), forgotten.clone());
        // of its own thread, so that it works while a test's runtime is blocked
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { accept(TcpListener::from_std(listener).unwrap(), of_thread).await });
        });
        Self { address, network, refused, forgotten, thread: Some(thread) }
    }

    /// The URL of a database of the throw-away cluster, through here.
    pub fn url(&self, database: &Database) -> String {
        database.url.replace(&postgres::address(), &self.address.to_string())
    }

    pub fn set(&self, network: Network) {
        self.refused.send_replace(0);
        self.network.send_replace(network);
    }

    /// Waits until somebody has found the network down since it was set last.
    pub async fn refused(&self) {
        let mut refused = self.refused.subscribe();
        within("somebody is refused", refused.wait_for(|count| *count > 0)).await.unwrap();
    }

    /// From now on not a byte passes on the connections that are open, and nobody is told; new ones work.
    pub fn forget(&self) {
        self.forgotten.send_modify(|times| *times += 1);
    }

    /// Lets a COMMIT arrive that was held, and waits until it is done.
    pub async fn deliver(&self) {
        self.set(Network::DeliversCommit);
        let mut network = self.network.subscribe();
        within("the COMMIT arrives", network.wait_for(|now| *now == Network::Works)).await.unwrap();
    }

    /// What the network does now: a lost COMMIT happens once.
    pub fn now(&self) -> Network {
        *self.network.borrow()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.set(Network::Ends);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

type Senders = (watch::Sender<Network>, watch::Sender<usize>, watch::Sender<usize>);

async fn accept(listener: TcpListener, (network, refused, forgotten): Senders) {
    let mut changes = network.subscribe();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (client, _) = accepted.unwrap();
                if *network.borrow() == Network::IsDown {
                    refused.send_modify(|count| *count += 1);
                } else {
                    tokio::spawn(carry(client, network.clone(), forgotten.subscribe()));
                }
            }
            _ = changes.wait_for(|now| *now == Network::Ends) => return,
        }
    }
}

/// Carries one connection until it ends or is cut: dropping both ends cuts it.
async fn carry(mut client: TcpStream, network: watch::Sender<Network>, mut forgotten: watch::Receiver<usize>) {
    let mut changes = network.subscribe();
    let Ok(mut server) = TcpStream::connect(postgres::address()).await else { return };
    let mut messages = Messages::default();
    let (mut from_client, mut from_server) = ([0; 8192], [0; 8192]);
    loop {
        if changes.wait_for(|now| *now != Network::Stalls).await.is_err() || *network.borrow() == Network::IsDown {
            return;
        }
        tokio::select! {
            _ = changes.changed() => {}
            _ = forgotten.changed() => {
                let _ = changes.wait_for(|now| *now == Network::Ends).await;
                return;
            }
            read = client.read(&mut from_client) => {
                let Ok(length @ 1..) = read else { return };
                // a stall that began while we waited holds back what has just come, too
                if changes.wait_for(|now| *now != Network::Stalls).await.is_err() {
                    return;
                }
                let bytes = &from_client[..length];
                if messages.hold_commit(bytes) {
                    match once(&network) {
                        Some(Network::LosesCommit | Network::LosesCommitAndGoesDown) => return,
                        Some(fault) => {
                            if fault == Network::HoldsCommit {
                                drop(client);
                                let _ = changes.wait_for(|now| *now == Network::DeliversCommit).await;
                            }
                            let sent = server.write_all(bytes).await;
                            assert!(sent.is_ok(), "PostgreSQL takes the COMMIT");
                            read_to_ready(&mut server).await;
                            network.send_if_modified(|now| *now == Network::DeliversCommit && { *now = Network::Works; true });
                            return;
                        }
                        None => {}
                    }
                }
                if server.write_all(bytes).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut from_server) => {
                let Ok(length @ 1..) = read else { return };
                if changes.wait_for(|now| *now != Network::Stalls).await.is_err() {
                    return;
                }
                if client.write_all(&from_server[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Takes a fault of COMMIT, if there is one to come, and leaves what comes after it.
fn once(network: &watch::Sender<Network>) -> Option<Network> {
    let mut taken = None;
    network.send_if_modified(|now| {
        let next = match *now {
            Network::LosesCommit | Network::LosesTheAnswerToCommit | Network::HoldsCommit => Network::Works,
            Network::LosesCommitAndGoesDown | Network::LosesTheAnswerToCommitAndGoesDown => Network::IsDown,
            _ => return false,
        };
        taken = Some(std::mem::replace(now, next));
        true
    });
    taken
}

/// Reads until PostgreSQL says that it is ready for the next query, which is after the transaction is over.
async fn read_to_ready(server: &mut TcpStream) {
    let (mut seen, mut bytes) = (Vec::<u8>::new(), [0; 8192]);
    while !seen.windows(5).any(|five| five == b"Z\0\0\0\x05") {
        let length = server.read(&mut bytes).await.expect("PostgreSQL answers the COMMIT");
        assert_ne!(length, 0, "PostgreSQL answers the COMMIT");
        seen.extend(&bytes[..length]);
    }
}

/// The client's half of PostgreSQL's protocol, as far as it takes to see a COMMIT. Source: PostgreSQL, 55.7.
#[derive(Default)]
struct Messages {
    unread: Vec<u8>,
    /// Past SSLRequest and StartupMessage, which have no type byte.
    is_started: bool,
    /// The names of the statements that commit by themselves.
    whole: Vec<Vec<u8>>,
    /// One of these was asked for, and is done at the next Sync.
    is_whole: bool,
}

impl Messages {
    const SSL_REQUEST: &[u8] = &80_877_103_u32.to_be_bytes();

    /// Takes more bytes; whether a message that commits ends among them.
    fn hold_commit(&mut self, bytes: &[u8]) -> bool {
        self.unread.extend(bytes);
        let mut commits = false;
        loop {
            let type_length = usize::from(self.is_started);
            let Some(length) = self.unread.get(type_length..type_length + 4) else { return commits };
            let end = type_length + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if self.unread.len() < end {
                return commits;
            }
            let message: Vec<u8> = self.unread.drain(..end).collect();
            if self.is_started {
                let texts: Vec<&[u8]> = message[5..].split(|byte| *byte == 0).collect();
                match message[0] {
                    b'Q' => commits |= texts[0].starts_with(b"COMMIT"),
                    // as the service marks them, since it lets them wait for no lock
                    b'P' if String::from_utf8_lossy(texts[1]).contains("set_config('lock_timeout'") => {
                        self.whole.push(texts[0].to_vec());
                    }
                    b'P' => {
                        assert!(!texts[1].starts_with(b"COMMIT"), "it comes as a simple query: teach this proxy the other way");
                    }
                    b'B' => self.is_whole = self.whole.iter().any(|name| name == texts[1]),
                    b'S' => commits |= std::mem::take(&mut self.is_whole),
                    _ => {}
                }
            } else {
                self.is_started = message.get(4..8) != Some(Self::SSL_REQUEST);
            }
        }
    }
}

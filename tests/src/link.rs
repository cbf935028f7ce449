//! A line between a client and a server that is cut at places of the test's choice, and counts what goes through it.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use anyhow::Result;

/// A running line.
pub struct Link {
    /// Host and port.
    pub host: String,
    state: Arc<State>,
}

struct State {
    server: String,
    /// Bytes that went to clients.
    passed: AtomicU64,
    /// So many bytes are passed before each cut, the last one first.
    cuts: Mutex<Vec<u64>>,
    made: AtomicU64,
}

impl Link {
    /// A line to a server (host and port), cut whenever so many bytes went to clients in all.
    pub fn start(server: &str, cuts: &[u64]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let host = listener.local_addr()?.to_string();
        let mut cuts = cuts.to_vec();
        cuts.sort_unstable_by(|a, b| b.cmp(a));
        let state = Arc::new(State {
            server: server.to_owned(),
            passed: AtomicU64::new(0),
            cuts: Mutex::new(cuts),
            made: AtomicU64::new(0),
        });
        let shared = state.clone();
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let state = shared.clone();
                // A client or server that hangs up is its own affair.
                thread::spawn(move || _ = carry(client, &state));
            }
        });
        Ok(Self { host, state })
    }

    /// Bytes that went to clients.
    pub fn passed(&self) -> u64 {
        self.state.passed.load(Ordering::SeqCst)
    }

    /// Cuts that were made.
    pub fn cuts(&self) -> u64 {
        self.state.made.load(Ordering::SeqCst)
    }
}

impl State {
    /// Whether the line is cut here; each cut is made once.
    fn is_cut(&self, passed: u64) -> bool {
        let mut cuts = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        let due = cuts.last().is_some_and(|cut| passed >= *cut);
        if due {
            cuts.pop();
            self.made.fetch_add(1, Ordering::SeqCst);
        }
        due
    }
}

fn carry(mut client: TcpStream, state: &State) -> Result<()> {
    let mut server = TcpStream::connect(&state.server)?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        _ = std::io::copy(&mut from_client, &mut to_server);
        _ = to_server.shutdown(Shutdown::Write);
    });
    let mut buffer = vec![0; 16 << 10];
    loop {
        let read = server.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        client.write_all(bytes)?;
        let passed = state.passed.fetch_add(read as u64, Ordering::SeqCst) + read as u64;
        if state.is_cut(passed) {
            break;
        }
    }
    _ = client.shutdown(Shutdown::Both);
    _ = server.shutdown(Shutdown::Both);
    Ok(())
}

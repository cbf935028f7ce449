//! How much one client may ask, and all together: a bucket of tokens for each client, how many requests are answered at
//! the same time, and how many bytes of documents are held until they were taken.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use super::client::{Client, client_key};
use crate::cli::ServeArgs;

/// Clients that are remembered before those that ask nothing are forgotten.
const CLIENTS: usize = 50_000;
/// How long a client is asked to wait when too much goes on at the same time.
const WAIT: Duration = Duration::from_secs(1);
/// Bytes of documents that are held at the same time, whoever asked: a client may take one as slowly as a blob, but a
/// blob is not held whole.
const DOCUMENTS: u64 = 256 << 20;
/// The same for one client, so that none keeps all others from theirs.
const DOCUMENTS_OF_CLIENT: u64 = 32 << 20;

/// Requests that a password counts for which its registry refuses: who guesses passwords through this proxy is slower than
/// who asks that registry itself.
const WRONG_PASSWORD: f64 = 20.0;

/// The limits and who is how near to them.
pub(super) struct Limits {
    rate: f64,
    burst: f64,
    of_client: u32,
    of_all: u32,
    all: AtomicU32,
    documents: AtomicU64,
    clients: Mutex<HashMap<IpAddr, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
    busy: u32,
    documents: u64,
}

/// Why a request is not answered now, and how long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Busy {
    /// This client asks too often.
    Rate(Duration),
    /// Too many requests of this client are being answered.
    Client(Duration),
    /// Too many requests are being answered.
    All(Duration),
    /// Too many bytes of documents wait to be taken.
    Documents(Duration),
}

/// A request that is being answered. Its place is free again when dropped.
pub(super) struct Place {
    limits: Arc<Limits>,
    key: Option<IpAddr>,
}

/// Bytes of a document that are held for a client. Their room is free again when dropped.
pub(super) struct Hold {
    limits: Arc<Limits>,
    key: Option<IpAddr>,
    bytes: u64,
}

impl Place {
    /// Room for a document, none of it taken yet.
    pub(super) fn hold(&self) -> Hold {
        Hold { limits: self.limits.clone(), key: self.key, bytes: 0 }
    }

    /// The registry refused the password of this request.
    pub(super) fn password_was_wrong(&self) {
        // Without a rate nothing would ever fill it again.
        if self.limits.rate > 0.0 {
            self.limits.with(self.key, |bucket| bucket.tokens -= WRONG_PASSWORD);
        }
    }
}

impl Hold {
    /// Takes room for so many bytes more.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Busy> {
        let bytes = bytes as u64;
        let limits = &self.limits;
        let has_room = limits.with(self.key, |bucket| {
            let has_room = bucket.documents + bytes <= DOCUMENTS_OF_CLIENT;
            bucket.documents += if has_room { bytes } else { 0 };
            has_room
        });
        if has_room == Some(false) {
            return Err(Busy::Documents(WAIT));
        }
        self.bytes += bytes;
        // What is too much is given back with the rest, by whoever drops this.
        let before = limits.documents.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > DOCUMENTS { Err(Busy::Documents(WAIT)) } else { Ok(()) }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.limits.documents.fetch_sub(self.bytes, Ordering::Relaxed);
        self.limits.with(self.key, |bucket| bucket.documents = bucket.documents.saturating_sub(self.bytes));
    }
}

impl Limits {
    pub(super) fn new(args: &ServeArgs) -> Arc<Self> {
        Arc::new(Self {
            rate: f64::from(args.rate),
            burst: f64::from(args.burst.max(1)),
            of_client: args.client_requests,
            of_all: args.requests,
            all: AtomicU32::new(0),
            documents: AtomicU64::new(0),
            clients: Mutex::default(),
        })
    }

    /// A place for a request of a client.
    pub(super) fn enter(self: &Arc<Self>, client: &Client, now: Instant) -> Result<Place, Busy> {
        let before = self.all.fetch_add(1, Ordering::Relaxed);
        let mut place = Place { limits: self.clone(), key: None };
        if self.of_all > 0 && before >= self.of_all {
            return Err(Busy::All(WAIT));
        }
        if client.is_own {
            return Ok(place);
        }
        let key = client_key(client.ip);
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() >= CLIENTS && !clients.contains_key(&key) {
            clients
                .retain(|_, bucket| bucket.busy > 0 || bucket.documents > 0 || self.refilled(bucket, now) < self.burst);
        }
        let bucket = clients.entry(key).or_insert(Bucket { tokens: self.burst, at: now, busy: 0, documents: 0 });
        (bucket.tokens, bucket.at) = (self.refilled(bucket, now), now);
        if self.of_client > 0 && bucket.busy >= self.of_client {
            drop(clients);
            return Err(Busy::Client(WAIT));
        }
        if self.rate > 0.0 {
            if bucket.tokens < 1.0 {
                let missing = (1.0 - bucket.tokens) / self.rate;
                drop(clients);
                return Err(Busy::Rate(Duration::from_secs_f64(missing)));
            }
            bucket.tokens -= 1.0;
        }
        bucket.busy += 1;
        drop(clients);
        place.key = Some(key);
        Ok(place)
    }

    /// Does something with a client's bucket, where it has one: the operator's own have none.
    fn with<T>(&self, key: Option<IpAddr>, act: impl FnOnce(&mut Bucket) -> T) -> Option<T> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.get_mut(&key?).map(act)
    }

    fn refilled(&self, bucket: &Bucket, now: Instant) -> f64 {
        let gone = now.saturating_duration_since(bucket.at).as_secs_f64();
        gone.mul_add(self.rate, bucket.tokens).min(self.burst)
    }

    /// Requests that are being answered.
    pub(super) fn in_flight(&self) -> u32 {
        self.all.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.limits.all.fetch_sub(1, Ordering::Relaxed);
        self.limits.with(self.key, |bucket| bucket.busy = bucket.busy.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(ip: &str) -> Client {
        Client { ip: ip.parse().unwrap(), is_own: false, is_safe: false, is_page: false, is_forwarded: false }
    }

    #[test]
    fn the_rate_counts_after_the_burst_and_for_each_client_alone() {
        let limits = Limits::new(&ServeArgs::of(&["--rate", "2", "--burst", "3"]));
        let (now, one) = (Instant::now(), client("203.0.113.1"));
        for _ in 0..3 {
            assert!(limits.enter(&one, now).is_ok());
        }
        assert_eq!(limits.enter(&one, now).err(), Some(Busy::Rate(Duration::from_millis(500))));
        assert!(limits.enter(&client("203.0.113.2"), now).is_ok());
        let later = now + Duration::from_millis(500);
        assert!(limits.enter(&one, later).is_ok() && limits.enter(&one, later).is_err());
        let much_later = now + Duration::from_secs(3600);
        assert_eq!((0..10).filter(|_| limits.enter(&one, much_later).is_ok()).count(), 3);
    }

    #[test]
    fn a_wrong_password_counts_for_many_requests() {
        let limits = Limits::new(&ServeArgs::of(&["--rate", "2", "--burst", "30"]));
        let (now, one) = (Instant::now(), client("203.0.113.1"));
        limits.enter(&one, now).unwrap().password_was_wrong();
        assert_eq!((0..30).filter(|_| limits.enter(&one, now).is_ok()).count(), 9);
        let later = now + Duration::from_millis(500);
        limits.enter(&one, later).unwrap().password_was_wrong();
        assert_eq!(limits.enter(&one, later).err(), Some(Busy::Rate(Duration::from_millis(10_500))));
        assert!(limits.enter(&client("203.0.113.2"), now).is_ok());
        let without_rate = Limits::new(&ServeArgs::of(&["--rate", "0", "--burst", "30"]));
        for _ in 0..9 {
            without_rate.enter(&one, now).unwrap().password_was_wrong();
        }
        let clients = without_rate.clients.lock().unwrap();
        assert!(clients.values().all(|bucket| without_rate.refilled(bucket, now) >= without_rate.burst));
    }

    #[test]
    fn places_are_free_again_when_left() {
        let limits = Limits::new(&ServeArgs::of(&["--rate", "0", "--client-requests", "2", "--requests", "3"]));
        let (now, one, two) = (Instant::now(), client("203.0.113.1"), client("203.0.113.2"));
        let mut held = vec![limits.enter(&one, now).unwrap(), limits.enter(&one, now).unwrap()];
        assert_eq!(limits.enter(&one, now).err(), Some(Busy::Client(WAIT)));
        held.push(limits.enter(&two, now).unwrap());
        assert_eq!(limits.enter(&two, now).err(), Some(Busy::All(WAIT)));
        assert_eq!(limits.in_flight(), 3);
        held.clear();
        assert_eq!(limits.in_flight(), 0);
        assert!(limits.enter(&one, now).is_ok());
    }

    #[test]
    fn documents_have_room_of_a_client_and_of_all() {
        let limits = Limits::new(&ServeArgs::of(&[]));
        let place = |ip: &str| limits.enter(&client(ip), Instant::now()).unwrap();
        let one = place("203.0.113.1");
        let mut held: Vec<Hold> = (0..8).map(|_| one.hold()).collect();
        assert!(held.iter_mut().all(|hold| hold.grow(4 << 20).is_ok()));
        assert_eq!(one.hold().grow(1), Err(Busy::Documents(WAIT)));
        assert_eq!(held[0].grow(1), Err(Busy::Documents(WAIT)));
        // Another client has its own, until all is taken.
        let others: Vec<_> = (2..9).map(|n| place(&format!("203.0.113.{n}"))).collect();
        let mut more: Vec<Hold> = others.iter().map(Place::hold).collect();
        assert!(more.iter_mut().all(|hold| hold.grow(32 << 20).is_ok()));
        let last = place("203.0.113.9");
        assert_eq!(last.hold().grow(1), Err(Busy::Documents(WAIT)));
        drop((held.pop(), one));
        assert_eq!((last.hold().grow(4 << 20), last.hold().grow(1)), (Ok(()), Err(Busy::Documents(WAIT))));
        drop((held, more));
        assert_eq!(limits.documents.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_operators_own_have_no_limit_but_the_common_one() {
        let limits = Limits::new(&ServeArgs::of(&["--burst", "1", "--client-requests", "1", "--requests", "5"]));
        let own = Client { is_own: true, ..client("127.0.0.1") };
        let held: Vec<_> = (0..6).map(|_| limits.enter(&own, Instant::now())).collect();
        assert_eq!(held.iter().filter(|place| place.is_ok()).count(), 5);
    }

    #[test]
    fn clients_that_ask_nothing_are_forgotten() {
        let limits = Limits::new(&ServeArgs::of(&["--rate", "1", "--burst", "1"]));
        let now = Instant::now();
        for number in 0..CLIENTS {
            let ip = std::net::Ipv4Addr::from(u32::try_from(number).unwrap());
            assert!(limits.enter(&client(&ip.to_string()), now).is_ok());
        }
        assert!(limits.enter(&client("203.0.113.1"), now + Duration::from_secs(2)).is_ok());
        assert_eq!(limits.clients.lock().unwrap().len(), 1);
    }
}

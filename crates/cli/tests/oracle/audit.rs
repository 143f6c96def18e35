//! The reckoning: what the program says, what the endpoint saw, and whether both are the same.

use std::fmt::{self, Write as _};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use orderbridge_core::store::Store as _;
use orderbridge_core::store::sqlite::SqliteStore;

use super::ledger::{Ended, Figures};
use super::plan::Kind;
use super::process::{Connector, House};
use super::producer::{Sender, post};
use super::{DRAIN, PROBE, Shared, within};

/// More memory than this is a leak: caches, bodies under way, and the program itself fit in half.
const MOST_MEMORY: u64 = 256 << 20;
/// The journal is merged at 32 MB and cut to 64 MB.
const LARGEST_JOURNAL: u64 = 96 << 20;
/// What an order leaves in the file once its bodies are erased, its share of the indexes included;
/// and what lies there for a while, bodies and free pages.
const BYTES_OF_AN_ORDER: u64 = 2_500;
const BYTES_FOR_A_WHILE: u64 = 128 << 20;

/// Lists are asked for in one piece.
const ALL: usize = 100_000_000;

/// The most that was seen of what has to be bounded.
#[derive(Debug, Default)]
pub(crate) struct Sizes {
    memory: u64,
    file: u64,
    journal: u64,
}

impl Sizes {
    /// Looks at a process and its files.
    pub(crate) fn look(&mut self, memory: u64, house: &House) {
        self.memory = self.memory.max(memory);
        self.file = self.file.max(house.size("orderbridge.db"));
        self.journal = self.journal.max(house.size("orderbridge.db-wal"));
    }

    fn too_much(&self, posted: usize) -> Vec<String> {
        let orders = BYTES_OF_AN_ORDER.saturating_mul(posted as u64);
        let limits = [
            ("memory", self.memory, MOST_MEMORY),
            ("the store", self.file, BYTES_FOR_A_WHILE + orders),
            ("the journal", self.journal, LARGEST_JOURNAL),
        ];
        let too_much = limits.iter().filter(|(_, seen, limit)| seen > limit);
        too_much
            .map(|(what, seen, limit)| format!("{what} came to {seen} bytes, more than {limit}"))
            .collect()
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [memory, file, journal] = [self.memory, self.file, self.journal].map(|it| it >> 20);
        write!(
            f,
            "at most {memory} MB of memory, {file} MB of store, {journal} MB of journal"
        )
    }
}

/// Lets orders come until nothing else waits, posts one more, and closes the books.
pub(crate) fn reckon(
    shared: &Shared,
    house: &House,
    connector: Connector,
    process: usize,
    sizes: &mut Sizes,
) -> Result<Figures, String> {
    let waiting = || house.stored(&["held", "pending", "sending"], 1);
    let mut sender = Sender::default();
    let drained = within(DRAIN, "the drain", || {
        let done = waiting().is_ok_and(|it| it.is_empty());
        if !done {
            // Where all that waits is refused, it is a good one that ends the pause for that.
            post(shared, &mut sender, shared.next_order(), Kind::Good);
        }
        done
    });
    shared.ledger().sum_of(drained);

    let probe = shared.next_order();
    if !post(shared, &mut sender, probe, Kind::Good) {
        let what = "a webhook was not taken though all is well".to_owned();
        shared.ledger().sum(what);
    }
    let arrived = within(PROBE, "one more order", || {
        shared.ledger().is_taken(probe) && waiting().is_ok_and(|it| it.is_empty())
    });
    shared.ledger().sum_of(arrived);

    sizes.look(connector.memory(), house);
    let stored = house.stored(&[], ALL)?;
    let metrics = get(&connector.admin, "/metrics").ok_or("there are no metrics")?;
    let in_state = |state: &str| stored.iter().filter(|it| it.state == state).count();
    for state in ["delivered", "parked", "pending", "sending", "held"] {
        let told = sum_of(&metrics, "outbox_events", &format!("state=\"{state}\""));
        let listed = in_state(state) as u64;
        if told != listed {
            let what = format!("metrics tell of {told} {state}, the list has {listed}");
            shared.ledger().sum(what);
        }
    }
    let told = sum_of(&metrics, "delivery_attempts_total", "class=\"delivered\"");
    let (taken, late) = shared.ledger().taken(process);
    if !(taken as u64..=(taken + late) as u64).contains(&told) {
        let what = format!("metrics tell of {told} deliveries of {taken} (and {late} late)");
        shared.ledger().sum(what);
    }
    if let Err(why) = connector.terminate() {
        shared.ledger().sum(why);
    }
    shared.ledger().end(Ended::Finished);
    if let Err(why) = accounts(house) {
        shared.ledger().sum(why);
    }
    let (mut wrong, figures) = shared.ledger().close(&stored);
    let more = sizes.too_much(figures.posted).into_iter();
    wrong.extend(more.map(super::ledger::Violation::Sum));
    if wrong.is_empty() {
        Ok(figures)
    } else {
        let mut report = format!("{} things do not add up ({figures:?}):\n", wrong.len());
        for violation in wrong.iter().take(100) {
            let _ = writeln!(report, "  {violation}");
        }
        Err(report)
    }
}

/// The sum of invariant I1, by the store itself.
fn accounts(house: &House) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(async {
        let text = |error: orderbridge_core::store::StoreError| error.to_string();
        let store = SqliteStore::beside(&house.store()).await.map_err(text)?;
        let accounts = store.accounts().await.map_err(text)?;
        if accounts.balanced() {
            Ok(())
        } else {
            Err(format!("the store's own sum: {accounts:?}"))
        }
    })
}

/// The sum of a metric over all lines that have this label.
fn sum_of(metrics: &str, name: &str, label: &str) -> u64 {
    let start = format!("orderbridge_{name}{{");
    let lines = metrics
        .lines()
        .filter(|line| line.starts_with(&start) && line.contains(label));
    let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
    values.sum()
}

/// The body of a page of the admin address, if the answer is 200.
pub(crate) fn get(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    let limit = Some(Duration::from_secs(30));
    stream.set_read_timeout(limit).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    head.starts_with("HTTP/1.1 200").then(|| body.to_owned())
}

#[test]
fn metrics_are_read() {
    let metrics = "orderbridge_outbox_events{source=\"a\",state=\"parked\"} 2\n\
                   orderbridge_outbox_events{source=\"b\",state=\"parked\"} 3\n\
                   orderbridge_outbox_events{source=\"b\",state=\"held\"} 9\n";
    assert_eq!(sum_of(metrics, "outbox_events", "state=\"parked\""), 5);
}

#[test]
fn what_grows_without_bound_is_found() {
    let sizes = Sizes {
        memory: 300 << 20,
        file: 10 << 20,
        journal: 1 << 20,
    };
    assert_eq!(sizes.too_much(100).len(), 1);
    let sizes = Sizes {
        memory: 90 << 20,
        file: 200 << 20,
        journal: 100 << 20,
    };
    assert_eq!(sizes.too_much(100).len(), 2);
    assert_eq!(sizes.too_much(100_000).len(), 1);
}

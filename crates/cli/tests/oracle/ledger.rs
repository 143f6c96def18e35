//! What was posted, answered and received, and whether it adds up. Knows no process and no socket.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use super::orders::{Expected, Key};
use super::plan::Kind;

/// A process that is killed this long after an answer had all the time it needs to record it.
const CRASH_WINDOW: Duration = Duration::from_secs(10);

/// What the endpoint did with a body that it had read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It said 200, and was in time.
    Accepted,
    /// It said 200, so late that the sender may have given up.
    Late,
    /// It said nothing.
    Cut,
    /// It said 422.
    Refused,
    /// It said to try again: 401, 429 or 500.
    PutOff,
}

/// A body that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    /// From which process, counted from 0.
    pub(crate) process: usize,
    /// When it was answered, or cut.
    pub(crate) at: Duration,
    pub(crate) digest: u64,
    pub(crate) fate: Fate,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By SIGKILL, at this time.
    Killed(Duration),
    /// By itself, after it had finished what was under way.
    Finished,
}

/// What the program says that it has stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    /// Absent for a payload that became no event.
    pub(crate) key: Option<Key>,
    /// The order that such a payload holds.
    pub(crate) order: Option<u64>,
}

#[derive(Clone, Debug)]
struct Posted {
    kind: Kind,
    keys: Vec<Key>,
    /// Whether it was answered with 200: from then on it is owed.
    acknowledged: bool,
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Violation {
    /// An order was answered with 200, and this event of it is not where it has to be.
    Lost { order: u64, key: Key, found: String },
    /// An order that cannot be mapped was answered with 200 and is not parked.
    NotParked { order: u64 },
    /// The program says that it delivered what the endpoint never took.
    NeverTaken { key: Key },
    /// The endpoint was sent what nobody had posted.
    Invented { key: Key },
    /// The store has something that nobody had posted.
    InventedInStore { id: String },
    /// The bytes are not what the mapping makes of the order.
    OtherContent { key: Key },
    /// The bytes of one event differ between two attempts.
    Differs { key: Key },
    /// An event came again after it had been taken, and nothing explains why.
    Unexplained {
        key: Key,
        first: usize,
        again: usize,
    },
    /// A webhook was answered as it should never be.
    WrongAnswer { order: u64, kind: Kind, status: u16 },
    /// Something else does not add up.
    Sum(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What was counted, for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) posted: usize,
    pub(crate) acknowledged: usize,
    pub(crate) received: usize,
    pub(crate) delivered: usize,
    pub(crate) parked: usize,
    /// Events that were sent again after they had been taken, each explained.
    pub(crate) repeated: usize,
    /// Events that arrived although nobody was told so: the answer to their webhook was lost.
    pub(crate) unanswered: usize,
}

/// The books.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    posted: BTreeMap<u64, Posted>,
    expected: HashMap<Key, (u64, u64)>,
    received: HashMap<Key, Vec<Receipt>>,
    nameless: usize,
    ended: Vec<Ended>,
    replayed: HashSet<Key>,
    wrong: Vec<Violation>,
}

impl Ledger {
    /// An order is about to be posted; these events have to come of it.
    pub(crate) fn post(&mut self, order: u64, kind: Kind, events: Vec<Expected>) {
        let keys = events.iter().map(|event| event.key.clone()).collect();
        if !matches!(kind, Kind::Unsigned | Kind::TooLarge) {
            for event in events {
                self.expected.insert(event.key, (order, event.digest));
            }
        }
        let acknowledged = false;
        let posted = Posted {
            kind,
            keys,
            acknowledged,
        };
        self.posted.insert(order, posted);
    }

    /// A webhook was answered; 0 if it was not.
    pub(crate) fn answer(&mut self, order: u64, status: u16) {
        let Some(posted) = self.posted.get_mut(&order) else {
            return;
        };
        let kind = posted.kind;
        let fine = match kind {
            Kind::Good | Kind::Refused | Kind::Unmappable => matches!(status, 0 | 200 | 503),
            Kind::Unsigned => matches!(status, 0 | 401 | 503),
            Kind::TooLarge => matches!(status, 0 | 413 | 503),
        };
        if !fine {
            self.wrong.push(Violation::WrongAnswer {
                order,
                kind,
                status,
            });
        }
        posted.acknowledged |= status == 200;
    }

    /// A body arrived at the endpoint; without a key it is no event. Gives the receipt's number.
    pub(crate) fn receive(&mut self, key: Option<&Key>, receipt: Receipt) -> usize {
        let Some(key) = key else {
            self.nameless += 1;
            return 0;
        };
        let receipts = self.received.entry(key.clone()).or_default();
        receipts.push(receipt);
        receipts.len() - 1
    }

    /// The answer to a receipt could not be written.
    pub(crate) fn cut(&mut self, key: Option<&Key>, number: usize) {
        let receipts = key.and_then(|key| self.received.get_mut(key));
        if let Some(receipt) = receipts.and_then(|receipts| receipts.get_mut(number)) {
            receipt.fate = Fate::Cut;
        }
    }

    /// Whether an order was taken by the endpoint.
    pub(crate) fn is_taken(&self, order: u64) -> bool {
        let keys = self.posted.get(&order).map_or(&[][..], |it| &it.keys[..]);
        let taken = |key: &Key| {
            let mut receipts = self.received.get(key).into_iter().flatten();
            receipts.any(|receipt| receipt.fate == Fate::Accepted)
        };
        !keys.is_empty() && keys.iter().all(taken)
    }

    /// Whether any webhook was acknowledged yet.
    pub(crate) fn owes(&self) -> bool {
        self.posted.values().any(|posted| posted.acknowledged)
    }

    /// What the endpoint has to know of an event.
    pub(crate) fn kind(&self, key: &Key) -> Option<Kind> {
        let (order, _) = self.expected.get(key)?;
        Some(self.posted.get(order)?.kind)
    }

    /// The process that was the last one has ended.
    pub(crate) fn end(&mut self, how: Ended) {
        self.ended.push(how);
    }

    /// A person has an event sent again.
    pub(crate) fn replay(&mut self, key: Key) {
        self.replayed.insert(key);
    }

    /// Notes what does not add up elsewhere.
    pub(crate) fn sum(&mut self, what: String) {
        self.wrong.push(Violation::Sum(what));
    }

    /// Notes what should have been and was not.
    pub(crate) fn sum_of(&mut self, result: Result<(), String>) {
        if let Err(what) = result {
            self.sum(what);
        }
    }

    /// How many bodies of a process were taken, and how many perhaps.
    pub(crate) fn taken(&self, process: usize) -> (usize, usize) {
        let of = |fate: Fate| {
            let all = self.received.values().flatten();
            all.filter(|it| it.process == process && it.fate == fate)
                .count()
        };
        (of(Fate::Accepted), of(Fate::Late))
    }

    /// Everything that must not be, given what the program says it has stored.
    pub(crate) fn close(&self, stored: &[Stored]) -> (Vec<Violation>, Figures) {
        let mut wrong = self.wrong.clone();
        let mut figures = Figures {
            posted: self.posted.len(),
            received: self.received.values().map(Vec::len).sum(),
            ..Figures::default()
        };
        if self.nameless > 0 {
            let count = self.nameless;
            wrong.push(Violation::Sum(format!("{count} bodies were no events")));
        }
        self.check_received(&mut wrong, &mut figures);
        self.check_stored(stored, &mut wrong, &mut figures);
        self.check_owed(stored, &mut wrong, &mut figures);
        wrong.sort();
        (wrong, figures)
    }

    fn check_received(&self, wrong: &mut Vec<Violation>, figures: &mut Figures) {
        for (key, receipts) in &self.received {
            let key = || key.clone();
            let Some((order, digest)) = self.expected.get(&key()) else {
                wrong.push(Violation::Invented { key: key() });
                continue;
            };
            if receipts.iter().any(|it| it.digest != *digest) {
                wrong.push(Violation::OtherContent { key: key() });
            }
            let mut others = receipts.windows(2);
            if others.any(|pair| matches!(pair, [one, two] if one.digest != two.digest)) {
                wrong.push(Violation::Differs { key: key() });
            }
            let told = self.posted.get(order).is_some_and(|it| it.acknowledged);
            figures.unanswered += usize::from(!told);
            let mut receipts = receipts.clone();
            receipts.sort_by_key(|it| (it.process, it.at));
            for pair in receipts.windows(2) {
                let [first, again] = pair else { continue };
                if first.fate != Fate::Accepted {
                    continue;
                }
                figures.repeated += 1;
                if !self.explains(&key(), first, again) {
                    wrong.push(Violation::Unexplained {
                        key: key(),
                        first: first.process,
                        again: again.process,
                    });
                }
            }
        }
    }

    /// Whether an event that had been taken may come again: the process was killed before it can
    /// have recorded it, or a person asked for it.
    fn explains(&self, key: &Key, first: &Receipt, again: &Receipt) -> bool {
        let killed = match self.ended.get(first.process) {
            Some(Ended::Killed(at)) => *at <= first.at + CRASH_WINDOW,
            Some(Ended::Finished) | None => false,
        };
        (killed && again.process > first.process) || self.replayed.contains(key)
    }

    fn check_stored(&self, stored: &[Stored], wrong: &mut Vec<Violation>, figures: &mut Figures) {
        let mut seen = HashSet::new();
        for item in stored {
            figures.delivered += usize::from(item.state == "delivered");
            figures.parked += usize::from(item.state == "parked");
            let known = match (&item.key, item.order) {
                (Some(key), _) => self.expected.contains_key(key) && seen.insert(key.clone()),
                (None, Some(order)) => {
                    let posted = self.posted.get(&order);
                    posted.is_some_and(|posted| posted.kind == Kind::Unmappable)
                }
                (None, None) => false,
            };
            if !known {
                let id = item.id.clone();
                wrong.push(Violation::InventedInStore { id });
            }
            let Some(key) = &item.key else { continue };
            let taken = |it: &Receipt| matches!(it.fate, Fate::Accepted | Fate::Late);
            let receipts = self.received.get(key).map_or(&[][..], Vec::as_slice);
            if item.state == "delivered" && !receipts.iter().any(taken) {
                wrong.push(Violation::NeverTaken { key: key.clone() });
            }
        }
    }

    fn check_owed(&self, stored: &[Stored], wrong: &mut Vec<Violation>, figures: &mut Figures) {
        let by_key: HashMap<&Key, &Stored> = stored
            .iter()
            .filter_map(|item| Some((item.key.as_ref()?, item)))
            .collect();
        let parked: HashSet<u64> = stored
            .iter()
            .filter(|item| item.state == "parked")
            .filter_map(|item| item.order)
            .collect();
        for (order, posted) in &self.posted {
            if !posted.acknowledged {
                continue;
            }
            figures.acknowledged += 1;
            if posted.kind == Kind::Unmappable && !parked.contains(order) {
                wrong.push(Violation::NotParked { order: *order });
            }
            for key in &posted.keys {
                let item = by_key.get(key);
                let found = item.map_or("nothing", |item| item.state.as_str());
                let reason = item.and_then(|item| item.reason.as_deref());
                let right = match posted.kind {
                    Kind::Good => found == "delivered",
                    Kind::Refused => found == "parked" && reason == Some("rejected"),
                    Kind::Unmappable | Kind::Unsigned | Kind::TooLarge => true,
                };
                if !right {
                    wrong.push(Violation::Lost {
                        order: *order,
                        key: key.clone(),
                        found: found.to_owned(),
                    });
                }
            }
        }
    }
}

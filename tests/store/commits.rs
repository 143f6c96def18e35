//! Every call that writes, cut off right before its commit and right after it: by an error and by
//! the end of the process. Before, nothing may be left of it; after, nothing may be missing.

use std::path::Path;
use std::process::{Command as Process, ExitCode};

use libtest_mimic::Trial;
use orderbridge_core::store::hooks::{FailPoint, FailWith, Hooks};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::suite::make::{
    MAIN, accept, accept_event, at, balance, deliver_all, due, event, intake, settlement,
};
use orderbridge_core::store::{
    Accepted, ClaimId, Claimed, Command, ConflictPolicy, Cursor, Customer, DestinationChange, Due,
    Filter, Lane, Outcome, Page, PayloadId, Reason, RedactTarget, Remap, Retention, Selection,
    State, Store, StoreError, SubjectHash, Verdict,
};
use rusqlite::types::Value;

use super::run;
use super::sqlite::FileBench;

/// Tells the process which one it is: the call, the point and the file.
const ROLE: &str = "ORDERBRIDGE_STORE_COMMIT";

/// A call of the trait that writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Accept,
    AcceptSeveral,
    Replace,
    Seen,
    Claim,
    TakeBack,
    Renew,
    Settle,
    ChangeDestination,
    Retry,
    Drop,
    Redact,
    Remap,
    Erase,
}

const ALL: &[Call] = &[
    Call::Accept,
    Call::AcceptSeveral,
    Call::Replace,
    Call::Seen,
    Call::Claim,
    Call::TakeBack,
    Call::Renew,
    Call::Settle,
    Call::ChangeDestination,
    Call::Retry,
    Call::Drop,
    Call::Redact,
    Call::Remap,
    Call::Erase,
];

impl Call {
    /// Whether it is done in several commits, so that a cut may leave it half done. Repeated, it
    /// gets to its end.
    fn has_several_commits(self) -> bool {
        self == Self::Redact
    }

    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for call in ALL.iter().copied() {
        for (point, when) in [
            (FailPoint::BeforeCommit, "before"),
            (FailPoint::AfterCommit, "after"),
        ] {
            let name = call.name();
            let name = format!("commits::{name}_cut_off_{when}_its_commit");
            trials.push(Trial::test(name, move || {
                run(by_the_end_of_the_process(call, point));
                run(by_an_error(call, point));
                Ok(())
            }));
        }
    }
    trials
}

/// Plays the process that is cut off, if this is it.
pub(crate) fn child() -> Option<ExitCode> {
    let role = std::env::var(ROLE).ok()?;
    let mut parts = role.splitn(3, ':');
    let name = parts.next()?.to_owned();
    let call = ALL.iter().copied().find(|call| call.name() == name)?;
    let point = match parts.next()? {
        "after" => FailPoint::AfterCommit,
        _ => FailPoint::BeforeCommit,
    };
    let path = parts.next()?.to_owned();
    run(async move {
        let hooks = Hooks::default();
        let store = open(Path::new(&path), &hooks).await;
        let scene = prepare(&store).await;
        hooks.arm(point, FailWith::Abort);
        let _ = act(&store, &scene, call).await;
    });
    // It should not have come this far.
    Some(ExitCode::SUCCESS)
}

async fn by_the_end_of_the_process(call: Call, point: FailPoint) {
    let bench = FileBench::new();
    let when = match point {
        FailPoint::BeforeCommit => "before",
        FailPoint::AfterCommit => "after",
    };
    let role = format!("{}:{when}:{}", call.name(), bench.path().display());
    let died = Process::new(std::env::current_exe().unwrap())
        .env(ROLE, role)
        .output()
        .unwrap();
    assert!(!died.status.success(), "it was not cut off");
    look(&bench, call, point).await;
}

async fn by_an_error(call: Call, point: FailPoint) {
    let bench = FileBench::new();
    drop(failed(&bench, call, point).await);
    look(&bench, call, point).await;
    // The store itself goes on, and the call can be repeated.
    let bench = FileBench::new();
    let (store, scene) = failed(&bench, call, point).await;
    act(&store, &scene, call).await.unwrap();
    balance(&store).await;
}

async fn failed(bench: &FileBench, call: Call, point: FailPoint) -> (SqliteStore, Scene) {
    let hooks = Hooks::default();
    let store = open(&bench.path(), &hooks).await;
    let scene = prepare(&store).await;
    hooks.arm(point, FailWith::Error);
    let result = act(&store, &scene, call).await;
    assert!(result.is_err(), "it was not cut off");
    balance(&store).await;
    (store, scene)
}

/// What is left has to be all of it or nothing; and it has to go on from there.
async fn look(bench: &FileBench, call: Call, point: FailPoint) {
    let (before, left) = (left_by(None).await, left_by(Some(call)).await);
    let (before, after) = (dump(&before.path()), dump(&left.path()));
    assert_ne!(before, after, "{call:?} writes nothing");
    // Before it is opened again, which ends all leases.
    let found = dump(&bench.path());
    let store = bench.try_open().await.unwrap();
    balance(&store).await;
    match point {
        FailPoint::BeforeCommit => assert_eq!(found, before, "{call:?}: something is left"),
        FailPoint::AfterCommit if call.has_several_commits() => {
            assert_ne!(found, before, "{call:?}: nothing is there");
            store.apply(redact(vec![subject(6)]), at(50)).await.unwrap();
            drop(left.try_open().await.unwrap());
            let ended = dump(&left.path());
            assert_eq!(dump(&bench.path()), ended, "{call:?}: it does not end");
        }
        FailPoint::AfterCommit => assert_eq!(found, after, "{call:?}: something is missing"),
    }
    accept_event(&store, intake(90, 1, at(400))).await;
    let resume = DestinationChange::Resume;
    store
        .change_destination(MAIN, resume, at(400))
        .await
        .unwrap();
    assert!(deliver_all(&store, at(500)).await >= 1);
    balance(&store).await;
}

/// What a store holds that was left in peace, with a call or without one.
async fn left_by(call: Option<Call>) -> FileBench {
    let bench = FileBench::new();
    let store = open(&bench.path(), &Hooks::default()).await;
    let scene = prepare(&store).await;
    if let Some(call) = call {
        act(&store, &scene, call).await.unwrap();
    }
    drop(store);
    bench
}

/// All that every table holds, but for the store's own key and pulse.
fn dump(path: &Path) -> Vec<String> {
    let conn = rusqlite::Connection::open(path).unwrap();
    let mut tables = conn
        .prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'meta' ORDER BY name",
        )
        .unwrap();
    let tables = tables.query_map((), |row| row.get::<_, String>(0)).unwrap();
    let mut lines = Vec::new();
    for table in tables.map(Result::unwrap) {
        let mut select = conn.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = select.column_count();
        let mut rows = select.query(()).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values = (0..columns).map(|column| row.get::<_, Value>(column).unwrap());
            let values: Vec<Value> = values.collect();
            lines.push(format!("{table}: {values:?}"));
        }
    }
    lines.sort();
    lines
}

/// What the calls act on.
struct Scene {
    /// Order 2, which is being sent.
    sending: Claimed,
    /// Order 5, which could not be mapped.
    unmappable: PayloadId,
}

async fn open(path: &Path, hooks: &Hooks) -> SqliteStore {
    let options = SqliteOptions {
        hooks: hooks.clone(),
        ..SqliteOptions::default()
    };
    SqliteStore::open(path, options).await.unwrap()
}

/// Fills a store, each time the same: order 1 is delivered, 2 is being sent, 3 is pending, 4 is
/// parked, 5 could not be mapped, 6 is held and 7 is delivered, both about somebody.
async fn prepare(store: &SqliteStore) -> Scene {
    let mut who = intake(7, 1, at(0));
    who.subjects = vec![subject(6)];
    for payload in [intake(1, 1, at(0)), who, intake(4, 1, at(0))] {
        accept_event(store, payload).await;
    }
    for (number, claimed) in (1..).zip(claim(store, Lane::Fresh, 1, 3).await) {
        let verdict = match number {
            3 => Verdict::Parked(Reason::new(Reason::REJECTED, "refused")),
            _ => Verdict::Delivered,
        };
        let batch = vec![settlement(&claimed, verdict, at(2))];
        assert_eq!(store.settle(batch).await.unwrap().applied, 1);
    }
    accept_event(store, intake(2, 1, at(3))).await;
    let sending = claim(store, Lane::Fresh, 2, 1).await.remove(0);
    accept_event(store, intake(3, 1, at(4))).await;
    let mut unmappable = intake(5, 1, at(5));
    unmappable.outcome = Outcome::Unmappable(Reason::new("amount.invalid", "no number"));
    let Accepted::Stored { payload, .. } = accept(store, unmappable).await else {
        panic!("it was there before");
    };
    let mut held = intake(6, 1, at(6));
    held.hold_until = Some(at(300));
    held.subjects = vec![subject(6)];
    accept_event(store, held).await;
    Scene {
        sending,
        unmappable: payload,
    }
}

async fn claim(store: &SqliteStore, lane: Lane, fence: u8, limit: usize) -> Vec<Claimed> {
    let asked = Due {
        claim: ClaimId::from_bytes([fence; 16]),
        ..due(lane, limit, at(10))
    };
    store.claim(asked).await.unwrap()
}

#[expect(clippy::too_many_lines, reason = "an arm for each call")]
async fn act(store: &SqliteStore, scene: &Scene, call: Call) -> Result<(), StoreError> {
    let Scene {
        sending,
        unmappable,
    } = scene;
    match call {
        Call::Accept => store
            .accept(Page::one(intake(8, 1, at(20))))
            .await
            .map(drop),
        Call::AcceptSeveral => {
            let page = Page {
                intakes: (20..25).map(|order| intake(order, 1, at(20))).collect(),
                cursor: Some(Cursor {
                    source: "shop".to_owned(),
                    stream: "orders".to_owned(),
                    position: "25".to_owned(),
                }),
            };
            store.accept(page).await.map(drop)
        }
        Call::Replace => {
            let mut newer = intake(6, 2, at(20));
            newer.hold_until = Some(at(400));
            newer.subjects = vec![subject(6)];
            store.accept(Page::one(newer)).await.map(drop)
        }
        Call::Seen => {
            let customer = Customer {
                source: "shop".to_owned(),
                subjects: vec![subject(1)],
                order_key: "1".to_owned(),
                ordered_at: at(0),
                complete_from: Some(at(-9)),
            };
            store.seen(customer).await.map(drop)
        }
        Call::Claim | Call::TakeBack => {
            let (lane, now) = match call {
                Call::Claim => (Lane::Fresh, at(20)),
                _ => (Lane::Retry, at(200)),
            };
            let asked = Due {
                claim: ClaimId::from_bytes([3; 16]),
                ..due(lane, 9, now)
            };
            store.claim(asked).await.map(drop)
        }
        Call::Renew => {
            let renewed = store.renew(sending.claim, vec![sending.id], at(90)).await;
            renewed.map(drop)
        }
        Call::Settle => {
            let done = settlement(sending, Verdict::Delivered, at(20));
            store.settle(vec![done]).await.map(drop)
        }
        Call::ChangeDestination => {
            let pause = DestinationChange::Pause(Reason::new("by_hand", ""));
            store
                .change_destination(MAIN, pause, at(20))
                .await
                .map(drop)
        }
        Call::Retry => {
            let items = in_state(State::Parked);
            let delivered = false;
            let retry = Command::Retry { items, delivered };
            store.apply(retry, at(20)).await.map(drop)
        }
        Call::Drop => {
            let items = in_state(State::Pending);
            let reason = Reason::new("by_hand", "");
            let drop_it = Command::Drop { items, reason };
            store.apply(drop_it, at(20)).await.map(drop)
        }
        Call::Redact => store
            .apply(redact(vec![subject(6)]), at(50))
            .await
            .map(drop),
        Call::Remap => {
            let again = Remap {
                payload: *unmappable,
                mapping: "shopify 0.2.0".to_owned(),
                order: None,
                conflict: ConflictPolicy::KeepFirst,
                hold_until: None,
                subjects: Vec::new(),
                outcome: Outcome::Events(vec![event(5, 1)]),
                now: at(20),
            };
            store.remap(again).await.map(drop)
        }
        Call::Erase => {
            let old = Retention {
                bodies_before: at(3),
                orders_before: at(3),
                after: None,
                limit: 10,
            };
            store.erase(old).await.map(drop)
        }
    }
}

fn in_state(state: State) -> Selection {
    Selection::all(Filter {
        states: Some(vec![state]),
        ..Filter::default()
    })
}

fn redact(subjects: Vec<SubjectHash>) -> Command {
    Command::Redact {
        target: RedactTarget::Subjects(subjects),
        request: None,
    }
}

fn subject(person: u8) -> SubjectHash {
    SubjectHash::from_bytes([person; SubjectHash::LENGTH])
}

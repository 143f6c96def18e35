//! The oracle: it knows what was posted and what arrived, while the connector between them is
//! killed again and again. In the end nothing may be lost, invented or changed.
//!
//! Everything is drawn from a seed, which is printed; `ORDERBRIDGE_ORACLE_SEED=… cargo test --test
//! oracle` draws the same plan. What exactly a kill hits is up to the machine.

#![cfg(target_os = "linux")]
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may panic, and tells what it did"
)]

mod audit;
mod endpoint;
mod ledger;
mod ledger_tests;
mod orders;
mod plan;
mod process;
mod producer;
#[path = "../process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use audit::Sizes;
use ledger::{Ended, Ledger};
use plan::{End, Errand, Phase, Plan, Round};
use process::{Connector, House};

const SECRET: &str = "hush";
const SOURCE: &str = "shop";

/// How long the connector waits for an answer, and how long a hanging endpoint takes for one.
const TIMEOUT: Duration = Duration::from_secs(10);
const HANG: Duration = Duration::from_secs(12);

/// Webhooks that are posted at the same time.
const PRODUCERS: usize = 4;

/// After the last fault: until it is well, until nothing waits any more, until one more arrives.
const HEALTH: Duration = Duration::from_secs(180);
const DRAIN: Duration = Duration::from_secs(120);
const PROBE: Duration = Duration::from_secs(60);

/// What all threads share.
struct Shared {
    plan: Plan,
    ledger: Mutex<Ledger>,
    phase: Mutex<Phase>,
    receiver: Mutex<Option<String>>,
    orders: AtomicU64,
    stopping: AtomicBool,
    started: Instant,
}

impl Shared {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    fn phase(&self) -> Phase {
        *self.phase.lock().unwrap()
    }

    fn set_phase(&self, phase: Phase) {
        *self.phase.lock().unwrap() = phase;
    }

    /// Where webhooks are taken, while they are.
    fn receiver(&self) -> Option<String> {
        self.receiver.lock().unwrap().clone()
    }

    fn set_receiver(&self, address: Option<String>) {
        *self.receiver.lock().unwrap() = address;
    }

    fn next_order(&self) -> u64 {
        self.orders.fetch_add(1, Ordering::SeqCst)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

/// How much is done.
struct Effort {
    seed: u64,
    kills: usize,
    longest: Duration,
}

impl Effort {
    fn from_environment() -> Self {
        let number = |name: &str| -> Option<u64> {
            let text = std::env::var(name).ok()?;
            let number = text.parse();
            Some(number.unwrap_or_else(|_| panic!("{name} must be a number, not {text:?}")))
        };
        let kills = number("ORDERBRIDGE_ORACLE_KILLS").unwrap_or(20);
        let minutes = number("ORDERBRIDGE_ORACLE_MINUTES").unwrap_or(60);
        Self {
            seed: number("ORDERBRIDGE_ORACLE_SEED").unwrap_or_else(|| fastrand::u64(..1 << 32)),
            kills: usize::try_from(kills).unwrap(),
            longest: Duration::from_secs(minutes * 60),
        }
    }

    /// The command that draws this plan again.
    fn replay(&self) -> String {
        format!(
            "ORDERBRIDGE_ORACLE_SEED={} ORDERBRIDGE_ORACLE_KILLS={} cargo test --test oracle -- \
             --nocapture nothing_is_lost",
            self.seed, self.kills
        )
    }
}

#[test]
fn nothing_is_lost() {
    let effort = Effort::from_environment();
    println!("oracle: the plan again: {}", effort.replay());
    let folder = tempfile::tempdir().unwrap();
    let shared = Arc::new(Shared {
        plan: Plan::draw(effort.seed, effort.kills),
        ledger: Mutex::default(),
        phase: Mutex::new(Phase::Well),
        receiver: Mutex::default(),
        orders: AtomicU64::new(1),
        stopping: AtomicBool::new(false),
        started: Instant::now(),
    });
    let endpoint = endpoint::open(&shared);
    let house = House::new(folder.path(), endpoint, effort.kills <= 50);
    let result = live(&shared, &house, &effort);
    if let Err(why) = result {
        let folder = folder.keep();
        panic!(
            "{why}\nThe store and the log are in {}.\nThe same plan again, though not to the \
             microsecond: {}",
            folder.display(),
            effort.replay()
        );
    }
}

/// All rounds, and the reckoning.
fn live(shared: &Arc<Shared>, house: &House, effort: &Effort) -> Result<(), String> {
    let producers: Vec<_> = (0..PRODUCERS).map(|_| producer::start(shared)).collect();
    let mut sizes = Sizes::default();
    let (mut process, mut kills) = (0, 0);
    let mut result = Ok(());
    for round in &shared.plan.rounds {
        if shared.now() > effort.longest {
            break;
        }
        result = live_through(shared, house, process, round, &mut sizes)
            .map_err(|why| format!("process {process}, {round:?}: {why}"));
        if result.is_err() {
            break;
        }
        process += 1;
        kills += usize::from(round.end != End::Terminate);
        if process % 50 == 0 {
            let minutes = shared.now().as_secs() / 60;
            println!("oracle: {kills} kills in {minutes} min, {sizes}");
        }
    }
    shared.set_phase(Phase::Well);
    let result = result.and_then(|()| house.queue(&["resume", "main"]).map(drop));
    let connector = result.and_then(|()| start(shared, house, process));
    if let Ok(connector) = &connector {
        let ready = || audit::get(&connector.admin, "/readyz").is_some();
        let well = within(HEALTH, "health after the last fault", ready);
        shared.ledger().sum_of(well);
    }
    shared.stopping.store(true, Ordering::SeqCst);
    for producer in producers {
        producer.join().map_err(|_| "a producer panicked")?;
    }
    let figures = audit::reckon(shared, house, connector?, process, &mut sizes)?;
    let seconds = shared.now().as_secs();
    println!("oracle: {kills} kills in {seconds} s, {sizes}\noracle: {figures:?}");
    Ok(())
}

fn live_through(
    shared: &Shared,
    house: &House,
    process: usize,
    round: &Round,
    sizes: &mut Sizes,
) -> Result<(), String> {
    shared.set_phase(round.phase);
    if let End::KillAtBirth(after) = round.end {
        let connector = house.start(process);
        thread::sleep(after);
        connector.kill();
        shared.ledger().end(Ended::Killed(shared.now()));
        return Ok(());
    }
    let connector = start(shared, house, process)?;
    thread::sleep(round.length / 2);
    if let Some(errand) = round.errand {
        run(shared, house, errand)?;
    }
    thread::sleep(round.length / 2);
    sizes.look(connector.memory(), house);
    // Webhooks are under way when it ends.
    let ended = if round.end == End::Terminate {
        connector.terminate()?;
        Ended::Finished
    } else {
        connector.kill();
        Ended::Killed(shared.now())
    };
    shared.set_receiver(None);
    shared.ledger().end(ended);
    Ok(())
}

/// Starts a process and tells the producers where it is.
fn start(shared: &Shared, house: &House, process: usize) -> Result<Connector, String> {
    let mut connector = house.start(process);
    let receiver = connector.up()?;
    shared.set_receiver(Some(receiver));
    Ok(connector)
}

/// What a person does beside the connector.
fn run(shared: &Shared, house: &House, errand: Errand) -> Result<(), String> {
    if !shared.ledger().owes() {
        // There may be no store yet.
        return Ok(());
    }
    match errand {
        Errand::Pause => house.queue(&["pause", "main"]),
        Errand::Resume => house.queue(&["resume", "main"]),
        Errand::RetryParked => house.queue(&["retry", "--state", "parked"]),
        Errand::Replay => {
            let some = house.stored(&["delivered"], 3)?;
            let mut args = vec!["retry", "--delivered"];
            for item in &some {
                if let Some(key) = &item.key {
                    shared.ledger().replay(key.clone());
                    args.push(&item.id);
                }
            }
            if args.len() > 2 {
                house.queue(&args)
            } else {
                Ok(String::new())
            }
        }
    }
    .map(drop)
}

/// Waits until something is so.
fn within(limit: Duration, what: &str, mut so: impl FnMut() -> bool) -> Result<(), String> {
    let started = Instant::now();
    while !so() {
        if started.elapsed() > limit {
            return Err(format!("waited {} s in vain for {what}", limit.as_secs()));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

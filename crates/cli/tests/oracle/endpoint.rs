//! The endpoint that events are sent to: it behaves as the plan says and keeps the books.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::ledger::{Fate, Receipt};
use super::orders::{digest, key};
use super::plan::{Kind, Phase};
use super::{HANG, Shared, TIMEOUT};

/// Listens, and gives the address. The threads end with the program.
pub(crate) fn open(shared: &Arc<Shared>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        for (number, stream) in (0..).zip(listener.incoming()) {
            let Ok(stream) = stream else { continue };
            let shared = Arc::clone(&shared);
            let rng = Rng::with_seed(number);
            thread::spawn(move || serve(&shared, stream, rng));
        }
    });
    address
}

/// A request of which the body is still to be read.
struct Head {
    process: usize,
    length: usize,
}

/// Answers the requests of one connection, until one of both sides closes it.
fn serve(shared: &Shared, stream: TcpStream, mut rng: Rng) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let head = head(&mut reader)?;
        let started = Instant::now();
        let phase = shared.phase();
        if phase == Phase::CutsBefore && rng.u8(..3) == 0 {
            return None;
        }
        let mut body = vec![0; head.length];
        reader.read_exact(&mut body).ok()?;
        let key = key(&body);
        let kind = key.as_ref().and_then(|key| shared.ledger().kind(key));
        let Said { status, wait, more } = decide(phase, kind, &mut rng);
        thread::sleep(wait);
        // Whoever waits no longer than this does so on a machine that is hardly alive.
        let late = started.elapsed() > TIMEOUT / 2;
        let fate = match status {
            0 => Fate::Cut,
            200 if late => Fate::Late,
            200 => Fate::Accepted,
            422 => Fate::Refused,
            _ => Fate::PutOff,
        };
        let receipt = Receipt {
            process: head.process,
            at: shared.now(),
            digest: digest(&body),
            fate,
        };
        // In the books before anybody knows the answer.
        let number = shared.ledger().receive(key.as_ref(), receipt);
        if fate == Fate::Cut {
            return None;
        }
        let answer = format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n{more}\r\n");
        if stream.write_all(answer.as_bytes()).is_err() {
            shared.ledger().cut(key.as_ref(), number);
            return None;
        }
    }
}

fn head(reader: &mut BufReader<TcpStream>) -> Option<Head> {
    let mut line = String::new();
    let mut head = Head {
        process: 0,
        length: 0,
    };
    reader.read_line(&mut line).ok()?;
    // Each process is given an address of its own.
    let path = line.split(' ').nth(1)?;
    head.process = path.trim_start_matches("/process-").parse().ok()?;
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim().split_once(':') else {
            return Some(head);
        };
        if name.eq_ignore_ascii_case("content-length") {
            head.length = value.trim().parse().ok()?;
        }
    }
}

/// An answer: status 0 is none.
struct Said {
    status: u16,
    wait: Duration,
    more: &'static str,
}

fn decide(phase: Phase, kind: Option<Kind>, rng: &mut Rng) -> Said {
    let one_in = |rng: &mut Rng, count: u32| rng.u32(..count) == 0;
    let millis = |rng: &mut Rng, from, to| Duration::from_millis(rng.u64(from..to));
    let mut said = Said {
        status: if kind == Some(Kind::Refused) {
            422
        } else {
            200
        },
        wait: millis(rng, 0, 10),
        more: "",
    };
    match phase {
        Phase::Slow => said.wait = millis(rng, 50, 400),
        Phase::Flapping if one_in(rng, 3) => said.status = 500,
        Phase::Failing if !one_in(rng, 20) => said.status = 500,
        Phase::Throttling if one_in(rng, 3) => {
            said.status = 429;
            said.more = "Retry-After: 1\r\n";
        }
        Phase::NoAccess => said.status = 401,
        Phase::CutsAfter if one_in(rng, 3) => said.status = 0,
        Phase::Hanging if one_in(rng, 50) => said.wait = HANG,
        Phase::Well
        | Phase::CutsBefore
        | Phase::Flapping
        | Phase::Failing
        | Phase::Throttling
        | Phase::CutsAfter
        | Phase::Hanging => {}
    }
    said
}

//! `orderbridge send`: delivers event bodies, with retries in memory or through a store.

mod destination;
mod input;
mod ledger;
mod store;
mod summary;

use std::fs::{self, File};
use std::io::Write;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use orderbridge_core::{Client, Delivery, Ended, Queue, RateLimit, parse_duration, queue};
use tokio::sync::oneshot;
use tokio::time::timeout;

use self::destination::Destination;
use self::input::feed;
use self::ledger::Ledger;

use self::summary::Run;
use crate::input::Input;
use crate::signal::Signals;
use crate::{Exit, Failed, Global, Io, fail};

/// How many bytes of events are held in memory.
const ROOM: usize = 16 << 20;
/// At the end, what is still to be read is waited for this long.
const QUIET: Duration = Duration::from_secs(1);
/// A pipe that never ends is read no longer than this.
const LAST_READ: Duration = Duration::from_secs(10);

/// Delivers Converge event bodies, one JSON object a line.
#[derive(Args, Clone, Debug)]
pub struct SendArgs {
    /// Files to send; - or none is stdin
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// A destination of the configuration, or a URL
    #[arg(long, value_name = "NAME|URL")]
    pub to: String,
    /// The token for X-Webhook-Token: `env:NAME` or `file:PATH`
    #[arg(long, value_name = "REFERENCE")]
    pub token: Option<String>,
    /// Requests at the same time [default: 16]
    #[arg(long, value_name = "N", value_parser = parse_concurrency)]
    pub concurrency: Option<usize>,
    /// Requests in a time, such as 100/s
    #[arg(long, value_name = "RATE")]
    pub rate_limit: Option<RateLimit>,
    /// How long one request may take [default: 30s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,
    /// Put the events into this store first, as in sqlite:orderbridge.db; none of them is lost then
    #[arg(long, value_name = "URL", conflicts_with_all = ["rejects", "allow_rejects"])]
    pub store: Option<String>,
    /// When an event counts as done
    #[arg(long, value_enum, default_value_t = Ack::Delivered)]
    pub ack: Ack,
    /// Write what could not be delivered here, ready to be sent again
    #[arg(long, value_name = "FILE")]
    pub rejects: Option<String>,
    /// End with 0 when the rejects file took everything that failed
    #[arg(long, requires = "rejects")]
    pub allow_rejects: bool,
    /// Send without checking the events first
    #[arg(long)]
    pub no_check: bool,
    /// End when the destination has not worked for this long
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_duration)]
    pub give_up_after: Duration,
}

/// When an event counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Ack {
    /// When Converge has taken it.
    Delivered,
    /// When the store has it on the disk; needs --store.
    Enqueued,
}

fn parse_concurrency(text: &str) -> Result<usize, &'static str> {
    match text.parse() {
        Ok(count @ 1..=1_024) => Ok(count),
        _ => Err("not a number from 1 to 1024"),
    }
}

/// Sends until the end of the input, a signal, or a destination that does not work.
pub(crate) fn run(args: &SendArgs, global: &Global, io: Io) -> Exit {
    match &args.store {
        Some(url) => return store::run(url, args, global, io),
        None if args.ack == Ack::Enqueued => {
            let message = "--ack=enqueued needs a --store to put the events into";
            let mut stderr = io.stderr;
            return fail(&mut *stderr, (Exit::Usage, message.to_owned()));
        }
        None => {}
    }
    let Io {
        stdin,
        mut stderr,
        terminal,
        stdin_terminal,
        ..
    } = io;
    match prepare(args, global, stdin) {
        Ok(prepared) => {
            if stdin_terminal && !global.quiet {
                crate::input::tell_of_waiting(&prepared.inputs, "events", &mut stderr);
            }
            prepared.run(args, global, stderr, terminal)
        }
        Err(failed) => fail(&mut *stderr, failed),
    }
}

/// Everything that can be wrong is known before the first event is sent.
struct Prepared {
    inputs: Vec<Input>,
    destination: Destination,
    client: Client,
    rejects: Option<File>,
    runtime: tokio::runtime::Runtime,
}

fn prepare(
    args: &SendArgs,
    global: &Global,
    stdin: Box<dyn std::io::Read + Send>,
) -> Result<Prepared, Failed> {
    let usage = |message: String| (Exit::Usage, message);
    let destination = Destination::resolve(args, global)?;
    let client =
        Client::new(&destination.client()).map_err(|error| usage(format!("--to: {error}")))?;
    let inputs = crate::input::open(&args.files, stdin).map_err(usage)?;
    let rejects = args
        .rejects
        .as_deref()
        .map(|path| create_rejects(path, &args.files))
        .transpose()
        .map_err(usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| (Exit::Unexpected, error.to_string()))?;
    Ok(Prepared {
        inputs,
        destination,
        client,
        rejects,
        runtime,
    })
}

fn create_rejects(path: &str, inputs: &[String]) -> Result<File, String> {
    let same = |input: &String| matches!((fs::canonicalize(input), fs::canonicalize(path)), (Ok(a), Ok(b)) if a == b);
    if inputs.iter().any(same) {
        return Err(format!(
            "--rejects: {path} is being sent; write to another file"
        ));
    }
    File::create(path).map_err(|error| format!("--rejects: cannot write {path}: {error}"))
}

impl Prepared {
    fn run(
        self,
        args: &SendArgs,
        global: &Global,
        stderr: Box<dyn Write + Send>,
        terminal: bool,
    ) -> Exit {
        let Self {
            inputs,
            destination,
            client,
            rejects,
            runtime,
        } = self;
        let bar = (terminal && !global.quiet).then(progress_bar);
        let names = inputs.iter().map(|input| input.name.clone()).collect();
        let reads_pipe = inputs.iter().any(Input::is_stdin);
        let verbose = global.verbose > 0;
        let ledger = Arc::new(Ledger::new(
            names,
            verbose,
            args.give_up_after,
            stderr,
            rejects,
            bar,
        ));
        if destination.token.is_some() && client.is_plain_text() {
            ledger.say("warning: the token travels unencrypted, since the URL is http");
        }
        let started = Instant::now();
        let (intake, mut queue) = queue(ROOM);
        let feeder = Arc::clone(&ledger);
        let handle = runtime.handle().clone();
        let checking = !args.no_check;
        let (done, read) = oneshot::channel();
        thread::spawn(move || {
            feed(inputs, checking, &intake, &feeder, &handle);
            drop(intake);
            let _ = done.send(());
        });
        let delivery = Delivery {
            sink: &client,
            config: &destination.delivery,
            give_up_after: args.give_up_after,
            jitter: &fastrand::f32,
        };
        let outcome = runtime.block_on(deliver(&delivery, &mut queue, &ledger, reads_pipe));
        drop(queue);
        if matches!(outcome, Outcome::Ended { whole: true, .. }) {
            // The last thing that the reader does may be to report an input that failed.
            // The timer must be made inside of the runtime.
            let _ = runtime.block_on(async { timeout(QUIET, read).await });
        }
        // The reader may wait for a pipe for ever.
        runtime.shutdown_background();
        ledger.close();
        let run = Run {
            args,
            outcome: &outcome,
            took: started.elapsed(),
            client: &client,
        };
        if !global.quiet {
            run.summarise(&ledger);
        }
        run.exit(&ledger.counts())
    }
}

/// How the run ended.
#[derive(Debug)]
enum Outcome {
    /// The delivery ended, after a signal or without; `whole` when all input was read.
    Ended {
        ended: Ended,
        signal: Option<u8>,
        whole: bool,
    },
    /// A second signal: nothing was waited for.
    Aborted { signal: u8 },
}

async fn deliver(
    delivery: &Delivery<'_>,
    queue: &mut Queue,
    ledger: &Arc<Ledger>,
    reads_pipe: bool,
) -> Outcome {
    let Ok(mut signals) = Signals::new() else {
        let ended = delivery
            .run(queue, std::future::pending(), &mut |it| ledger.note(&it))
            .await;
        return Outcome::Ended {
            ended,
            signal: None,
            whole: true,
        };
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let mut stop = Some(stop);
    let mut signal = None;
    let mut report = |progress: orderbridge_core::Progress<'_>| ledger.note(&progress);
    let work = async {
        let stopped = async {
            if stopped.await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let ended = delivery.run(queue, stopped, &mut report).await;
        let whole = matches!(ended, Ended::Finished) || hand_back(queue, ledger, reads_pipe).await;
        (ended, whole)
    };
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            (ended, whole) = &mut work => return Outcome::Ended { ended, signal, whole },
            number = signals.next() => {
                let Some(stop) = stop.take() else {
                    return Outcome::Aborted { signal: number };
                };
                signal = Some(number);
                let _ = stop.send(());
                ledger.say("stopping: finishing what is under way; again to stop at once");
            }
        }
    }
}

/// Takes what was not sent from the queue and the input, for the rejects file and the count. Tells
/// whether that was all of it: a pipe may go on for ever.
async fn hand_back(queue: &mut Queue, ledger: &Ledger, reads_pipe: bool) -> bool {
    let started = Instant::now();
    loop {
        match timeout(QUIET, queue.next()).await {
            Ok(Some(job)) => ledger.undelivered(&job),
            Ok(None) => return true,
            Err(_) => return false,
        }
        if reads_pipe && started.elapsed() > LAST_READ {
            return false;
        }
    }
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = "{spinner} {human_pos} delivered, {per_sec}, {elapsed}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

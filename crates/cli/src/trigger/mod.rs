//! `orderbridge trigger`: a signed sample webhook, as the platform would send it.

mod edit;
mod parcel;
mod target;

use std::io::Write;

use clap::Args;
use orderbridge_connect::{Called, Caller};
use orderbridge_core::dispatch::{Clock as _, SystemClock};
use orderbridge_event::{Sample, Source, Timestamp};

use crate::config::Config;
use crate::source::did_you_mean;
use crate::table::table;
use crate::{Exit, Failed, Global, Io, fail, print, unwritable};
use target::Target;

pub(crate) use parcel::{Changes, Parcel, address};

/// Signs a sample webhook as the platform would and posts it to a receiver.
#[derive(Args, Clone, Debug)]
pub struct TriggerArgs {
    /// A source of the configuration; or a platform, with --secret
    #[arg(value_name = "SOURCE", required_unless_present = "list")]
    pub source: Option<String>,
    /// Which sample; `--list` shows them [default: the first]
    #[arg(long, value_name = "NAME")]
    pub sample: Option<String>,
    /// Change a value: `line_items[0].price=12.50`. JSON, or else text
    #[arg(long = "set", value_name = "PATH=VALUE", value_parser = parse_set)]
    pub sets: Vec<(String, String)>,
    /// Keep the sample's own order id, so that a second time is a repetition; else each is new
    #[arg(long)]
    pub same: bool,
    /// How many orders to send, one after the other
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub times: u32,
    /// The receiver [default: where the configuration listens]
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// What signs, instead of the source's first secret: `env:NAME` or `file:PATH`
    #[arg(long, value_name = "REFERENCE")]
    pub secret: Option<String>,
    /// List the samples
    #[arg(long)]
    pub list: bool,
}

fn parse_set(text: &str) -> Result<(String, String), &'static str> {
    let (path, value) = text.split_once('=').ok_or("write PATH=VALUE")?;
    Ok((path.to_owned(), value.to_owned()))
}

/// Sends, or lists what could be sent.
pub(crate) fn run(args: &TriggerArgs, global: &Global, mut io: Io) -> Exit {
    if args.list {
        return match list(args, global) {
            Ok(text) => print(io, &text),
            Err(failed) => fail(&mut *io.stderr, failed),
        };
    }
    let name = args.source.as_deref().unwrap_or_default();
    match send(args, name, global, &mut *io.stdout) {
        Ok(exit) => exit,
        Err(Stopped::Failed(failed)) => fail(&mut *io.stderr, failed),
        Err(Stopped::Unwritable(error)) => unwritable(&mut *io.stderr, &error),
    }
}

/// Why it went no further.
enum Stopped {
    Failed(Failed),
    Unwritable(std::io::Error),
}

impl From<Failed> for Stopped {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

fn list(args: &TriggerArgs, global: &Global) -> Result<String, Failed> {
    let platforms = match &args.source {
        Some(name) => vec![target::find_platform(name, Config::find(global)?.as_ref())?],
        None => orderbridge_registry::ALL.to_vec(),
    };
    let mut rows = vec![["platform", "sample", "topic"].map(str::to_owned)];
    for platform in platforms {
        let name = platform.adapter.name();
        let samples = platform.samples.iter();
        rows.extend(samples.map(|it| [name, it.name, it.topic].map(str::to_owned)));
    }
    Ok(table(&rows, &[]))
}

fn send(
    args: &TriggerArgs,
    name: &str,
    global: &Global,
    stdout: &mut dyn Write,
) -> Result<Exit, Stopped> {
    let config = Config::find(global)?;
    let target = Target::find(args, name, config.as_ref())?;
    let sample = find_sample(target.platform, args.sample.as_deref())?;
    // An address of the user's own is taken as it is.
    let url = &if target.url.ends_with(&format!("/webhooks/{name}")) {
        address(&target.url, target.platform, sample)
    } else {
        target.url.clone()
    };
    let caller = Caller::new(url).map_err(|error| (Exit::Usage, format!("{url}: {error}")))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| (Exit::Unexpected, error.to_string()))?;
    let started = SystemClock.now();
    let first = u64::try_from(started.get()).unwrap_or_default();
    for number in (first..).take(usize::try_from(args.times).unwrap_or(usize::MAX)) {
        let changes = Changes {
            set: &args.sets,
            number: (!args.same).then_some(number),
        };
        let body = changes.apply(target.platform, sample)?;
        let seconds = SystemClock.now().get() / 1000;
        let parcel = Timestamp::from_unix(seconds).and_then(|now| {
            let (platform, secret) = (target.platform, &target.secret);
            let delivery = format!("trigger-{number}");
            Parcel::sign(platform, secret, sample.topic, body, &delivery, now)
        });
        let unsigned = || (Exit::Usage, "it could not be signed".to_owned());
        let parcel = parcel.ok_or_else(unsigned)?;
        let order = about(target.platform, sample, &parcel);
        let answer = runtime.block_on(caller.post(&parcel.headers, parcel.body));
        let answer = answer.map_err(|error| {
            let message = format!("{url}: {error}; is `orderbridge run` up there?");
            (Exit::Unavailable, message)
        })?;
        judge(&answer, name, url)?;
        let line = format!(
            "{} {}  {} {}  {}  {order}\n",
            answer.status,
            answer.text,
            target.platform.adapter.name(),
            sample.name,
            sample.topic,
        );
        let written = stdout
            .write_all(line.as_bytes())
            .and_then(|()| stdout.flush());
        written.map_err(Stopped::Unwritable)?;
    }
    Ok(Exit::Done)
}

/// The sample of this name, or the first.
fn find_sample(platform: &'static Source, name: Option<&str>) -> Result<&'static Sample, Failed> {
    let mut samples = platform.samples.iter();
    let found = match name {
        None => samples.next(),
        Some(name) => samples.find(|sample| sample.name == name),
    };
    found.ok_or_else(|| {
        let platform_name = platform.adapter.name();
        let names: Vec<&str> = platform.samples.iter().map(|it| it.name).collect();
        let name = name.unwrap_or_default();
        let hint = did_you_mean(name, names.iter().copied());
        let message = format!(
            "--sample: {platform_name} has no sample {name:?}{hint}; there are: {}",
            names.join(", ")
        );
        (Exit::Usage, message)
    })
}

/// The order in a parcel, for people to find it again.
fn about(platform: &Source, sample: &Sample, parcel: &Parcel) -> String {
    let payload = orderbridge_event::Payload {
        topic: sample.topic,
        body: &parcel.body,
    };
    let about = platform.webhook.map(|webhook| webhook.about(payload));
    let order = about.and_then(|about| about.order);
    order.map_or_else(String::new, |order| format!("order {}", order.key))
}

/// What an answer other than 2xx means, and what to do about it.
fn judge(answer: &Called, name: &str, url: &str) -> Result<(), Failed> {
    let text = &answer.text;
    let (exit, hint) = match answer.status {
        200..=299 => return Ok(()),
        401 => (
            Exit::Some,
            "; the receiver has another secret for this source".to_owned(),
        ),
        404 => (
            Exit::Some,
            format!("; the receiver has no source {name:?}, or it is none"),
        ),
        500.. => (Exit::Unavailable, String::new()),
        _ => (Exit::Some, String::new()),
    };
    Err((
        exit,
        format!("{url} answered {}, {text}{hint}", answer.status),
    ))
}

//! `orderbridge adapters`: what there is to map, from the registry.

use std::fmt::Write as _;

use clap::Args;
use orderbridge_event::json::{self, Object};
use orderbridge_event::{Profile, Source};

use crate::{Exit, Io, print};

/// Lists the platforms.
#[derive(Args, Clone, Debug)]
pub struct AdaptersArgs {
    /// Print one JSON list, for programs
    #[arg(long)]
    pub json: bool,
}

/// Prints all platforms with their topics, events, channels and documentation.
pub(crate) fn run(args: &AdaptersArgs, io: Io) -> Exit {
    let text = if args.json {
        let mut out = Vec::new();
        json::list(&mut out, orderbridge_registry::ALL, |out, source| {
            write_json(out, source);
        });
        out.push(b'\n');
        String::from_utf8_lossy(&out).into_owned()
    } else {
        let pages: Vec<String> = orderbridge_registry::ALL
            .iter()
            .map(|source| page(source))
            .collect();
        pages.join("\n")
    };
    print(io, &text)
}

fn page(source: &Source) -> String {
    let profile = source.adapter.profile();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} ({}, API {}; a body without a topic is read as {})",
        source.adapter.name(),
        profile.title,
        profile.api_version,
        profile.default_topic
    );
    let _ = writeln!(text, "\n  topics");
    let width = profile
        .topics
        .iter()
        .map(|topic| topic.name.len())
        .max()
        .unwrap_or_default();
    for topic in profile.topics {
        let events: Vec<&str> = topic.events.iter().map(|event| event.as_str()).collect();
        let outcome = match events.as_slice() {
            [] => "ignored".to_owned(),
            events => events.join(", "),
        };
        let _ = writeln!(
            text,
            "    {:<width$}  {outcome}: {}",
            topic.name, topic.remark
        );
    }
    let _ = writeln!(text, "\n  events    {}", events(profile).join(", "));
    let _ = writeln!(text, "  channels  {}", channels(profile).join(", "));
    let samples: Vec<&str> = source.samples.iter().map(|sample| sample.name).collect();
    let _ = writeln!(text, "  samples   {}", samples.join(", "));
    for page in profile.docs {
        let _ = writeln!(text, "  docs      {page}");
    }
    text
}

fn events(profile: &Profile) -> Vec<&'static str> {
    profile.events.iter().map(|event| event.as_str()).collect()
}

fn channels(profile: &Profile) -> Vec<&'static str> {
    profile
        .channels
        .iter()
        .map(|channel| channel.as_str())
        .collect()
}

fn write_json(out: &mut Vec<u8>, source: &Source) {
    let profile = source.adapter.profile();
    let mut object = Object::open(out);
    object.text("name", source.adapter.name());
    object.text("title", profile.title);
    object.text("api_version", profile.api_version);
    object.text("default_topic", profile.default_topic);
    object.list("topics", profile.topics, |out, topic| {
        let mut object = Object::open(out);
        object.text("name", topic.name);
        object.list("events", topic.events, |out, event| {
            json::string(out, event.as_str());
        });
        object.text("remark", topic.remark);
        object.close();
    });
    object.list("events", events(profile), json::string);
    object.list("channels", channels(profile), json::string);
    object.list("samples", source.samples, |out, sample| {
        json::string(out, sample.name);
    });
    object.list("docs", profile.docs, |out, page| json::string(out, page));
    object.flag("verifies_signatures", source.verify.is_some());
    object.close();
}

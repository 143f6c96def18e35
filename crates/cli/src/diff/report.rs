//! What differs, per source and channel.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use orderbridge_event::json::Object;
use orderbridge_event::tree::Tree;

use crate::meaning::{Change, Seen, Summary, changes, counted};
use crate::snapshot::canonical;

/// How wide lists of orders are.
const WIDTH: usize = 96;

/// All that was compared.
#[derive(Debug, Default)]
pub(super) struct Report {
    sections: BTreeMap<(String, String), Section>,
    lines: Vec<u8>,
    orders: BTreeSet<(String, String)>,
    changed: BTreeSet<(String, String)>,
    /// What could not be compared, and how often.
    left_out: BTreeMap<String, usize>,
}

/// The orders of a source in a channel.
#[derive(Debug, Default)]
struct Section {
    orders: BTreeSet<String>,
    changed: BTreeSet<String>,
    summary: Summary,
}

impl Report {
    /// Compares what became of a payload before with what would become of it, each as `map` prints
    /// it. `order` is what it is called if its events do not say.
    pub(super) fn add(&mut self, source: &str, order: &str, before: &[Vec<u8>], after: &[Vec<u8>]) {
        for place in 0..before.len().max(after.len()) {
            let old = before.get(place).and_then(|line| canonical(line));
            let new = after.get(place).and_then(|line| canonical(line));
            self.pair(source, order, old.as_ref(), new.as_ref());
        }
    }

    /// The same for outcomes that were read.
    pub(super) fn pair(
        &mut self,
        source: &str,
        order: &str,
        old: Option<&Tree<'_>>,
        new: Option<&Tree<'_>>,
    ) {
        let (old, new) = (old.map(Seen::new), new.map(Seen::new));
        let named = old.as_ref().and_then(Seen::order);
        let named = named.or(new.as_ref().and_then(Seen::order));
        let order = named.unwrap_or(order).to_owned();
        let channel = old.as_ref().map_or("", Seen::channel_name);
        let channel = if channel.is_empty() {
            "no event"
        } else {
            channel
        };
        let key = (source.to_owned(), channel.to_owned());
        let section = self.sections.entry(key).or_default();
        section.orders.insert(order.clone());
        self.orders.insert((source.to_owned(), order.clone()));
        let found = match (&old, &new) {
            (Some(old), Some(new)) => changes(old, new),
            (Some(_), None) => vec![Change::Words("a payload less".to_owned())],
            (None, Some(_)) => vec![Change::Words("a payload more".to_owned())],
            (None, None) => Vec::new(),
        };
        if found.is_empty() {
            return;
        }
        section.changed.insert(order.clone());
        self.changed.insert((source.to_owned(), order.clone()));
        let after = new.as_ref().map_or("", Seen::channel_name);
        write_line(&mut self.lines, source, &order, (channel, after), &found);
        for change in found {
            section.summary.add(&order, change);
        }
    }

    /// Counts something that could not be compared.
    pub(super) fn leave_out(&mut self, why: String) {
        *self.left_out.entry(why).or_default() += 1;
    }

    pub(super) fn differs(&self) -> bool {
        !self.changed.is_empty()
    }

    /// For people: each source and channel with its changes and their orders.
    pub(super) fn table(&self) -> String {
        let mut text = String::new();
        for ((source, channel), section) in &self.sections {
            if section.changed.is_empty() {
                continue;
            }
            if !text.is_empty() {
                text.push('\n');
            }
            let changed = section.changed.len();
            let all = counted(section.orders.len(), "order");
            let _ = writeln!(text, "{source}  {channel}  {changed} of {all}");
            for (sentence, orders) in section.summary.sentences() {
                let _ = writeln!(text, "  {sentence}");
                listed(&mut text, &orders);
            }
        }
        text
    }

    /// For machines: each order that would change.
    pub(super) fn json(&self) -> String {
        String::from_utf8_lossy(&self.lines).into_owned()
    }

    /// How many there are, for stderr.
    pub(super) fn counts(&self) -> String {
        let all = counted(self.orders.len(), "order");
        let mut text = match (self.orders.len(), self.changed.len()) {
            (0, _) => "there is nothing to compare\n".to_owned(),
            (_, 0) => format!("{all}, and nothing would change\n"),
            (_, changed) => format!("{changed} of {all} would change\n"),
        };
        for (why, count) in &self.left_out {
            let _ = writeln!(text, "{count} left out: {why}");
        }
        text
    }
}

/// Numbers of orders, as many on a line as there is room for.
fn listed(text: &mut String, orders: &[&str]) {
    let mut line = String::new();
    for (place, order) in orders.iter().enumerate() {
        let end = if place + 1 < orders.len() { ", " } else { "" };
        if !line.is_empty() && line.chars().count() + order.chars().count() > WIDTH {
            let _ = writeln!(text, "    {}", line.trim_end());
            line.clear();
        }
        line.push_str(order);
        line.push_str(end);
    }
    let _ = writeln!(text, "    {line}");
}

fn write_line(
    out: &mut Vec<u8>,
    source: &str,
    order: &str,
    channel: (&str, &str),
    found: &[Change],
) {
    let mut line = Object::open(out);
    line.text("source", source);
    line.text("order", order);
    line.object("channel", |both| {
        let (before, after) = channel;
        both.maybe_text("before", Some(before).filter(|it| *it != "no event"));
        both.maybe_text("after", Some(after).filter(|it| !it.is_empty()));
    });
    line.list("changes", found, |out, change| {
        orderbridge_event::json::string(out, &change.to_string());
    });
    line.close();
    out.push(b'\n');
}

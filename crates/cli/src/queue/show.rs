//! All that is known of one item.

use std::fmt::Write as _;

use orderbridge_core::store::{Detail, FrozenEvent, ItemId, PastAttempt, Store};
use orderbridge_event::json::Object;

use super::list::{why, write_item, write_reason};
use super::{Format, Told, failed, shown};
use crate::{Exit, Failed};

pub(super) async fn show(store: &dyn Store, id: &str, format: Format) -> Result<Told, Failed> {
    let wanted = ItemId::parse(id);
    let wanted = wanted.ok_or_else(|| {
        (
            Exit::Usage,
            format!("{id:?} is no id; ids look like d12 or p7"),
        )
    })?;
    let found = store.show(wanted).await.map_err(|error| failed(&error))?;
    let Some(detail) = found else {
        return Err((Exit::Usage, format!("there is nothing with the id {id}")));
    };
    let mut told = Told::default();
    match format {
        Format::Table => page(&mut told.stdout, &detail),
        Format::Json => {
            let mut out = Vec::new();
            write_json(&mut out, &detail);
            told.stdout = String::from_utf8_lossy(&out).into_owned() + "\n";
        }
    }
    Ok(told)
}

fn page(text: &mut String, detail: &Detail) {
    let item = &detail.item;
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{label:<12} {value}");
    };
    line("id", &item.id.to_string());
    line("state", item.state.as_str());
    if let Some(reason) = &item.reason {
        line("why", &why(reason));
    }
    line("source", &format!("{}  {}", item.source, item.topic));
    line("received", &shown(item.received_at));
    if let Some(time) = item.not_before {
        line("not before", &shown(time));
    }
    line("mapped by", &detail.mapping);
    if let Some(event) = &item.event {
        line("event", &format!("{} {}", event.name, event.id));
        line("destination", &event.destination);
    }
    if let Some(event) = &detail.event {
        line(
            "channel",
            &format!("{}  because {}", event.channel, event.because),
        );
        for note in &event.notes {
            line("note", &why(note));
        }
    }
    for attempt in &detail.attempts {
        let status = attempt
            .status
            .map_or_else(String::new, |status| format!(" {status}"));
        let when = shown(attempt.at);
        let took = orderbridge_core::show_duration(attempt.duration);
        line(
            "attempt",
            &format!(
                "{}  {when}  {}{status}  {took}",
                attempt.number, attempt.class
            ),
        );
        let answer = attempt.answer.as_str();
        if !answer.is_empty() {
            line("", &answer.escape_debug().to_string());
        }
    }
    if let Some(event) = &detail.event {
        let _ = writeln!(text, "\n{}", String::from_utf8_lossy(&event.body));
    } else if let Some(raw) = &detail.raw {
        let _ = writeln!(text, "\n{}", String::from_utf8_lossy(raw));
    }
}

fn write_json(out: &mut Vec<u8>, detail: &Detail) {
    let mut object = Object::open(out);
    write_item(&mut object, &detail.item);
    object.text("payload_id", &detail.payload.to_string());
    object.maybe_text("delivery_id", detail.delivery_id.as_deref());
    object.text("mapping", &detail.mapping);
    if let Some(raw) = &detail.raw {
        object.text("payload", &String::from_utf8_lossy(raw));
    }
    if let Some(event) = &detail.event {
        write_event(&mut object, event);
    }
    object.list("attempt_log", &detail.attempts, write_attempt);
    object.close();
}

fn write_event(object: &mut Object<'_>, event: &FrozenEvent) {
    object.text("body", &String::from_utf8_lossy(&event.body));
    object.object("channel", |channel| {
        channel.text("value", &event.channel);
        channel.text("because", &event.because);
    });
    object.list("notes", &event.notes, |out, note| {
        let mut object = Object::open(out);
        write_reason(&mut object, note);
        object.close();
    });
    object.text("order_time", &shown(event.order_time));
}

fn write_attempt(out: &mut Vec<u8>, attempt: &PastAttempt) {
    let mut object = Object::open(out);
    object.count("number", attempt.number.into());
    object.text("at", &shown(attempt.at));
    let millis = u64::try_from(attempt.duration.as_millis()).unwrap_or(u64::MAX);
    object.count("duration_ms", millis);
    object.text("class", &attempt.class);
    if let Some(status) = attempt.status {
        object.count("status", status.into());
    }
    object.text("answer", attempt.answer.as_str());
    object.close();
}

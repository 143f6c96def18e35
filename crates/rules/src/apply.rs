//! Mapping with rules: the one function for everybody who maps.

use std::borrow::Cow;

use orderbridge_event::{
    Adapter, Alias, Channel, Code, Context, Event, Events, Ignored, MapError, Mapped, Note,
    Payload, RuleId, SalesChannel,
};

use crate::action::{Action, Set};
use crate::rule::{Rule, Verdict};
use crate::set::{By, Rules};
use crate::view::{Origin, View};

/// What a payload became, and what rules had to do with it.
#[derive(Clone, Debug)]
pub struct Ruled {
    /// What is left of it. Without any event it is [`Mapped::Ignored`].
    pub result: Result<Mapped, MapError>,
    /// The events that were dropped.
    pub dropped: Vec<Dropped>,
    /// What decided something, or failed to.
    pub hits: Vec<Hit>,
    /// What each rule says, where [`Rules::telling`] asks for it.
    pub told: Vec<Told>,
}

/// An event that is not sent.
#[derive(Clone, Debug)]
pub struct Dropped {
    /// The event as it would have been sent.
    pub event: Event,
    /// Its channel, and why.
    pub channel: Channel,
    /// Why it is dropped.
    pub why: Ignored,
}

/// Something that a rule or an exclusion did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Which.
    pub by: By,
    /// Whether it could not be evaluated, and so did nothing.
    pub failed: bool,
}

/// What a rule says of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The rule.
    pub rule: RuleId,
    /// The name of the event, where a payload makes several.
    pub event: Option<String>,
    /// Whether it matches.
    pub verdict: Verdict,
    /// The fields that it asks for, and their values. They may be personal data.
    pub seen: Vec<(String, String)>,
    /// What it does, if it matches.
    pub does: Vec<String>,
    /// What it would have done, had no earlier rule decided that.
    pub decided_before: Vec<String>,
}

impl From<Result<Mapped, MapError>> for Ruled {
    /// What no rule had anything to do with.
    fn from(result: Result<Mapped, MapError>) -> Self {
        Self {
            result,
            dropped: Vec::new(),
            hits: Vec::new(),
            told: Vec::new(),
        }
    }
}

impl Rules {
    /// Maps a payload and applies the rules to what it becomes.
    pub fn map(&self, adapter: &dyn Adapter, payload: Payload<'_>, context: &Context) -> Ruled {
        let wants = self.needs_facts();
        let context = if wants == context.wants_facts {
            Cow::Borrowed(context)
        } else {
            Cow::Owned(Context {
                wants_facts: wants,
                ..context.clone()
            })
        };
        self.apply(payload.topic, adapter.map(payload, &context))
    }

    /// Applies the rules to what an adapter made of a payload of this topic.
    pub fn apply(&self, topic: &str, mapped: Result<Mapped, MapError>) -> Ruled {
        match mapped {
            Ok(Mapped::Events(events)) if !self.is_empty() => self.judge(topic, *events),
            other => Ruled::from(other),
        }
    }

    fn judge(&self, topic: &str, mut events: Events) -> Ruled {
        let mut ruled = Ruled::from(Ok(Mapped::ignored(Code::RuleDrop, "")));
        let count = events.iter().count();
        let mut drops: Vec<Option<Ignored>> = Vec::new();
        for place in 0..count {
            let decisions = {
                let Some(event) = events.iter().nth(place) else {
                    continue;
                };
                let view = View {
                    origin: Origin {
                        platform: &self.platform,
                        source: self.source.as_deref(),
                        topic,
                    },
                    event,
                    channel: event.channel,
                    facts: events.facts(),
                };
                self.decide(&view, count > 1, &mut ruled)
            };
            for note in decisions.notes {
                events.add_note(note);
            }
            for change in decisions.changes {
                make(&mut events, place, change);
            }
            drops.push(decisions.drop);
        }
        if drops.iter().all(Option::is_none) {
            ruled.result = Ok(Mapped::Events(Box::new(events)));
            return ruled;
        }
        let is_dropped = |place: usize| drops.get(place).is_some_and(Option::is_some);
        let (left, gone) = events.part(is_dropped);
        let whys = drops.iter().flatten().cloned();
        let dropped = gone.into_iter().zip(whys);
        ruled.dropped = dropped
            .map(|((event, channel), why)| Dropped {
                event,
                channel,
                why,
            })
            .collect();
        ruled.result = Ok(match (left, ruled.dropped.first()) {
            (Some(mut left), _) => {
                for gone in &ruled.dropped {
                    let name = gone.event.kind.name();
                    let message = format!("{name} was dropped: {}", gone.why.reason());
                    left.add_note(Note::new(Code::RulePartly, message, "event_name"));
                }
                Mapped::Events(Box::new(left))
            }
            (None, Some(gone)) => Mapped::Ignored(gone.why.clone()),
            (None, None) => Mapped::ignored(Code::RuleDrop, "nothing is left"),
        });
        ruled
    }

    /// Decides for one event.
    fn decide(&self, view: &View<'_>, is_one_of_several: bool, ruled: &mut Ruled) -> Decisions {
        let mut decisions = Decisions::default();
        // Actions that took effect, against which later ones compete.
        let mut taken: Vec<&Action> = Vec::new();
        for (place, rule) in self.all.iter().enumerate() {
            let is_free =
                |action: &&Action| !taken.iter().any(|earlier| earlier.competes_with(action));
            // What can decide nothing any more is not asked.
            if !self.tells && !rule.actions.iter().any(|action| is_free(&action)) {
                continue;
            }
            let verdict = rule.judge(view);
            let by = By::Rule(place);
            let free: Vec<&Action> = match verdict {
                Verdict::Matched => rule.actions.iter().filter(is_free).collect(),
                _ => Vec::new(),
            };
            if !free.is_empty() {
                ruled.hits.push(Hit { by, failed: false });
            }
            for action in &free {
                decisions.take(view, rule, action);
            }
            if let Verdict::Failed(_) = &verdict {
                ruled.hits.push(Hit { by, failed: true });
                let message = format!("rule {} could not be evaluated", rule.id);
                let note = Note::new(Code::RuleFailed, message, "rules");
                decisions.notes.push(note);
            }
            if self.tells {
                let event = is_one_of_several.then(|| view.event.kind.name().to_owned());
                ruled.told.push(tell(rule, view, &verdict, event, &free));
            }
            taken.extend(free);
        }
        if decisions.drop.is_none() {
            let channel = decisions.channel.unwrap_or(view.channel);
            if let Some((exclusion, message)) = self.exclude.of(view, channel) {
                let by = By::Exclusion(exclusion);
                ruled.hits.push(Hit { by, failed: false });
                decisions.drop = Some(Ignored {
                    code: Code::RuleExclude,
                    message: message.into(),
                    rule: None,
                });
            }
        }
        decisions
    }
}

fn tell(
    rule: &Rule,
    view: &View<'_>,
    verdict: &Verdict,
    event: Option<String>,
    free: &[&Action],
) -> Told {
    let is_free = |action: &Action| free.contains(&action);
    let (does, decided_before): (Vec<&Action>, Vec<&Action>) =
        rule.actions.iter().partition(|action| is_free(action));
    let shown = |actions: Vec<&Action>| match verdict {
        Verdict::Matched => actions.into_iter().map(Action::shown).collect(),
        _ => Vec::new(),
    };
    Told {
        rule: rule.id.clone(),
        event,
        verdict: verdict.clone(),
        seen: rule.seen(view),
        does: shown(does),
        decided_before: shown(decided_before),
    }
}

/// What rules decide for one event.
#[derive(Default)]
struct Decisions {
    channel: Option<SalesChannel>,
    drop: Option<Ignored>,
    changes: Vec<Change>,
    notes: Vec<Note>,
}

/// A change of an event.
enum Change {
    Channel(Channel),
    Set(
        orderbridge_event::PropertyName,
        orderbridge_event::PropertyValue,
    ),
    Remove(orderbridge_event::PropertyName),
    Rename(orderbridge_event::CustomName),
    Alias(Alias),
}

impl Decisions {
    fn take(&mut self, view: &View<'_>, rule: &Rule, action: &Action) {
        match action {
            Action::Channel(channel) => {
                self.channel = Some(*channel);
                self.changes
                    .push(Change::Channel(Channel::ruled(*channel, &rule.id)));
            }
            Action::Drop(reason) => {
                self.drop = Some(Ignored {
                    code: Code::RuleDrop,
                    message: reason.clone().into(),
                    rule: Some(rule.id.clone()),
                });
            }
            Action::Set(name, value) => {
                let value = match value {
                    Set::Value(value) => Some(value.clone()),
                    Set::Template(template) => template.property(view),
                };
                let set = value.map(|value| Change::Set(name.clone(), value));
                self.changes.extend(set);
            }
            Action::Remove(name) => self.changes.push(Change::Remove(name.clone())),
            Action::Rename(name) => self.changes.push(Change::Rename(name.clone())),
            Action::Alias(template) => {
                let start = template.start();
                let text = template.text(view);
                let value = text.as_deref().and_then(|text| text.strip_prefix(start));
                let alias = value.and_then(|value| Alias::new(start, value));
                self.changes.extend(alias.map(Change::Alias));
            }
        }
    }
}

fn make(events: &mut Events, place: usize, change: Change) {
    match change {
        Change::Channel(channel) => events.set_channel(place, channel),
        Change::Set(name, value) => {
            if let Some(custom) = events.custom_mut(place) {
                custom.set(name, value);
            }
        }
        Change::Remove(name) => {
            if let Some(custom) = events.custom_mut(place) {
                custom.remove(&name);
            }
        }
        // An event of Converge's own keeps its name; the rule's page says so.
        Change::Rename(name) => {
            events.rename(place, name);
        }
        Change::Alias(alias) => {
            if !events.add_alias(place, alias) {
                let message = "a rule's alias found no room: there are ten";
                events.add_note(Note::new(Code::RuleAlias, message, "aliases"));
            }
        }
    }
}

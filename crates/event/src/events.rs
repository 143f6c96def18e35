//! The events of one payload, and the little that may be changed in them afterwards.

use crate::{Alias, Channel, Code, CustomName, Event, Facts, Kind, Note, Proof, Properties};

/// The events of one payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Events {
    first: Event,
    more: Vec<Event>,
    channel: Channel,
    /// By place: what was decided for one event alone. As a rule there is nothing here.
    own_channels: Vec<Option<Channel>>,
    notes: Vec<Note>,
    facts: Option<Box<Facts>>,
}

impl Events {
    /// Events with the channel that was chosen and why, and the remarks on them.
    ///
    /// The money proof of each order is done here, so that no adapter can leave it out.
    pub fn new(first: Event, more: Vec<Event>, channel: Channel, mut notes: Vec<Note>) -> Self {
        for order in std::iter::once(&first)
            .chain(&more)
            .filter_map(|event| event.kind.order())
        {
            let remark = match Proof::of(order) {
                Some(proof) if proof.closes() => continue,
                Some(proof) => Note::new(
                    Code::MoneyGap,
                    format!(
                        "the parts come to {} {}, the total is {}: a gap of {}",
                        proof.sum,
                        proof.currency,
                        proof.total,
                        proof.gap()
                    ),
                    "total_price",
                ),
                None => Note::new(Code::MoneyUnproven, "too many digits", "total_price"),
            };
            if !notes.contains(&remark) {
                notes.push(remark);
            }
        }
        Self {
            first,
            more,
            channel,
            own_channels: Vec::new(),
            notes,
            facts: None,
        }
    }

    /// The same with what rules may ask of the order, if they will.
    #[must_use]
    pub fn with_facts(mut self, facts: Option<Facts>) -> Self {
        self.facts = facts.map(Box::new);
        self
    }

    /// The events, at least one.
    pub fn iter(&self) -> impl Iterator<Item = &Event> {
        std::iter::once(&self.first).chain(&self.more)
    }

    /// The channel of the first event, and why.
    pub fn channel(&self) -> &Channel {
        self.channel_of(0)
    }

    /// The channel of the event at a place, and why.
    pub fn channel_of(&self, place: usize) -> &Channel {
        let own = self.own_channels.get(place).and_then(Option::as_ref);
        own.unwrap_or(&self.channel)
    }

    /// What is worth knowing about the events.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// What rules may ask of the order, where the context wanted it.
    pub fn facts(&self) -> Option<&Facts> {
        self.facts.as_deref()
    }
}

/// What rules may change: nothing that money, identity or Converge's own fields depend on.
impl Events {
    /// Gives the event at a place another channel.
    pub fn set_channel(&mut self, place: usize, channel: Channel) {
        let Some(event) = self.event_mut(place) else {
            return;
        };
        event.channel = channel.value;
        if self.own_channels.len() <= place {
            self.own_channels.resize(place + 1, None);
        }
        if let Some(own) = self.own_channels.get_mut(place) {
            *own = Some(channel);
        }
    }

    /// The custom properties of the event at a place.
    pub fn custom_mut(&mut self, place: usize) -> Option<&mut Properties> {
        self.event_mut(place).map(|event| &mut event.custom)
    }

    /// Adds an alias to the event at a place; false when there is no room for another one.
    pub fn add_alias(&mut self, place: usize, alias: Alias) -> bool {
        let event = self.event_mut(place);
        event.is_some_and(|event| event.aliases.add(alias))
    }

    /// Gives the event at a place another name, if it has none that Converge's spec knows; false
    /// where it has.
    pub fn rename(&mut self, place: usize, name: CustomName) -> bool {
        let Some(event) = self.event_mut(place) else {
            return false;
        };
        match &mut event.kind {
            Kind::Custom(known, _) => *known = name,
            Kind::Lifecycle(_, subscription) => {
                event.kind = Kind::Custom(name, Some(subscription.clone()));
            }
            Kind::PlacedOrder { .. }
            | Kind::StartedSubscription(_)
            | Kind::CancelledSubscription(_)
            | Kind::PlacedRecurringSubscriptionOrder(_)
            | Kind::ReceivedRefund(_) => return false,
        }
        true
    }

    /// Adds a remark.
    pub fn add_note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Parts the events at some places from the others. What is left is `None` when nothing is.
    pub fn part(self, goes: impl Fn(usize) -> bool) -> (Option<Self>, Vec<(Event, Channel)>) {
        let mut gone = Vec::new();
        let mut kept = Vec::new();
        let mut own_channels = Vec::new();
        for (place, event) in std::iter::once(self.first).chain(self.more).enumerate() {
            let own = self.own_channels.get(place).cloned().flatten();
            if goes(place) {
                gone.push((event, own.unwrap_or_else(|| self.channel.clone())));
            } else {
                kept.push(event);
                own_channels.push(own);
            }
        }
        let mut kept = kept.into_iter();
        let left = kept.next().map(|first| Self {
            first,
            more: kept.collect(),
            channel: self.channel,
            own_channels,
            notes: self.notes,
            facts: self.facts,
        });
        (left, gone)
    }

    fn event_mut(&mut self, place: usize) -> Option<&mut Event> {
        match place.checked_sub(1) {
            None => Some(&mut self.first),
            Some(place) => self.more.get_mut(place),
        }
    }
}

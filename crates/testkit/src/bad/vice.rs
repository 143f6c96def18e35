//! The vices, each with the law that it breaks.

use std::sync::atomic::{AtomicU64, Ordering};

use orderbridge_event::tree::Tree;
use orderbridge_event::{
    Alias, Aliases, Code, CustomName, Event, EventId, Kind, MapError, Note, PropertyName,
    PropertyValue, SalesChannel, Text, Timestamp,
};

use super::{Sale, Shop};

macro_rules! vices {
    ($($variant:ident $law:literal $doc:literal,)*) => {
        /// A way to break a law.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Vice { $(#[doc = $doc] $variant,)* }

        impl Vice {
            /// All of them; a law may have several.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name of the law that it breaks.
            pub const fn law(self) -> &'static str {
                match self { $(Self::$variant => $law,)* }
            }

            /// The adapter that has it.
            pub(super) fn shop(self) -> &'static Shop {
                match self { $(Self::$variant => &Shop { vice: Some(Self::$variant) },)* }
            }
        }
    };
}

vices! {
    Counts "repeatable" "Numbers its events.",
    Measures "layout" "Tells how long the body was.",
    SeesEscapes "layout" "Tells whether there were escapes.",
    ReadsFirstKey "layout" "Tells whether the id came first.",
    CountsKeys "unknown-keys" "Tells how many fields there were.",
    Unwraps "missing-keys" "Panics without a buyer.",
    Shrugs "missing-keys" "Says that something is missing, and not what.",
    Guesses "truncation" "Makes an event of what it cannot read.",
    Wanders "profile" "Assigns a channel that its profile does not have.",
    Surprises "profile" "Makes an event that its profile does not have.",
    TakesAll "profile" "Maps whatever the topic.",
    NamesBuyer "identity" "Makes the event id of the e-mail address.",
    StampsReceipt "identity" "Makes the event id of the time of receipt.",
    SharesAlias "identity" "Has an alias without a value.",
    Repeats "identity" "Gives two events one id.",
    Owes "money" "Sends amounts below zero.",
    Dates "time" "Has a time of its own.",
    Mumbles "wire" "Gives its event a name that is nearly Converge's.",
    QuotesInError "privacy" "Quotes a value in an error.",
    QuotesInNote "privacy" "Quotes an address in a note.",
    BoastsChannel "channels-reached" "Claims a channel that it never assigns.",
    BoastsTopic "topics-reached" "Claims a topic that it makes nothing of.",
    BoastsEvent "events-reached" "Claims an event that it never makes.",
    HidesEvent "events-reached" "Has a topic with an event that the profile lacks.",
}

impl Vice {
    /// What goes wrong instead of an event.
    pub(super) fn before(self, sale: &Sale) -> Result<(), MapError> {
        match self {
            Self::Unwraps if sale.buyer.is_none() => panic!("no buyer"),
            Self::Shrugs if sale.currency.is_none() => Err(MapError::missing("")),
            Self::QuotesInError => match &sale.at {
                Some(at) if Timestamp::parse(at.as_str()).is_none() => {
                    let expected = format!("a time, not {at}");
                    Err(MapError::invalid(Code::TimeInvalid, "at", &expected))
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// What goes wrong with an event.
    pub(super) fn after(self, sale: &Sale, body: &[u8], event: &mut Event, notes: &mut Vec<Note>) {
        static COUNT: AtomicU64 = AtomicU64::new(0);

        let remark = |event: &mut Event, value: String| {
            event.custom.set_text(REMARK, Text::new(value));
        };
        match self {
            Self::Counts => {
                let count = COUNT.fetch_add(1, Ordering::Relaxed);
                remark(event, format!("number {count}"));
            }
            Self::Measures => remark(event, format!("{} bytes", body.len())),
            Self::SeesEscapes => {
                let any = body.contains(&b'\\');
                event.custom.set(REMARK, PropertyValue::Flag(any));
            }
            Self::ReadsFirstKey => {
                let is_first = orderbridge_event::first_key(body) == Some(b"id");
                event.custom.set(REMARK, PropertyValue::Flag(is_first));
            }
            Self::CountsKeys => {
                if let Some(Tree::Object(fields)) = Tree::parse(body) {
                    remark(event, format!("{} fields", fields.len()));
                }
            }
            Self::Wanders => event.channel = SalesChannel::Sms,
            Self::Surprises => rename(event, "Moved"),
            Self::NamesBuyer => {
                if let Some(email) = sale.buyer.as_ref().and_then(|buyer| buyer.email.as_ref()) {
                    event.id = EventId::order(email);
                }
            }
            Self::SharesAlias => {
                let nobody = Alias::given(Text::labelled("urn:email:", ""));
                event.aliases = Aliases::new(nobody, event.aliases.iter().cloned());
            }
            Self::Owes => {
                if let Kind::PlacedOrder { order, .. } = &mut event.kind {
                    order.total_price = order.total_price.negated();
                    for item in &mut order.items {
                        item.price = item.price.negated();
                    }
                }
            }
            Self::Dates => event.timestamp = Timestamp::from_unix(0).unwrap_or(event.timestamp),
            Self::Mumbles => rename(event, "placed order"),
            Self::QuotesInNote => {
                if let Some(email) = &event.contact.email {
                    let message = format!("bought by {}", email.as_str());
                    notes.push(Note::new(Code::EmailShared, message, "buyer.email"));
                }
            }
            _ => {}
        }
    }
}

fn rename(event: &mut Event, name: &str) {
    if let Some(name) = CustomName::new(name) {
        event.kind = Kind::Custom(name, None);
    }
}

const REMARK: PropertyName = PropertyName::fixed("remark");

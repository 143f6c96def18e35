//! What a platform's webhooks say beside the payload itself.

use crate::{Headers, Payload, Text, Timestamp};

/// Reads what only the platform's own adapter can know of a webhook. Pure, like the mapping.
pub trait Webhook: Sync {
    /// Reads the headers of a delivery. They are not signed.
    fn delivery<'a>(&self, headers: &Headers<'a>) -> Delivery<'a>;

    /// The platform's id of a message, where it stands in the body and not in a header.
    fn message_id(&self, payload: Payload<'_>) -> Option<Text> {
        let _ = payload;
        None
    }

    /// Whether messages come by queues of SQS, too, and their bodies are read like a webhook's.
    fn reads_queues(&self) -> bool {
        false
    }

    /// What a topic asks for, where it is something else than an event.
    fn demand(&self, topic: &str) -> Option<Demand>;

    /// Which order and which people a payload is about. Never fails: what cannot be read is absent.
    fn about(&self, payload: Payload<'_>) -> About;

    /// The topic under which the body of a change is mapped as the order that it holds; `None` if
    /// bodies of this topic hold no order.
    fn as_order(&self, topic: &str) -> Option<&'static str>;

    /// The headers that the platform sends with a delivery beside those that sign it.
    fn headers(&self, id: &str, sent_at: Timestamp) -> Vec<(&'static str, String)> {
        let _ = (id, sent_at);
        Vec::new()
    }

    /// What makes a payload one about another order, refund or subscription: the fields that
    /// carry its id, the id itself first, and JSON for each. Not every payload has all of them.
    fn renewed(&self, topic: &str, number: u64) -> Vec<(&'static str, String)> {
        let _ = (topic, number);
        Vec::new()
    }
}

/// The headers of one delivery.
#[derive(Clone, Copy, Debug, Default)]
pub struct Delivery<'a> {
    /// What the payload is about.
    pub topic: Option<&'a str>,
    /// The platform's id of this message, the same when it is sent again.
    pub id: Option<&'a str>,
    /// When the platform first sent it.
    pub sent_at: Option<Timestamp>,
    /// Whether the platform marks it as a test.
    pub is_test: bool,
}

/// What a platform asks on behalf of a person or a shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Demand {
    /// To tell what is stored about a person.
    Disclose,
    /// To erase what is stored about a person.
    ErasePerson,
    /// To erase all of a shop.
    EraseShop,
}

/// What a payload is about.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct About {
    /// The order that it is, or belongs to.
    pub order: Option<AboutOrder>,
    /// The people in it, and orders that a demand names.
    pub identities: Vec<Identity>,
}

/// The order of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutOrder {
    /// The platform's id of the order, the same in each message about it.
    pub key: Text,
    /// Whether the payload is the order itself, rather than something that belongs to it.
    pub is_whole: bool,
    /// When the platform changed it last.
    pub updated_at: Option<Timestamp>,
    /// When it was placed.
    pub placed_at: Option<Timestamp>,
}

/// Something by which the payloads about a person are found again. Personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// The platform's number of the customer.
    Customer(Text),
    /// An e-mail address, as the payload has it.
    Email(Text),
    /// A phone number, as the payload has it.
    Phone(Text),
    /// The platform's number of an order.
    Order(Text),
}

impl Identity {
    /// The identities that are there, each once, in their order.
    pub fn distinct(found: impl IntoIterator<Item = Option<Self>>) -> Vec<Self> {
        let mut identities: Vec<Self> = Vec::with_capacity(4);
        for identity in found.into_iter().flatten() {
            if !identities.contains(&identity) {
                identities.push(identity);
            }
        }
        identities
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Customer(_) => "[customer]",
            Self::Email(_) => "[e-mail]",
            Self::Phone(_) => "[phone]",
            Self::Order(_) => "[order]",
        })
    }
}

//! Subscription contracts, as Shopify tells them to the app that owns them.
//!
//! The messages have neither prices nor times: what is bought comes with the orders.
//! <https://shopify.dev/docs/apps/build/purchase-options/subscriptions/contracts>

use orderbridge_event::{
    Aliases, CancelledChannel, Channel, Code, Contact, Context, Event, EventId, Events, Kind,
    Lifecycle, MapError, Mapped, Names, Note, Place, Properties, PropertyValue, SalesChannel,
    Subscription, Text, read,
};

use crate::buyer::{CUSTOMER_ID, alias};
use crate::order::{PLATFORM, gid_tail};
use crate::payload::Contract;

/// What a message says of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Activated,
    Paused,
    Cancelled,
}

/// Maps a message about a contract.
pub(crate) fn map(body: &[u8], change: Change, context: &Context) -> Result<Mapped, MapError> {
    let contract: Contract = read::read(body)?;
    let global = || contract.admin_graphql_api_id.as_ref().and_then(gid_tail);
    let id = contract
        .id
        .clone()
        .or_else(global)
        .ok_or_else(|| MapError::missing("id"))?;
    if change == Change::Created && !is_active(&contract) {
        let message = "the contract is not active yet";
        return Ok(Mapped::ignored(Code::SubscriptionNoEvent, message));
    }
    let timestamp = context
        .received_at
        .ok_or_else(|| MapError::invalid(Code::TimeMissing, "$", "the time it was sent"))?;
    let customer = contract.customer_id.as_ref();
    let alias = alias(&context.options, CUSTOMER_ID, customer)
        .ok_or_else(|| MapError::missing("customer_id"))?;

    let channel = channel(change, context);
    let event_id = event_id(&contract, &id, change)?;
    let mut custom = Properties::with_capacity(2);
    custom.set(PLATFORM, PropertyValue::Text(Text::labelled("shopify", "")));
    let event = Event {
        id: event_id.prefixed(&context.options.event_id_prefix),
        timestamp,
        kind: kind(change, Subscription { id, order: None }),
        channel: channel.value,
        contact: Contact::NONE,
        names: Names::NONE,
        place: Place::NONE,
        home: None,
        custom,
        aliases: Aliases::new(alias, None),
    };
    let notes = vec![Note::new(
        Code::TotalMissing,
        "the message has no amounts",
        "$",
    )];
    Ok(Mapped::Events(Box::new(Events::new(
        event,
        Vec::new(),
        channel,
        notes,
    ))))
}

fn is_active(contract: &Contract) -> bool {
    let status = contract.status.as_ref();
    status.is_none_or(|status| status.as_str().eq_ignore_ascii_case("active"))
}

fn kind(change: Change, subscription: Subscription) -> Kind {
    match change {
        Change::Created => Kind::StartedSubscription(subscription),
        Change::Activated => Kind::Lifecycle(Lifecycle::Activated, subscription),
        Change::Paused => Kind::Lifecycle(Lifecycle::Paused, subscription),
        Change::Cancelled => Kind::CancelledSubscription(subscription),
    }
}

/// A start is bought in a browser; what follows happens to the contract.
fn channel(change: Change, context: &Context) -> Channel {
    match (change, context.options.cancelled_channel) {
        (Change::Created, _) => {
            Channel::new(SalesChannel::Web, "a subscription is started in a browser")
        }
        (Change::Cancelled, CancelledChannel::Offline) => Channel::new(
            SalesChannel::Offline,
            "the configuration says so of cancellations",
        ),
        _ => Channel::new(
            SalesChannel::SubscriptionContract,
            "it is a change of a contract",
        ),
    }
}

/// A start has the id that the first order gives it, so that message and order make one event.
/// All else can happen again, and is told apart by the contract's revision.
fn event_id(contract: &Contract, id: &Text, change: Change) -> Result<EventId, MapError> {
    let what = match change {
        Change::Created => {
            return Ok(EventId::started(
                contract.origin_order_id.as_ref().unwrap_or(id),
            ));
        }
        Change::Activated => "activated",
        Change::Paused => "paused",
        Change::Cancelled => "cancelled",
    };
    let revision = contract
        .revision_id
        .as_ref()
        .ok_or_else(|| MapError::missing("revision_id"))?;
    Ok(EventId::lifecycle(id, what, revision.as_str()))
}

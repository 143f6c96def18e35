//! Converge events. An event that can be built is one that can be sent.

use crate::{
    Aliases, Amount, Contact, Currency, EventId, Names, Order, Place, Properties, SalesChannel,
    Text, Timestamp,
};

/// One event for one POST.
///
/// Built as an exhaustive literal: when Converge's spec gains a property, each adapter stops
/// compiling until somebody has decided what belongs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `event_id`
    pub id: EventId,
    /// `timestamp`: when the customer acted or was charged.
    pub timestamp: Timestamp,
    /// `event_name`, and what belongs to that name.
    pub kind: Kind,
    /// `properties.$sales_channel_type`
    pub channel: SalesChannel,
    /// `$email` and `$phone_number`, in both objects.
    pub contact: Contact,
    /// Names, in `profile_properties`.
    pub names: Names,
    /// Where the order goes, in `properties`.
    pub place: Place,
    /// Where the buyer lives, in `profile_properties`; the same place when `None`.
    pub home: Option<Place>,
    /// Custom properties of the event.
    pub custom: Properties,
    /// `aliases`
    pub aliases: Aliases,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Placed Order`: once per real order, for ever.
    PlacedOrder {
        /// `id`
        id: Text,
        /// What was bought.
        order: Order,
        /// `$is_new_customer`: absent when it is not known.
        is_new_customer: Option<bool>,
    },
    /// `Started Subscription`: the first order of a subscription.
    StartedSubscription(Subscription),
    /// `Cancelled Subscription`
    CancelledSubscription(Subscription),
    /// `Placed Recurring Subscription Order`: a renewal that is not sent as `Placed Order`.
    PlacedRecurringSubscriptionOrder(Subscription),
    /// `Received Refund`: not in the spec, but known to Converge and its destinations.
    ReceivedRefund(Refund),
    /// A change in a subscription's life that the spec has no table for.
    Lifecycle(Lifecycle, Subscription),
    /// An event of the user's own. One that was a change in a subscription's life before it was
    /// given another name is still about that subscription.
    Custom(CustomName, Option<Subscription>),
}

/// A subscription's event, with the order behind it where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// `id`: the subscription, or the order that started it.
    pub id: Text,
    /// The order behind the event; a lifecycle message often has none.
    pub order: Option<Order>,
}

/// Money that went back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// `id` and `order_id`: the order, under the id that `Placed Order` has.
    pub order_id: Text,
    /// `refund_id`
    pub refund_id: Text,
    /// `total_price`: what went back, above zero. Absent where it is not told in this currency.
    pub amount: Option<Amount>,
    /// `currency`
    pub currency: Currency,
}

macro_rules! names {
    ($(#[$meta:meta])* $type:ident { $($variant:ident $name:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $(#[doc = concat!("`", $name, "`")] $variant,)* }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name as Converge spells it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Reads Converge's spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

names! {
    /// Changes in a subscription's life, under the names of Converge's Recharge source.
    Lifecycle {
        Activated "Activated Subscription",
        Paused "Paused Subscription",
        Skipped "Skipped Subscription",
        Unskipped "Unskipped Subscription",
    }
}

names! {
    /// The names that OrderBridge itself gives events.
    EventName {
        PlacedOrder "Placed Order",
        StartedSubscription "Started Subscription",
        CancelledSubscription "Cancelled Subscription",
        PlacedRecurringSubscriptionOrder "Placed Recurring Subscription Order",
        ReceivedRefund "Received Refund",
        ActivatedSubscription "Activated Subscription",
        PausedSubscription "Paused Subscription",
        SkippedSubscription "Skipped Subscription",
        UnskippedSubscription "Unskipped Subscription",
    }
}

/// The name of a user's own event: not one that has rules of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomName(Text);

impl CustomName {
    /// Takes a name that no other kind of event has.
    pub fn new(name: &str) -> Option<Self> {
        if EventName::parse(name.trim()).is_some() {
            None
        } else {
            Text::new(name).map(Self)
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// A name that is already one: read back from an event body.
    pub(crate) fn given(name: Text) -> Option<Self> {
        let own = EventName::parse(name.as_str().trim()).is_none();
        own.then_some(Self(name))
    }
}

impl Kind {
    /// `event_name`
    pub fn name(&self) -> &str {
        match self {
            Self::PlacedOrder { .. } => EventName::PlacedOrder.as_str(),
            Self::StartedSubscription(_) => EventName::StartedSubscription.as_str(),
            Self::CancelledSubscription(_) => EventName::CancelledSubscription.as_str(),
            Self::PlacedRecurringSubscriptionOrder(_) => {
                EventName::PlacedRecurringSubscriptionOrder.as_str()
            }
            Self::ReceivedRefund(_) => EventName::ReceivedRefund.as_str(),
            Self::Lifecycle(change, _) => change.as_str(),
            Self::Custom(name, _) => name.0.as_str(),
        }
    }

    /// The order behind the event, if there is one.
    pub fn order(&self) -> Option<&Order> {
        match self {
            Self::PlacedOrder { order, .. } => Some(order),
            Self::StartedSubscription(subscription)
            | Self::CancelledSubscription(subscription)
            | Self::PlacedRecurringSubscriptionOrder(subscription)
            | Self::Lifecycle(_, subscription)
            | Self::Custom(_, Some(subscription)) => subscription.order.as_ref(),
            Self::ReceivedRefund(_) | Self::Custom(_, None) => None,
        }
    }
}

//! A payload and what the store knows of its order become events.

use orderbridge_core::store::{
    Customer, Direction, Filter, List, Millis, State, Store, StoreError, SubjectHash,
};
use orderbridge_event::{
    About, AboutOrder, Context, Event, Kind, KnownOrder, Mapped, Payload, Refunded, Refunds,
    Timestamp,
};
use orderbridge_rules::Ruled;

use crate::NewCustomer;
use crate::routes::Route;

/// What the mapping has at hand beside the payload.
pub(crate) struct Mapping<'a> {
    pub(crate) route: &'a Route,
    pub(crate) store: &'a dyn Store,
    pub(crate) about: &'a About,
    /// The people in the payload, orders left out.
    pub(crate) people: &'a [SubjectHash],
    /// When the platform sent it, or when it came in.
    pub(crate) sent_at: Option<Timestamp>,
}

/// What the mapping made of a payload.
pub(crate) struct Made {
    pub(crate) ruled: Ruled,
    /// The payload only tells of a change, and was mapped as the order for one that is still held.
    pub(crate) is_refresh: bool,
}

impl Mapping<'_> {
    /// Maps a payload. Only the store can fail; what the mapping says is the outcome.
    pub(crate) async fn map(&self, payload: Payload<'_>) -> Result<Made, StoreError> {
        let context = self.context().await?;
        let source = &self.route.source;
        let adapter = source.platform.adapter;
        let mut ruled = source.rules.map(adapter, payload, &context);
        if let Some(order) = self.about.order.as_ref().filter(|order| order.is_whole) {
            if !places(&ruled)
                && let Some(fresh) = self.refresh(payload, order, &context).await?
            {
                return Ok(Made {
                    ruled: fresh,
                    is_refresh: true,
                });
            }
            if let Some(is_new) = self.is_new(order, &ruled).await? {
                let context = Context {
                    is_new_customer: Some(is_new),
                    ..context
                };
                ruled = source.rules.map(adapter, payload, &context);
            }
        }
        Ok(Made {
            ruled,
            is_refresh: false,
        })
    }

    async fn context(&self) -> Result<Context, StoreError> {
        let source = &self.route.source;
        let part_of = self.about.order.as_ref().filter(|order| !order.is_whole);
        let order = match part_of {
            Some(order) => {
                let key = order.key.as_str();
                self.store.known_order(&source.name, key).await?
            }
            None => None,
        };
        let refunded_before = self.refunded(order.is_some()).await?;
        Ok(Context {
            options: source.options.clone(),
            is_new_customer: None,
            received_at: self.sent_at,
            order: order.map(orderbridge_core::store::Private::into_inner),
            refunded_before,
            wants_facts: source.rules.needs_facts(),
        })
    }

    /// What was told of the order's refunds. Of an order that did not come through here there may
    /// be others; where there are none, nothing is said of it then.
    async fn refunded(&self, is_order_known: bool) -> Result<Option<Refunded>, StoreError> {
        let source = &self.route.source;
        let order = self.about.order.as_ref();
        let Some(order) =
            order.filter(|order| !order.is_whole || source.options.refunds == Refunds::All)
        else {
            return Ok(None);
        };
        let told = self
            .store
            .refunded(&source.name, order.key.as_str())
            .await?;
        Ok(Some(told).filter(|told| is_order_known || !told.is_empty()))
    }

    /// A message about a change, mapped as the order it holds, if that order is still held. An
    /// order counts as first placed, but what was bought right after belongs to it.
    async fn refresh(
        &self,
        payload: Payload<'_>,
        order: &AboutOrder,
        context: &Context,
    ) -> Result<Option<Ruled>, StoreError> {
        let source = &self.route.source;
        let webhook = source.platform.webhook;
        let topic = webhook.and_then(|webhook| webhook.as_order(payload.topic));
        // Without its own time nobody can tell that it is newer.
        let (Some(topic), Some(_), Some(_)) = (topic, source.hold, order.updated_at) else {
            return Ok(None);
        };
        if !self.is_held(order).await? {
            return Ok(None);
        }
        let body = payload.body;
        let adapter = source.platform.adapter;
        let ruled = source.rules.map(adapter, Payload { topic, body }, context);
        // An order that a rule drops by now takes the place of the one that is held, too.
        Ok(places(&ruled).then_some(ruled))
    }

    async fn is_held(&self, order: &AboutOrder) -> Result<bool, StoreError> {
        let source = &self.route.source;
        let filter = Filter {
            states: Some(vec![State::Held]),
            source: Some(source.name.clone()),
            destination: Some(source.destination.clone()),
            order_key: Some(order.key.as_str().to_owned()),
            ..Filter::default()
        };
        let list = List {
            filter,
            direction: Direction::NewestFirst,
            after: None,
            limit: 1,
        };
        Ok(!self.store.list(list).await?.is_empty())
    }

    /// Whether the buyer of a placed order is new, where the store's history is to say it.
    async fn is_new(&self, order: &AboutOrder, ruled: &Ruled) -> Result<Option<bool>, StoreError> {
        let NewCustomer::Store { complete_from } = self.route.source.new_customer else {
            return Ok(None);
        };
        let (Some(placed_at), true) = (order.placed_at, places(ruled)) else {
            return Ok(None);
        };
        if self.people.is_empty() {
            return Ok(None);
        }
        let customer = Customer {
            source: self.route.source.name.clone(),
            subjects: self.people.to_vec(),
            order_key: order.key.as_str().to_owned(),
            ordered_at: Millis::new(placed_at.unix_millis()),
            complete_from,
        };
        Ok(self.store.seen(customer).await?.is_new())
    }
}

/// Whether an order is placed, or would be if no rule dropped it.
fn places(ruled: &Ruled) -> bool {
    let is_placed = |event: &Event| matches!(event.kind, Kind::PlacedOrder { .. });
    let is_sent = match &ruled.result {
        Ok(Mapped::Events(events)) => events.iter().any(is_placed),
        _ => false,
    };
    is_sent
        || ruled
            .dropped
            .iter()
            .any(|dropped| is_placed(&dropped.event))
}

/// What a later refund needs to know of the order that was placed, if one was.
pub(crate) fn known<'e>(events: impl IntoIterator<Item = &'e Event>) -> Option<KnownOrder> {
    events.into_iter().find_map(|event| match &event.kind {
        Kind::PlacedOrder { order, .. } => Some(KnownOrder {
            aliases: event.aliases.clone(),
            currency: order.currency,
            channel: event.channel,
        }),
        _ => None,
    })
}

//! Notifications: never an event by themselves. They name an order that is to be fetched.
//!
//! They come as Amazon writes them, as the body of a message of SQS, or wrapped by SNS, Lambda or
//! `EventBridge`. <https://developer-docs.amazon.com/sp-api/docs/notification-type-values>

use orderbridge_event::{Code, MapError, Mapped, Payload, Text, read};
use serde::Deserialize;
use serde_json::value::RawValue;

/// An order that a notification names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderToFetch {
    /// What `getOrder` is asked for.
    pub order_id: Text,
    /// The marketplace, where the notification names it.
    pub marketplace_id: Option<Text>,
    /// The seller whose token is needed.
    pub seller_id: Option<Text>,
    /// The order's status in the words of API v0. An order that is `Pending` has no prices yet and
    /// a `Canceled` one makes no event: fetching either is a call for nothing.
    pub order_status: Option<Text>,
}

/// The orders that the notifications in a body name, in their order; none where there is nothing
/// to fetch. Never fails: a body that can't be read names no order.
pub fn orders_to_fetch(payload: Payload<'_>) -> Vec<OrderToFetch> {
    let notifications = unwrap(payload.body).unwrap_or_default();
    notifications
        .into_iter()
        .filter_map(Notification::into_order)
        .collect()
}

/// The order that a notification names; of a batch, the first.
pub fn order_to_fetch(payload: Payload<'_>) -> Option<OrderToFetch> {
    orders_to_fetch(payload).into_iter().next()
}

/// The id of the notification in a body, the same when it is delivered again. A batch has none.
pub(crate) fn id(body: &[u8]) -> Option<Text> {
    let mut notifications = unwrap(body).ok()?.into_iter();
    match (notifications.next(), notifications.next()) {
        (Some(only), None) => only.notification_metadata?.notification_id,
        _ => None,
    }
}

/// What becomes of a notification.
pub(crate) fn map(body: &[u8]) -> Result<Mapped, MapError> {
    let notifications = unwrap(body)?;
    let Some(first) = notifications.first() else {
        let message = "a message of the queue or topic itself; a subscription has to be confirmed";
        return Ok(Mapped::ignored(Code::TopicNoEvent, message));
    };
    if !notifications.iter().any(Notification::is_of_order) {
        if first.notification_type.is_none() && first.payload.is_none() {
            let expected = "a notification";
            return Err(MapError::invalid(Code::PayloadUnknown, "$", expected));
        }
        let message = "the notification is not about an order";
        return Ok(Mapped::ignored(Code::TopicNoEvent, message));
    }
    if notifications
        .into_iter()
        .any(|it| it.into_order().is_some())
    {
        let message = "an order has changed and is to be fetched: a notification has no prices";
        Ok(Mapped::ignored(Code::OrderNotice, message))
    } else {
        let path = "Payload.OrderChangeNotification.AmazonOrderId";
        Err(MapError::missing(path))
    }
}

/// A notification, and whatever may be wrapped around one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "Amazon's own names")]
struct Notification {
    #[serde(alias = "notificationType", deserialize_with = "read::text")]
    notification_type: Option<Text>,
    #[serde(alias = "payload", deserialize_with = "read::object")]
    payload: Option<Inside>,
    #[serde(alias = "notificationMetadata", deserialize_with = "read::object")]
    notification_metadata: Option<Metadata>,

    /// Of SNS.
    #[serde(deserialize_with = "read::text")]
    r#type: Option<Text>,
    /// Of SNS; the text of a notification.
    message: Option<Box<RawValue>>,
    /// Of SQS, as it is received.
    #[serde(deserialize_with = "read::list")]
    messages: Vec<Record>,
    /// Of Lambda.
    #[serde(deserialize_with = "read::list")]
    records: Vec<Record>,
    /// Of `EventBridge`.
    #[serde(rename = "detail")]
    detail: Option<Box<RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record {
    #[serde(alias = "Body")]
    body: Option<Box<RawValue>>,
    #[serde(rename = "Sns")]
    sns: Option<Box<RawValue>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Inside {
    #[serde(deserialize_with = "read::object")]
    order_change_notification: Option<Change>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Change {
    #[serde(deserialize_with = "read::key")]
    amazon_order_id: Option<Text>,
    #[serde(deserialize_with = "read::key")]
    seller_id: Option<Text>,
    #[serde(deserialize_with = "read::object")]
    summary: Option<Summary>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Summary {
    #[serde(deserialize_with = "read::key")]
    marketplace_id: Option<Text>,
    #[serde(deserialize_with = "read::text")]
    order_status: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Metadata {
    #[serde(alias = "notificationId", deserialize_with = "read::key")]
    notification_id: Option<Text>,
}

impl Notification {
    fn is_of_order(&self) -> bool {
        let is_named = |name: &Text| name.as_str() == "ORDER_CHANGE";
        self.notification_type.as_ref().is_some_and(is_named)
            || self
                .payload
                .as_ref()
                .is_some_and(|payload| payload.order_change_notification.is_some())
    }

    fn into_order(self) -> Option<OrderToFetch> {
        let change = self.payload?.order_change_notification?;
        let summary = change.summary.unwrap_or_default();
        Some(OrderToFetch {
            order_id: change.amazon_order_id?,
            marketplace_id: summary.marketplace_id,
            seller_id: change.seller_id,
            order_status: summary.order_status,
        })
    }
}

/// Wrappers are three deep at most: a notification in SNS in SQS in Lambda.
const DEPTH: usize = 4;

/// Takes the notifications in a body out of all wrappers.
fn unwrap(body: &[u8]) -> Result<Vec<Notification>, MapError> {
    let mut found = Vec::new();
    open(body, DEPTH, &mut found)?;
    Ok(found)
}

fn open(body: &[u8], depth: usize, found: &mut Vec<Notification>) -> Result<(), MapError> {
    let mut layer: Notification = read::read(body)?;
    let Some(depth) = depth.checked_sub(1) else {
        let expected = "a notification in fewer wrappers";
        return Err(MapError::invalid(Code::PayloadUnknown, "$", expected));
    };
    let records = layer.messages.drain(..).map(|record| ("Messages", record));
    let records = records.chain(layer.records.drain(..).map(|record| ("Records", record)));
    let inside = records.flat_map(|(name, record)| [(name, record.body), (name, record.sns)]);
    let inside = inside.chain([
        ("Message", layer.message.take()),
        ("detail", layer.detail.take()),
    ]);
    let mut is_wrapper = false;
    for (name, value) in inside {
        let Some(value) = value else { continue };
        // An SNS message about the subscription itself holds plain text.
        let is_about_topic = layer.r#type.as_ref().is_some_and(|kind| {
            matches!(
                kind.as_str(),
                "SubscriptionConfirmation" | "UnsubscribeConfirmation"
            )
        });
        is_wrapper = true;
        if !is_about_topic {
            enter(&value, depth, found).map_err(|error| error.under(name))?;
        }
    }
    if !is_wrapper {
        found.push(layer);
    }
    Ok(())
}

/// What is wrapped is a text that holds JSON, or, relayed by a pipe, the JSON itself.
fn enter(value: &RawValue, depth: usize, found: &mut Vec<Notification>) -> Result<(), MapError> {
    let text = value.get();
    if !text.starts_with('"') {
        return open(text.as_bytes(), depth, found);
    }
    let inner: String = read::read(text.as_bytes())?;
    open(inner.as_bytes(), depth, found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn notification() -> Value {
        json!({
            "NotificationType": "ORDER_CHANGE",
            "Payload": {"OrderChangeNotification": {
                "SellerId": "A3EXAMPLE", "AmazonOrderId": "111-2223334-5556667",
                "Summary": {"MarketplaceId": "ATVPDKIKX0DER", "OrderStatus": "Unshipped"}}},
            "NotificationMetadata": {"NotificationId": "n-1"},
        })
    }

    fn fetched(body: &Value) -> Vec<String> {
        let body = body.to_string();
        let payload = Payload {
            topic: "ORDER_CHANGE",
            body: body.as_bytes(),
        };
        let orders = orders_to_fetch(payload).into_iter();
        orders.map(|order| order.order_id.to_string()).collect()
    }

    #[test]
    fn is_found_in_every_wrapper() {
        let bare = notification();
        let text = bare.to_string();
        let sns = json!({"Type": "Notification", "MessageId": "m", "Message": text});
        let forms = [
            bare.clone(),
            sns.clone(),
            json!({"Messages": [{"MessageId": "m", "Body": text}]}),
            json!({"Records": [{"messageId": "m", "body": text}]}),
            json!({"Records": [{"messageId": "m", "body": sns.to_string()}]}),
            json!({"Records": [{"EventSource": "aws:sns", "Sns": sns}]}),
            json!({"detail-type": "ORDER_CHANGE", "detail": bare}),
        ];
        for form in &forms {
            assert_eq!(fetched(form), ["111-2223334-5556667"], "{form}");
            let body = form.to_string();
            assert_eq!(id(body.as_bytes()), Text::new("n-1"), "{form}");
            let Ok(Mapped::Ignored(ignored)) = map(body.as_bytes()) else {
                panic!("{form}");
            };
            assert_eq!(ignored.code, Code::OrderNotice);
        }
    }

    #[test]
    fn a_batch_names_all_its_orders() {
        let text = notification().to_string();
        let other = text.replace("111-", "222-");
        let batch = json!({"Records": [{"body": text}, {"body": other}]});
        assert_eq!(
            fetched(&batch),
            ["111-2223334-5556667", "222-2223334-5556667"]
        );
        assert_eq!(id(batch.to_string().as_bytes()), None);
    }

    #[test]
    fn tells_who_sold_what_where() {
        let body = notification().to_string();
        let payload = Payload {
            topic: "ORDER_CHANGE",
            body: body.as_bytes(),
        };
        let order = order_to_fetch(payload).unwrap();
        assert_eq!(order.marketplace_id, Text::new("ATVPDKIKX0DER"));
        assert_eq!(order.seller_id, Text::new("A3EXAMPLE"));
        assert_eq!(order.order_status, Text::new("Unshipped"));
    }

    #[test]
    fn what_names_no_order_is_told() {
        let code = |body: Value| match map(body.to_string().as_bytes()) {
            Ok(Mapped::Ignored(ignored)) => ignored.code,
            Ok(Mapped::Events(_)) => panic!("events"),
            Err(error) => error.code(),
        };
        let confirmation = json!({"Type": "SubscriptionConfirmation", "Message": "You have …"});
        assert_eq!(code(confirmation), Code::TopicNoEvent);
        assert_eq!(
            code(json!({"notificationType": "X", "payload": {}})),
            Code::TopicNoEvent
        );
        assert_eq!(
            code(json!({"NotificationType": "ORDER_CHANGE"})),
            Code::PayloadMissing
        );
        assert_eq!(code(json!({"a": 1})), Code::PayloadUnknown);
        assert_eq!(
            code(json!({"Type": "Notification", "Message": "hello"})),
            Code::PayloadSyntax
        );
        assert_eq!(fetched(&json!({"a": 1})), Vec::<String>::new());
    }
}

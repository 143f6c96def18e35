//! Every row of the tables, and the order of the chain.

use orderbridge_event::read;
use serde_json::json;

use super::*;

/// The channel and the reason; `None` for the fallback.
fn decided(order: &serde_json::Value, options: &Options) -> Option<(SalesChannel, String)> {
    let order: Order = read::read(order.to_string().as_bytes()).unwrap();
    match decide(&order, options) {
        Decision::Known(channel) => Some((channel.value, channel.because.into_owned())),
        Decision::Fallback(channel) => {
            assert_eq!(channel.value, Web);
            None
        }
    }
}

fn plain(order: &serde_json::Value) -> Option<(SalesChannel, String)> {
    decided(order, &Options::default())
}

#[test]
fn knows_each_source_by_name_and_each_app_by_id() {
    for (source, channel, because) in SOURCES {
        let expected = Some((*channel, (*because).to_owned()));
        assert_eq!(plain(&json!({ "source_name": source })), expected);
        let twice = SOURCES.iter().filter(|(name, ..)| name == source).count();
        assert_eq!(twice, 1, "{source} stands twice");
    }
    for (app, channel, _) in SOURCES.iter().chain(APPS) {
        let expected = Some((*channel, format!("app_id is {app}")));
        assert_eq!(plain(&json!({ "app_id": app })), expected);
        let unknown = json!({ "source_name": "of nobody", "app_id": app });
        assert_eq!(plain(&unknown), expected);
    }
}

#[test]
fn knows_each_connector_in_every_spelling() {
    for (name, channel, because) in FAMILIES {
        let expected = Some((*channel, (*because).to_owned()));
        for ending in ["", "-us", "_UK", " Shop", ".de"] {
            let order = json!({ "source_name": format!("{name}{ending}") });
            assert_eq!(plain(&order), expected, "{name}{ending}");
            let upper = json!({ "source_name": format!("{name}{ending}").to_uppercase() });
            assert_eq!(plain(&upper), expected, "{name}{ending}");
        }
        let other = json!({ "source_name": format!("{name}ia") });
        assert_eq!(plain(&other), None, "{name}ia");
    }
}

#[test]
fn takes_the_first_of_the_chain_that_fits() {
    let table = [
        // A renewal before any source, by prefix or by tag.
        (
            json!({ "source_name": "subscription_contract_of_2031", "user_id": 1 }),
            SubscriptionContract,
        ),
        (
            json!({ "source_name": "web", "tags": "Subscription Recurring Order" }),
            SubscriptionContract,
        ),
        (
            json!({ "source_name": "pos", "tags": "recurring_order" }),
            SubscriptionContract,
        ),
        // A prepaid tag counts on free orders and on those that are not from the web.
        (
            json!({ "source_name": "web", "tags": "Prepaid", "total_price": "0.00" }),
            SubscriptionContract,
        ),
        (
            json!({ "source_name": "web", "tags": "Prepaid", "total_price": "90.00" }),
            Web,
        ),
        (
            json!({ "source_name": "77", "tags": "Prepaid", "total_price": "90.00" }),
            SubscriptionContract,
        ),
        // A first order is bought in a browser.
        (
            json!({ "source_name": "web", "tags": "Subscription First Order" }),
            Web,
        ),
        // A source before its app, and before the staff behind the counter.
        (
            json!({ "source_name": "pos", "app_id": 1_354_745, "user_id": 1 }),
            Pos,
        ),
        (json!({ "source_name": "web", "app_id": 5_284_869 }), Web),
        (
            json!({ "source_name": "shopify_draft_order", "checkout_token": "a", "cart_token": "b" }),
            Offline,
        ),
        // Staff without a checkout, even where the source says web.
        (json!({ "source_name": "web", "user_id": 1 }), Offline),
        (
            json!({ "source_name": "web", "user_id": 1, "checkout_token": "a" }),
            Web,
        ),
        // The phone apps are for staff and for buyers.
        (json!({ "source_name": "iphone" }), MobileApp),
        (json!({ "source_name": "android", "user_id": 1 }), Offline),
        // Free exchanges, by tag and by note attribute; paid ones are sales.
        (
            json!({ "source_name": "77", "tags": "Exchange Order", "total_price": "0" }),
            Offline,
        ),
        (
            json!({
                "source_name": "web", "total_price": "0",
                "note_attributes": [{ "name": "Replacement for" }]
            }),
            Offline,
        ),
        (
            json!({ "source_name": "web", "tags": "Exchange Order", "total_price": "5" }),
            Web,
        ),
        // An unknown handle with a cart is a web checkout.
        (json!({ "source_name": "campaign", "cart_token": "a" }), Web),
    ];
    for (order, channel) in table {
        let value = plain(&order).map(|(value, _)| value);
        assert_eq!(value, Some(channel), "{order}");
    }
}

#[test]
fn says_when_nothing_fits() {
    for order in [
        json!({}),
        json!({ "source_name": "755357713", "app_id": 755_357_713 }),
        json!({ "source_name": "campaign", "checkout_token": "a" }),
    ] {
        assert_eq!(plain(&order), None, "{order}");
    }
}

#[test]
fn takes_the_shops_own_map_before_everything() {
    let own = [
        ("web", SalesChannel::Sms),
        ("580111", MobileApp),
        ("vip", Pos),
        ("subscription_contract", Web),
    ];
    let mut options = Options::default();
    let own = own.map(|(key, channel)| (key.to_owned(), channel));
    options.channels.extend(own);
    let table = [
        (
            json!({ "source_name": "web", "app_id": 580_111, "tags": "vip" }),
            SalesChannel::Sms,
        ),
        (
            json!({ "source_name": "x", "app_id": 580_111, "tags": "vip" }),
            MobileApp,
        ),
        (json!({ "source_name": "pos", "tags": "a, VIP " }), Pos),
        (json!({ "source_name": "subscription_contract" }), Web),
        (json!({ "source_name": "3890849" }), Marketplace),
    ];
    for (order, channel) in table {
        let value = decided(&order, &options).map(|(value, _)| value);
        assert_eq!(value, Some(channel), "{order}");
    }
}

//! Event → body → event → body: nothing is lost, and the checker accepts what is written.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use orderbridge_event::check::check;
use orderbridge_event::{
    Alias, Aliases, Amount, Code, Contact, CountryCode, Currency, CustomName, Discount, Email,
    Event, EventId, Item, Kind, Lifecycle, Names, Order, Phone, Place, Prices, Properties,
    PropertyName, PropertyValue, Refund, Rest, SalesChannel, Subscription, Text, Timestamp,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

// Boxed, because nested strategies grow larger than a test thread's stack.

/// Text with what JSON escapes, and with letters that are longer in UTF-8.
fn text() -> impl Strategy<Value = Text> {
    "[ a-zA-Z0-9\"\\\\/\u{0}-\u{1f}\u{7f}äß√😀\u{2028}]{1,12}"
        .prop_filter_map("blank", |text: String| Text::new(text))
}

fn amount() -> impl Strategy<Value = Amount> {
    prop_oneof![
        (0..1_000_000_i64).prop_map(|cents| Amount::from_minor(cents, Currency::USD)),
        (0..i64::MAX, 0..12_u32).prop_map(|(units, scale)| {
            let digits = format!("{units:020}");
            let (whole, fraction) = digits.split_at(20 - scale as usize);
            Amount::parse(&format!("{whole}.{fraction}0")).unwrap()
        }),
    ]
}

fn item() -> BoxedStrategy<Item> {
    (
        (text(), of(text()), of(text()), text(), of(text())),
        (amount(), 0..50_u32, of(text()), of(text()), of(text())),
    )
        .prop_map(|(names, more)| Item {
            product_id: names.0,
            variant_id: names.1,
            sku: names.2,
            name: names.3,
            variant_name: names.4,
            price: more.0,
            quantity: more.1,
            vendor: more.2,
            url: more.3,
            image_url: more.4,
        })
        .boxed()
}

fn order() -> BoxedStrategy<Order> {
    let currency = select(vec!["USD", "JPY", "KWD", "CLF"]);
    let totals = (amount(), of(amount()), of(amount()), of(amount()));
    let rest = (of(amount()), of(amount()), of(amount()), of(amount()));
    let lists = (vec(text(), 0..4), vec(item(), 0..4));
    (currency, totals, rest, lists)
        .prop_map(|(currency, totals, rest, lists)| Order {
            currency: Currency::parse(currency).unwrap(),
            total_price: totals.0,
            total_tax: totals.1,
            total_shipping: totals.2,
            total_discount: totals.3.map(Discount::new),
            coupons: lists.0,
            items: lists.1,
            rest: Rest {
                tip: rest.0,
                duties: rest.1,
                fees: rest.2,
                rounding: rest.3.map(Amount::negated),
            },
            prices: Prices::Net,
        })
        .boxed()
}

fn kind() -> BoxedStrategy<Kind> {
    let subscription = || (text(), of(order())).prop_map(|(id, order)| Subscription { id, order });
    prop_oneof![
        (text(), order(), of(any::<bool>())).prop_map(|(id, order, is_new_customer)| {
            Kind::PlacedOrder {
                id,
                order,
                is_new_customer,
            }
        }),
        subscription().prop_map(Kind::StartedSubscription),
        subscription().prop_map(Kind::CancelledSubscription),
        subscription().prop_map(Kind::PlacedRecurringSubscriptionOrder),
        (text(), text(), of(amount())).prop_map(|(order_id, refund_id, amount)| {
            Kind::ReceivedRefund(Refund {
                order_id,
                refund_id,
                amount,
                currency: Currency::USD,
            })
        }),
        (select(Lifecycle::ALL), subscription())
            .prop_map(|(change, subscription)| Kind::Lifecycle(change, subscription)),
        (
            text().prop_filter_map("taken", |name| CustomName::new(name.as_str())),
            proptest::option::of(subscription()),
        )
            .prop_map(|(name, about)| Kind::Custom(name, about)),
    ]
    .boxed()
}

fn place() -> BoxedStrategy<Place> {
    let country = of(select(vec!["US", "DE", "GB"]));
    (of(text()), of(text()), of(text()), country)
        .prop_map(|(city, state, zip_code, country)| Place {
            city,
            state,
            zip_code,
            country: country.and_then(CountryCode::parse),
        })
        .boxed()
}

fn custom() -> BoxedStrategy<Properties> {
    let value = prop_oneof![
        text().prop_map(PropertyValue::Text),
        amount().prop_map(PropertyValue::Number),
        any::<bool>().prop_map(PropertyValue::Flag),
    ];
    vec(("[a-z_]{1,8}", value), 0..5)
        .prop_map(|pairs| {
            let mut custom = Properties::new();
            for (name, value) in pairs {
                if let Some(name) = PropertyName::parse(&name) {
                    custom.set(name, value);
                }
            }
            custom
        })
        .boxed()
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        (-62_167_219_200_i64..253_402_300_800)
            .prop_map(|seconds| Timestamp::from_unix(seconds).unwrap()),
        select(vec![
            "2026-11-02T10:15:30-05:00",
            "2026-11-02T10:15:30.120+05:45",
            "2026-11-02T10:15:30.000000001Z",
            "2016-12-31T23:59:60Z",
        ])
        .prop_map(|text| Timestamp::parse(text).unwrap()),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let contact = (
        of(select(vec!["Jane@example.com", "jörg@example.org"])),
        of(select(vec!["+12025550142", "+493012345678"])),
    );
    let aliases = vec(text(), 1..14).prop_map(|texts| {
        let aliases = texts
            .iter()
            .map(|text| Alias::new("urn:test:", text.as_str()));
        Aliases::from_known(aliases.flatten()).unwrap()
    });
    (
        (
            text(),
            "[ a-z]{0,3}",
            timestamp(),
            kind(),
            select(SalesChannel::ALL),
        ),
        (
            contact,
            of(text()),
            of(text()),
            place(),
            of(place()),
            custom(),
            aliases,
        ),
    )
        .prop_map(|(what, who)| {
            let (first, last) = (who.1, who.2);
            let (email, phone) = who.0;
            Event {
                id: EventId::order(&what.0).prefixed(&what.1),
                timestamp: what.2,
                kind: what.3,
                channel: what.4,
                contact: Contact {
                    email: email.and_then(Email::parse),
                    phone: phone.and_then(Phone::parse),
                },
                names: Names { first, last },
                home: who.4.filter(|home| *home != who.3),
                place: who.3,
                custom: who.5,
                aliases: who.6,
            }
        })
}

/// Whether prices hold tax is not in the body, so it is not compared.
fn without_prices(mut event: Event) -> Event {
    match &mut event.kind {
        Kind::PlacedOrder { order, .. } => order.prices = Prices::Net,
        Kind::StartedSubscription(subscription)
        | Kind::CancelledSubscription(subscription)
        | Kind::PlacedRecurringSubscriptionOrder(subscription)
        | Kind::Lifecycle(_, subscription)
        | Kind::Custom(_, Some(subscription)) => {
            if let Some(order) = &mut subscription.order {
                order.prices = Prices::Net;
            }
        }
        Kind::ReceivedRefund(_) | Kind::Custom(_, None) => {}
    }
    event
}

proptest! {
    #[test]
    fn reading_back_loses_nothing(event in event()) {
        let body = event.to_json();
        let read = Event::from_json(&body).unwrap();
        prop_assert_eq!(read.to_json(), body);
        prop_assert_eq!(without_prices(read), event);
    }

    #[test]
    fn what_is_written_has_no_errors(event in event()) {
        let report = check(&event.to_json());
        prop_assert!(report.is_sendable(), "{:?}", report.findings);
        prop_assert_eq!(report.event_name.as_deref(), Some(event.kind.name()));
        prop_assert_eq!(report.event_id.as_deref(), Some(event.id.as_str()));
        prop_assert_eq!(report.channel, Some(event.channel));
    }

    #[test]
    fn bytes_never_make_it_panic(body in vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), event in event()) {
        let _ = Event::from_json(&body);
        let mut cut = event.to_json();
        cut.truncate(at.index(cut.len()));
        prop_assert!(Event::from_json(&cut).is_err());
        prop_assert!(!check(&cut).is_sendable());
    }
}

const BODY: &str = r#"{"event_name":"Placed Order","event_id":"1","properties":{"id":"1","total_price":2,"currency":"USD","items":[{"product_id":"p","name":"n","price":2,"currency":"USD","quantity":1}],"$sales_channel_type":"web"},"profile_properties":{},"aliases":["urn:a:b"],"timestamp":"2026-11-02T10:15:30Z"}"#;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_body_that_nobody_here_writes_is_refused_with_a_path() {
    assert!(Event::from_json(BODY.as_bytes()).is_ok());
    for (old, new, code, path) in [
        ("\"Placed Order\"", "7", Code::PayloadType, "event_name"),
        (r#""event_id":"1","#, "", Code::PayloadMissing, "event_id"),
        (
            r#""total_price":2"#,
            r#""total_price":"2""#,
            Code::AmountInvalid,
            "properties.total_price",
        ),
        (
            r#""total_price":2,"#,
            "",
            Code::PayloadMissing,
            "properties.total_price",
        ),
        (
            r#""USD","items""#,
            r#""EUR","items""#,
            Code::CurrencyMixed,
            "properties.items[0].currency",
        ),
        (
            r#""quantity":1"#,
            r#""quantity":1.5"#,
            Code::QuantityInvalid,
            "properties.items[0].quantity",
        ),
        (
            r#""quantity":1"#,
            r#""quantity":1,"discount":2"#,
            Code::PayloadType,
            "properties.items[0].discount",
        ),
        (
            r#""id":"1","total"#,
            r#""id":"1","$unknown":"1","total"#,
            Code::PayloadType,
            "properties.$unknown",
        ),
        (
            r#""id":"1","total"#,
            r#""id":"1","x":[],"total"#,
            Code::PayloadType,
            "properties.x",
        ),
        (
            r#""id":"1","total"#,
            r#""id":"1","id":"1","total"#,
            Code::PayloadType,
            "properties.id",
        ),
        (
            r#""id":"1","total"#,
            r#""id":"1","total_discount":-1,"total"#,
            Code::AmountInvalid,
            "properties.total_discount",
        ),
        (
            r#""web""#,
            r#""shop""#,
            Code::PayloadType,
            "properties.$sales_channel_type",
        ),
        (
            r#""web""#,
            r#""web","$email":"A@example.com""#,
            Code::PayloadType,
            "properties.$email",
        ),
        (
            "{},",
            r#"{"$email":"a@example.com"},"#,
            Code::PayloadType,
            "profile_properties",
        ),
        (
            "{},",
            r#"{"$age":1},"#,
            Code::PayloadType,
            "profile_properties.$age",
        ),
        (r#"["urn:a:b"]"#, "[]", Code::PayloadType, "aliases"),
        (
            r#"["urn:a:b"]"#,
            r#"["a","a"]"#,
            Code::PayloadType,
            "aliases",
        ),
        (
            r#"["urn:a:b"]"#,
            r#"["a"," "]"#,
            Code::PayloadType,
            "aliases[1]",
        ),
        ("10:15:30Z", "10:15:30", Code::TimeInvalid, "timestamp"),
        ("30Z\"}", "30Z\",\"more\":1}", Code::PayloadType, "more"),
        ("30Z\"}", "30Z\"", Code::PayloadSyntax, "$"),
    ] {
        assert!(BODY.contains(old), "{old}");
        let error = Event::from_json(BODY.replacen(old, new, 1).as_bytes()).unwrap_err();
        assert_eq!((error.code(), error.path()), (code, path), "{new}: {error}");
    }
}

#[test]
fn tax_inside_is_found_again() {
    let body = BODY.replace(r#""total_price":2"#, r#""total_price":2,"total_tax":0.5"#);
    let event = Event::from_json(body.as_bytes()).unwrap();
    assert_eq!(event.kind.order().unwrap().prices, Prices::TaxInside);
}

//! Walks, with answers by hand.

use orderbridge_event::{
    Answer, Api, Headers, Payload, Pull as _, PullError, PullSettings, Secret, Step, Taken,
    Timestamp, Trouble,
};

use super::Rest;
use crate::topics;

fn settings(url: Option<&str>) -> PullSettings {
    let mut settings = PullSettings::default();
    settings.secrets.insert("access_token", Secret::new("sk_1"));
    if let Some(url) = url {
        settings.texts.insert("api_url", url.to_owned());
    }
    settings
}

fn shop() -> Box<dyn Api> {
    Rest.open(&settings(None)).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-06-30T10:00:00Z")
}

fn url(api: &dyn Api, position: &str) -> String {
    match api.step(position, now()).unwrap() {
        Step::Ask(request) => request.url,
        other => panic!("{other:?}"),
    }
}

fn answer(api: &dyn Api, position: &str, status: u16, body: &str) -> Result<Taken, PullError> {
    let answer = Answer {
        status,
        headers: Headers::new(&[]),
        body: body.as_bytes(),
    };
    api.take(position, &answer, now())
}

fn named(taken: &Taken) -> Vec<&str> {
    taken.payloads.iter().map(|it| it.topic.as_str()).collect()
}

#[test]
fn settings_are_checked_and_every_request_has_token_and_version() {
    let wrong = Rest
        .open(&settings(Some("api.rechargeapps.com")))
        .unwrap_err();
    assert!(wrong.to_string().starts_with("api_url must be a URL"));
    let missing = Rest.open(&PullSettings::default()).unwrap_err();
    assert_eq!(missing.to_string(), "access_token is missing");
    let api = shop();
    assert!(!format!("{api:?}").contains("sk_1"));
    let position = api.round("charges", None, now()).unwrap();
    let Step::Ask(request) = api.step(&position, now()).unwrap() else {
        panic!("nothing to ask");
    };
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (*name, value.expose()))
        .collect();
    let expected = [
        ("x-recharge-access-token", "sk_1"),
        ("x-recharge-version", "2021-11"),
    ];
    assert_eq!(headers, expected);
}

#[test]
fn a_cursor_stands_alone_and_is_begun_anew_once_when_it_is_refused() {
    let api = shop();
    let first = api.round("charges", None, now()).unwrap();
    let asked = "https://api.rechargeapps.com/charges?limit=250";
    let filtered = format!("{asked}&updated_at_min=2026-06-30T09%3A50%3A00Z");
    assert_eq!(url(&*api, &first), filtered);
    let page = r#"{"charges": [], "next_cursor": "a=b"}"#;
    let taken = answer(&*api, &first, 200, page).unwrap();
    assert_eq!(url(&*api, &taken.position), format!("{asked}&cursor=a%3Db"));
    let again = answer(&*api, &taken.position, 422, "{}").unwrap();
    assert_eq!(url(&*api, &again.position), filtered);
    let taken = answer(&*api, &again.position, 200, page).unwrap();
    let error = answer(&*api, &taken.position, 422, r#"{"errors": "words"}"#).unwrap_err();
    assert_eq!(error.trouble, Trouble::Refused);
    assert_eq!(error.message, "Recharge refuses charges: status 422");
    // The shorter name of a cursor, and a list that stays where it is.
    let page = r#"{"charges": [], "next": "c"}"#;
    let taken = answer(&*api, &first, 200, page).unwrap();
    assert!(url(&*api, &taken.position).ends_with("cursor=c"));
    let taken = answer(&*api, &taken.position, 200, page).unwrap();
    assert!(matches!(api.step(&taken.position, now()), Ok(Step::Done)));
    assert_eq!(api.read_up_to("charges", &taken.position), Some(now()));
    let next = api.round("charges", Some(&taken.position), at("2026-06-30T11:00:00Z"));
    assert_eq!(url(&*api, &next.unwrap()), filtered, "from where it ended");
}

#[test]
fn a_round_takes_what_happened_since_the_first_one() {
    let api = shop();
    let charge = |id: u32, status: &str, at: &str| {
        format!(
            r#"{{"id": {id}, "status": "{status}", "processed_at": {at}, "updated_at": "x", "p": 1.50}}"#
        )
    };
    let charges = [
        charge(1, "success", "\"2026-06-30T09:55:00+00:00\""),
        charge(2, "queued", "null"),
        charge(3, "success", "\"2026-05-30T09:55:00+00:00\""),
        charge(4, "PARTIALLY_REFUNDED", "\"2026-06-30T05:55:00\""),
    ];
    let first = api.round("charges", None, now()).unwrap();
    let page = format!(r#"{{"charges": [{}]}}"#, charges.join(","));
    let taken = answer(&*api, &first, 200, &page).unwrap();
    let ids: Vec<&str> = taken
        .payloads
        .iter()
        .filter_map(|it| it.id.as_deref())
        .collect();
    assert_eq!(ids, ["1 x", "4 x"], "paid, and not before");
    assert_eq!(
        taken.payloads[0].body,
        charges[0].as_bytes(),
        "byte for byte"
    );
    assert!(taken.is_second_hand);

    let subscription = |id: u32, created: &str, cancelled: &str| {
        format!(
            r#"{{"id": {id}, "created_at": "{created}", "cancelled_at": {cancelled}, "updated_at": "x"}}"#
        )
    };
    let (before, since) = ("2026-05-30T09:55:00+00:00", "2026-06-30T09:55:00+00:00");
    let subscriptions = [
        subscription(1, since, "null"),
        subscription(2, before, &format!("\"{since}\"")),
        subscription(3, before, "null"),
        subscription(4, before, &format!("\"{before}\"")),
    ];
    let first = api.round("subscriptions", None, now()).unwrap();
    let page = format!(r#"{{"subscriptions": [{}]}}"#, subscriptions.join(","));
    let taken = answer(&*api, &first, 200, &page).unwrap();
    assert_eq!(
        named(&taken),
        ["GET /subscriptions", "subscription/cancelled"]
    );
    assert!(
        taken.payloads[0]
            .body
            .starts_with(br#"{"subscription":{"id": 1,"#)
    );
}

#[test]
fn history_takes_orders_only_where_charges_are_not_to_be_had() {
    let api = shop();
    let lists = |since: &str| {
        let mut position = api.history(at(since), now()).unwrap();
        let mut lists = Vec::new();
        while let Step::Ask(request) = api.step(&position, now()).unwrap() {
            let (_, list) = request.url.split_once(".com/").unwrap();
            lists.push(list.to_owned());
            let name = list.split('?').next().unwrap();
            let page = format!(r#"{{"{name}": [], "next_cursor": null}}"#);
            position = answer(&*api, &position, 200, &page).unwrap().position;
        }
        lists
    };
    let (since, until) = ("2026-05-31T10%3A00%3A00Z", "2026-07-01T10%3A00%3A00Z");
    let recent = [
        format!("charges?limit=250&processed_at_min={since}&processed_at_max={until}"),
        format!("subscriptions?limit=250&created_at_min={since}&created_at_max={until}"),
        format!("subscriptions?limit=250&status=cancelled&updated_at_min={since}"),
    ];
    assert_eq!(lists("2026-06-01T10:00:00Z"), recent);
    let older = lists("2026-03-01T00:00:00Z");
    assert_eq!(older.len(), 4);
    assert!(older[1].starts_with("orders?"), "{older:?}");
}

#[test]
fn an_order_stands_for_its_charge_once_that_is_not_given_out() {
    let api = shop();
    let mut position = api.history(at("2026-01-01T00:00:00Z"), now()).unwrap();
    position = answer(&*api, &position, 200, r#"{"charges": []}"#)
        .unwrap()
        .position;
    let order = |id: u32, processed: &str| {
        format!(r#"{{"id": {id}, "processed_at": "{processed}", "updated_at": "x"}}"#)
    };
    let orders = [
        order(1, "2026-03-01T09:00:00+00:00"),
        order(2, "2026-06-01T09:00:00+00:00"),
        order(3, "2025-12-31T23:00:00+00:00"),
    ];
    let page = format!(r#"{{"orders": [{}]}}"#, orders.join(","));
    let taken = answer(&*api, &position, 200, &page).unwrap();
    assert_eq!(named(&taken), ["old-order"]);
    assert!(topics::action("old-order").is_some());
    let payload = Payload {
        topic: &taken.payloads[0].topic,
        body: &taken.payloads[0].body,
    };
    assert_eq!(payload.body, orders[0].as_bytes());
}

#[test]
fn a_customer_is_looked_up() {
    let api = shop();
    let position = api.lookup("GET /customers/7").unwrap();
    assert_eq!(
        url(&*api, &position),
        "https://api.rechargeapps.com/customers/7"
    );
    let taken = answer(&*api, &position, 200, r#"{"customer": {"id": 7}}"#).unwrap();
    assert_eq!(taken.payloads[0].body, br#"{"id": 7}"#);
    let error = answer(&*api, &position, 404, "{}").unwrap_err();
    assert_eq!(error.trouble, Trouble::Missing);
    assert!(api.lookup("GET /orders/7").is_err());
}

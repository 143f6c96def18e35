//! Refunds, and the token for personal data.

use super::*;

fn with_refunds() -> Box<dyn Api> {
    let mut settings = settings(&[("region", "eu")], &["DE"]);
    settings.switches.insert("fetch_refunds", true);
    SellingPartner.open(&settings).unwrap()
}

#[test]
fn personal_data_of_the_older_api_takes_another_token() {
    let mut settings = settings(&[("api_version", "v0"), ("region", "eu")], &["DE"]);
    settings.switches.insert("sandbox", true);
    let plain = SellingPartner.open(&settings).unwrap();
    assert!(plain.personal_sign_in().is_none());
    settings.switches.insert("restricted_data", true);
    let api = SellingPartner.open(&settings).unwrap();
    let sign_in = api.personal_sign_in().unwrap();
    // Amazon's sandbox has none of its own.
    let url = "https://sellingpartnerapi-eu.amazon.com/tokens/2021-03-01/restrictedDataToken";
    assert_eq!(sign_in.url, url);
    assert!(!sign_in.is_personal && sign_in.token.is_some());
    let body = sign_in.body.unwrap().1;
    assert!(
        body.expose()
            .contains("/orders/v0/orders/{orderId}/orderItems")
    );
    let position = api
        .fetch(&orderbridge_event::Text::new("1").unwrap())
        .unwrap();
    let order = answer(
        &*api,
        &position,
        200,
        r#"{"payload": {"AmazonOrderId": "1"}}"#,
    );
    for position in [position, order.unwrap().position] {
        let Step::Ask(request) = api.step(&position, now()).unwrap() else {
            panic!("no request");
        };
        assert!(request.is_personal, "{}", request.url);
    }
    let told = Answer {
        status: 200,
        headers: Headers::new(&[]),
        body: br#"{"restrictedDataToken": "r", "expiresIn": 3600}"#,
    };
    assert_eq!(api.token(&told).unwrap().value, Secret::new("r"));
}

const REFUND: &str = r#"{"transactionType": "Refund", "transactionId": "t-1",
    "transactionStatus": "RELEASED", "totalAmount": {"currencyAmount": -19.04}}"#;

#[test]
fn refunds_are_a_walk_of_their_own() {
    assert!(
        !seller(&[], &["DE"])
            .streams()
            .contains(&"refunds".to_owned())
    );
    let api = with_refunds();
    assert!(api.streams().contains(&"refunds".to_owned()));
    let first = api.round("refunds", None, now()).unwrap();
    assert!(
        matches!(api.step(&first, now()), Ok(Step::Done)),
        "history is a backfill's"
    );
    let soon = api.round("refunds", Some(&first), at("2026-03-02T10:30:00Z"));
    assert!(matches!(api.step(&soon.unwrap(), now()), Ok(Step::Done)));

    let due = api
        .round("refunds", Some(&first), at("2026-03-02T12:00:00Z"))
        .unwrap();
    let asked = url(&*api, &due);
    assert!(
        asked.contains("postedAfter=2026-03-02T09%3A57%3A00Z"),
        "never before the first round: {asked}"
    );
    assert!(!asked.contains("marketplace"), "{asked}");
    // An empty page may have a next one.
    let empty = r#"{"payload": {"nextToken": "t/1"}}"#;
    let taken = answer(&*api, &due, 200, empty).unwrap();
    assert!(taken.payloads.is_empty());
    assert_eq!(
        url(&*api, &taken.position),
        format!("{asked}&nextToken=t%2F1")
    );
    let page = format!(
        r#"{{"payload": {{"transactions": [{{"transactionType": "Shipment"}}, {REFUND}]}}}}"#
    );
    let taken = answer(&*api, &taken.position, 200, &page).unwrap();
    let [refund] = taken.payloads.as_slice() else {
        panic!("only refunds are handed on");
    };
    assert_eq!(refund.id.as_deref(), Some("t-1 RELEASED"));
    assert_eq!(refund.body, REFUND.as_bytes());
    let read = api.read_up_to("refunds", &taken.position);
    assert_eq!(read, Some(at("2026-03-02T11:57:00Z")));

    // Two days back for what was late, and once a day a month back for what was deferred.
    let week = at("2026-03-09T12:00:00Z");
    let swept = api.round("refunds", Some(&taken.position), week).unwrap();
    assert!(url(&*api, &swept).contains("postedAfter=2026-03-02T09%3A57"));
    let taken = answer(&*api, &swept, 200, r#"{"payload": {}}"#).unwrap();
    let next = api.round("refunds", Some(&taken.position), at("2026-03-09T14:00:00Z"));
    assert!(url(&*api, &next.unwrap()).contains("postedAfter=2026-03-07T11%3A57"));
}

#[test]
fn a_backfill_reads_refunds_after_orders_and_in_parts() {
    let api = with_refunds();
    let (since, until) = (at("2025-01-01T00:00:00Z"), at("2025-01-20T00:00:00Z"));
    let orders_only = api.history(since, until).unwrap();
    assert!(orders_only.contains("history"), "a comparison is of orders");
    let end_of_orders = |position: &str| {
        let ordered = answer(&*api, position, 202, r#"{"reportId": "r"}"#).unwrap();
        let none = r#"{"processingStatus": "CANCELLED"}"#;
        answer(&*api, &ordered.position, 200, none)
            .unwrap()
            .position
    };
    assert!(matches!(
        api.step(&end_of_orders(&orders_only), now()),
        Ok(Step::Done)
    ));
    let refunds = end_of_orders(&api.backfill(since, until).unwrap());
    let asked = url(&*api, &refunds);
    assert!(
        asked.contains("/finances/2024-06-19/transactions?postedAfter=2025-01-01"),
        "{asked}"
    );
    assert!(asked.contains("postedBefore=2025-01-20"), "{asked}");
    let refused = answer(
        &*api,
        &refunds,
        400,
        r#"{"errors": [{"code": "InvalidInput"}]}"#,
    );
    assert_eq!(refused.unwrap_err().trouble, Trouble::Refused);
    let last = answer(&*api, &refunds, 200, r#"{"payload": {"transactions": []}}"#).unwrap();
    assert!(matches!(api.step(&last.position, now()), Ok(Step::Done)));
}

//! Walks, with answers by hand.

use orderbridge_event::{
    Answer, Api, Headers, Payload, Pull as _, PullError, PullSettings, Secret, Step, Taken,
    Timestamp, Trouble,
};

use super::SellingPartner;

mod finances;

fn settings(texts: &[(&'static str, &str)], marketplaces: &[&str]) -> PullSettings {
    let mut settings = PullSettings::default();
    for key in ["client_id", "client_secret", "refresh_token"] {
        settings
            .secrets
            .insert(key, Secret::new(format!("the {key}&")));
    }
    for (key, text) in texts {
        settings.texts.insert(key, (*text).to_owned());
    }
    let list = marketplaces.iter().map(|it| (*it).to_owned()).collect();
    settings.lists.insert("marketplaces", list);
    settings
}

fn seller(texts: &[(&'static str, &str)], marketplaces: &[&str]) -> Box<dyn Api> {
    SellingPartner.open(&settings(texts, marketplaces)).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-03-02T10:00:00Z")
}

fn url(api: &dyn Api, position: &str) -> String {
    match api.step(position, now()).unwrap() {
        Step::Ask(request) | Step::Download(request, _) => request.url,
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

const ORDER: &str = r#"{"orderId": "111-1", "lastUpdatedTime": "2026-03-02T09:47:11Z", "x": 1.50}"#;

#[test]
fn settings_are_checked() {
    let wrong = |texts: &[(&'static str, &str)], marketplaces: &[&str]| {
        let opened = SellingPartner.open(&settings(texts, marketplaces));
        opened.unwrap_err().to_string()
    };
    assert_eq!(
        wrong(&[("region", "us")], &[]),
        "region must be one of na, eu, fe"
    );
    assert!(wrong(&[], &[]).starts_with("region is missing"));
    assert!(wrong(&[("region", "na")], &["DE"]).contains("served by region \"eu\""));
    assert!(wrong(&[("region", "na")], &["Narnia"]).contains("neither a country"));
    assert!(wrong(&[("region", "na"), ("api_version", "v1")], &[]).contains("2026-01-01, v0"));
    assert!(wrong(&[("region", "na"), ("api_url", "x")], &[]).contains("must be a URL"));
    let api = seller(&[], &["UK", "A1PA6795UKMFR9"]);
    assert_eq!(
        api.streams(),
        ["orders A1F83G8C2ARO7P", "orders A1PA6795UKMFR9", "sweep"]
    );
    assert!(!format!("{api:?}").contains("the "));
    let request = api.sign_in().unwrap();
    assert_eq!(request.url, "https://api.amazon.com/auth/o2/token");
    let (_, body) = request.body.unwrap();
    assert!(body.expose().contains("client_id=the%20client_id%26"));
}

#[test]
fn a_round_walks_through_all_pages_with_the_same_filters() {
    let api = seller(&[("region", "na")], &["US"]);
    let first = api.round("orders ATVPDKIKX0DER", None, now()).unwrap();
    let asked = url(&*api, &first);
    for part in [
        "https://sellingpartnerapi-na.amazon.com/orders/2026-01-01/orders?",
        "lastUpdatedAfter=2026-03-02T09%3A27%3A00Z",
        "lastUpdatedBefore=2026-03-02T09%3A57%3A00Z",
        "marketplaceIds=ATVPDKIKX0DER",
        "PROCEEDS",
    ] {
        assert!(asked.contains(part), "{part} in {asked}");
    }
    let page = format!(r#"{{"orders": [{ORDER}], "pagination": {{"nextToken": "t/1"}}}}"#);
    let taken = answer(&*api, &first, 200, &page).unwrap();
    assert_eq!(
        taken.payloads[0].id.as_deref(),
        Some("111-1 2026-03-02T09:47:11Z")
    );
    assert_eq!(taken.payloads[0].body, ORDER.as_bytes(), "byte for byte");
    assert_eq!(
        url(&*api, &taken.position),
        format!("{asked}&paginationToken=t%2F1")
    );

    // An empty page may have a next one, too.
    let page = r#"{"orders": [], "pagination": {"nextToken": "t2"}}"#;
    let taken = answer(&*api, &taken.position, 200, page).unwrap();
    let last = r#"{"orders": [], "lastUpdatedBefore": "2026-03-02T09:56:00Z"}"#;
    let taken = answer(&*api, &taken.position, 200, last).unwrap();
    assert!(matches!(api.step(&taken.position, now()), Ok(Step::Done)));
    let read = api.read_up_to("orders ATVPDKIKX0DER", &taken.position);
    assert_eq!(read, Some(at("2026-03-02T09:56:00Z")));
    let next = api.round("orders ATVPDKIKX0DER", Some(&taken.position), now());
    assert!(url(&*api, &next.unwrap()).contains("After=2026-03-02T09%3A26%3A00Z"));
}

#[test]
fn tokens_that_repeat_or_are_refused_end_no_walk() {
    let api = seller(&[("region", "eu")], &[]);
    let first = api.round("orders", None, now()).unwrap();
    let page = |token: &str| {
        format!(r#"{{"orders": [{ORDER}], "pagination": {{"nextToken": "{token}"}}}}"#)
    };
    let one = answer(&*api, &first, 200, &page("a")).unwrap();
    let two = answer(&*api, &one.position, 200, &page("b")).unwrap();
    let circle = answer(&*api, &two.position, 200, &page("a")).unwrap();
    assert!(matches!(api.step(&circle.position, now()), Ok(Step::Done)));
    let read = api.read_up_to("orders", &circle.position);
    assert_eq!(
        read,
        Some(at("2026-03-02T09:47:11Z")),
        "up to the newest seen"
    );

    let refused = r#"{"errors": [{"code": "InvalidInput", "message": "words"}]}"#;
    let again = answer(&*api, &two.position, 400, refused).unwrap();
    assert_eq!(
        url(&*api, &again.position),
        url(&*api, &first),
        "from the start"
    );
    let error = answer(&*api, &again.position, 400, refused).unwrap_err();
    assert_eq!(error.trouble, Trouble::Refused);
    assert_eq!(error.message, "searchOrders: status 400 InvalidInput");

    // A day later the token is dead; the window goes on from where it began.
    let later = api
        .round("orders", Some(&one.position), at("2026-03-03T10:00:00Z"))
        .unwrap();
    assert!(!url(&*api, &later).contains("paginationToken"));
    let soon = api
        .round("orders", Some(&one.position), at("2026-03-02T11:00:00Z"))
        .unwrap();
    assert_eq!(soon, one.position);
    let cut = answer(&*api, &first, 200, "{\"orders\": [").unwrap_err();
    assert_eq!(cut.trouble, Trouble::Answer);
}

#[test]
fn a_notification_leads_to_its_order() {
    let body = |status: &str| {
        format!(
            r#"{{"NotificationType": "ORDER_CHANGE", "Payload": {{"OrderChangeNotification":
               {{"AmazonOrderId": "111-1", "Summary": {{"OrderStatus": "{status}"}}}}}}}}"#
        )
    };
    let wakes = |body: &str| {
        let topic = "order";
        let body = body.as_bytes();
        SellingPartner.wakes(Payload { topic, body })
    };
    assert!(wakes(&body("Pending")).is_empty());
    assert!(wakes(ORDER).is_empty());
    let wanted = wakes(&body("Unshipped"));
    let api = seller(&[("region", "eu")], &[]);
    let position = api.fetch(&wanted[0]).unwrap();
    assert!(url(&*api, &position).contains("/orders/2026-01-01/orders/111-1?includedData=BUYER"));
    let taken = answer(&*api, &position, 200, &format!(r#"{{"order": {ORDER}}}"#)).unwrap();
    assert_eq!(taken.payloads[0].body, ORDER.as_bytes());
    assert!(matches!(api.step(&taken.position, now()), Ok(Step::Done)));
    let missing = answer(&*api, &position, 404, "{}").unwrap_err();
    assert_eq!(missing.trouble, Trouble::Missing);
}

#[test]
fn the_older_api_needs_two_answers_for_an_order() {
    let api = seller(&[("region", "eu"), ("api_version", "v0")], &["DE"]);
    let first = api.round("orders A1PA6795UKMFR9", None, now()).unwrap();
    assert!(url(&*api, &first).contains("/orders/v0/orders?MarketplaceIds=A1PA6795UKMFR9"));
    let page = r#"{"payload": {"Orders": [{"AmazonOrderId": "1", "OrderStatus": "Unshipped",
                  "LastUpdateDate": "2026-03-02T09:00:00Z"}]}}"#;
    let taken = answer(&*api, &first, 200, page).unwrap();
    let found = &taken.payloads[0];
    let payload = Payload {
        topic: &found.topic,
        body: &found.body,
    };
    let wanted = SellingPartner.wakes(payload);
    let position = api.fetch(&wanted[0]).unwrap();
    let order = r#"{"AmazonOrderId":"1","LastUpdateDate":"2026-03-02T09:00:00Z"}"#;
    let taken = answer(&*api, &position, 200, &format!(r#"{{"payload": {order}}}"#)).unwrap();
    assert!(url(&*api, &taken.position).ends_with("/orders/v0/orders/1/orderItems"));
    let items = r#"{"payload": {"OrderItems": [{"ASIN":"A"}], "NextToken": "n"}}"#;
    let taken = answer(&*api, &taken.position, 200, items).unwrap();
    assert!(url(&*api, &taken.position).ends_with("orderItems?NextToken=n"));
    let items = r#"{"payload": {"OrderItems": [{"ASIN":"B"}]}}"#;
    let taken = answer(&*api, &taken.position, 200, items).unwrap();
    assert_eq!(taken.payloads[0].topic, "v0-order");
    let body = String::from_utf8_lossy(&taken.payloads[0].body).into_owned();
    assert_eq!(
        body,
        format!(r#"{{"order":{order},"items":[{{"ASIN":"A"}},{{"ASIN":"B"}}]}}"#)
    );
    // Nothing is a list.
    let taken = answer(&*api, &first, 200, r#"{"payload": []}"#).unwrap();
    assert!(taken.payloads.is_empty());
}

#[test]
fn history_is_read_by_reports_of_thirty_days() {
    let api = seller(&[("region", "eu")], &["DE"]);
    let since = at("2026-01-01T00:00:00Z");
    let first = api.history(since, at("2026-02-10T00:00:00Z")).unwrap();
    let Step::Ask(request) = api.step(&first, now()).unwrap() else {
        panic!("no request");
    };
    let body = request.body.unwrap().1;
    assert!(
        body.expose()
            .contains(r#""dataEndTime":"2026-01-31T00:00:00Z""#)
    );
    let ordered = answer(&*api, &first, 202, r#"{"reportId": "r1"}"#).unwrap();
    assert!(url(&*api, &ordered.position).ends_with("/reports/r1"));
    let waits = answer(
        &*api,
        &ordered.position,
        200,
        r#"{"processingStatus": "IN_QUEUE"}"#,
    );
    let waits = waits.unwrap().position;
    assert!(matches!(api.step(&waits, now()), Ok(Step::Wait(_))));
    let done = r#"{"processingStatus": "DONE", "reportDocumentId": "d1"}"#;
    let ready = answer(&*api, &waits, 200, done).unwrap().position;
    assert!(matches!(api.step(&ready, now()), Ok(Step::Download(_, 0))));
    let further = api.reported(&ready, 7, false).unwrap();
    assert!(matches!(
        api.step(&further, now()),
        Ok(Step::Download(_, 7))
    ));
    let second = api.reported(&further, 9, true).unwrap();
    let Step::Ask(request) = api.step(&second, now()).unwrap() else {
        panic!("no request");
    };
    let body = request.body.unwrap().1;
    assert!(
        body.expose()
            .contains(r#""dataStartTime":"2026-01-31T00:00:00Z""#)
    );

    // No data, and a failure that is tried again.
    let ordered = answer(&*api, &second, 202, r#"{"reportId": "r2"}"#)
        .unwrap()
        .position;
    let none = answer(&*api, &ordered, 200, r#"{"processingStatus": "CANCELLED"}"#).unwrap();
    assert!(matches!(api.step(&none.position, now()), Ok(Step::Done)));
    let mut position = second;
    for _ in 0..2 {
        let ordered = answer(&*api, &position, 202, r#"{"reportId": "r"}"#)
            .unwrap()
            .position;
        let fatal = answer(&*api, &ordered, 200, r#"{"processingStatus": "FATAL"}"#);
        position = fatal.unwrap().position;
        assert!(matches!(api.step(&position, now()), Ok(Step::Wait(_))));
    }
    let ordered = answer(&*api, &position, 202, r#"{"reportId": "r"}"#)
        .unwrap()
        .position;
    let fatal = answer(&*api, &ordered, 200, r#"{"processingStatus": "FATAL"}"#).unwrap_err();
    assert_eq!(fatal.trouble, Trouble::Refused);
}

#[test]
fn a_daily_report_finds_what_a_search_has_missed() {
    let api = seller(&[("region", "eu")], &["DE"]);
    let first = api.round("sweep", None, now()).unwrap();
    assert!(
        matches!(api.step(&first, now()), Ok(Step::Done)),
        "not at once"
    );
    let soon = api
        .round("sweep", Some(&first), at("2026-03-03T09:00:00Z"))
        .unwrap();
    assert!(matches!(api.step(&soon, now()), Ok(Step::Done)));
    let tomorrow = at("2026-03-03T10:00:00Z");
    let due = api.round("sweep", Some(&soon), tomorrow).unwrap();
    let Step::Ask(request) = api.step(&due, tomorrow).unwrap() else {
        panic!("no request");
    };
    let body = request.body.unwrap().1;
    assert!(body.expose().contains("BY_LAST_UPDATE"));
    assert!(
        body.expose()
            .contains(r#""dataStartTime":"2026-02-27T10:00:00Z""#)
    );
    assert_eq!(api.round("sweep", Some(&due), tomorrow).unwrap(), due);
}

#[test]
fn a_position_of_another_version_is_refused() {
    let api = seller(&[("region", "eu")], &[]);
    assert!(api.step("page 7", now()).is_err());
    assert!(api.round("orders", Some("page 7"), now()).is_err());
}

#[test]
fn the_token_service_is_understood() {
    let api = seller(&[("region", "eu")], &[]);
    let read = |status, body: &str| {
        let answer = Answer {
            status,
            headers: Headers::new(&[]),
            body: body.as_bytes(),
        };
        api.token(&answer)
    };
    let token = read(
        200,
        r#"{"access_token": "t", "token_type": "bearer", "expires_in": 3600}"#,
    );
    assert_eq!(token.unwrap().lifetime.as_secs(), 3600);
    let error = read(
        400,
        r#"{"error": "invalid_grant", "error_description": "words"}"#,
    );
    let error = error.unwrap_err();
    assert_eq!(error.trouble, Trouble::Credentials);
    assert_eq!(error.message, "Login with Amazon: status 400 invalid_grant");
}

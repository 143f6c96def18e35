//! Walks, with answers by hand.

use orderbridge_event::{
    Answer, Api, Headers, Pull as _, PullError, PullSettings, Secret, Step, Taken, Timestamp,
    Trouble,
};

use super::Rest;

fn settings(url: Option<&str>) -> PullSettings {
    let mut settings = PullSettings::default();
    settings.secrets.insert("api_key", Secret::new("rk_1"));
    if let Some(url) = url {
        settings.texts.insert("api_url", url.to_owned());
    }
    settings
}

fn account() -> Box<dyn Api> {
    Rest.open(&settings(None)).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-03-02T10:00:00Z")
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

/// A page of objects.
fn page(objects: &[&str], has_more: bool) -> String {
    let data = objects.join(",");
    format!(r#"{{"object": "list", "has_more": {has_more}, "data": [{data}]}}"#)
}

const EMPTY: &str = r#"{"object": "list", "data": []}"#;

#[test]
fn settings_are_checked_and_the_key_goes_with_each_request() {
    let wrong = Rest.open(&settings(Some("api.stripe.com"))).unwrap_err();
    assert!(wrong.to_string().starts_with("api_url must be a URL"));
    let missing = Rest.open(&PullSettings::default()).unwrap_err();
    assert_eq!(missing.to_string(), "api_key is missing");
    let api = account();
    assert!(!format!("{api:?}").contains("rk_1"));
    let position = api.round("events", None, now()).unwrap();
    let Step::Ask(request) = api.step(&position, now()).unwrap() else {
        panic!("nothing to ask");
    };
    let authorization = request
        .headers
        .iter()
        .find(|(name, _)| *name == "authorization");
    assert_eq!(authorization.unwrap().1.expose(), "Bearer rk_1");
}

#[test]
fn a_round_reads_the_events_that_make_events() {
    let api = account();
    let first = api.round("events", None, now()).unwrap();
    let asked = url(&*api, &first);
    let since = now().unix() - 600;
    let begin =
        format!("https://api.stripe.com/v1/events?limit=100&created%5Bgte%5D={since}&types");
    assert!(asked.starts_with(&begin), "{asked}");
    for kind in [
        "invoice.paid",
        "charge.refunded",
        "customer.subscription.deleted",
    ] {
        assert!(asked.contains(&format!("%5D={kind}")), "{kind} in {asked}");
    }
    assert!(
        !asked.contains("invoice.created") && !asked.contains("GET"),
        "{asked}"
    );

    let event = r#"{"id": "evt_9", "object": "event", "x": 1.50}"#;
    let taken = answer(&*api, &first, 200, &page(&[event], true)).unwrap();
    assert_eq!(taken.payloads[0].body, event.as_bytes(), "byte for byte");
    assert!(!taken.is_second_hand);
    let next = url(&*api, &taken.position);
    assert!(next.contains("&starting_after=evt_9&"), "{next}");

    // Where Stripe no longer knows the place, the round begins anew, once.
    let gone = r#"{"error": {"code": "resource_missing", "message": "No such event"}}"#;
    let again = answer(&*api, &taken.position, 400, gone).unwrap();
    assert_eq!(url(&*api, &again.position), asked);
    let error = answer(&*api, &again.position, 400, gone).unwrap_err();
    assert_eq!(error.message, "Stripe refuses events: resource_missing");

    let taken = answer(&*api, &again.position, 200, EMPTY).unwrap();
    assert!(matches!(api.step(&taken.position, now()), Ok(Step::Done)));
    assert_eq!(api.read_up_to("events", &taken.position), Some(now()));
    let next = api.round("events", Some(&taken.position), at("2026-03-02T11:00:00Z"));
    assert_eq!(url(&*api, &next.unwrap()), asked, "from where it ended");
    let unfinished = api.round("events", Some(&first), now()).unwrap();
    assert_eq!(unfinished, first);
}

#[test]
fn history_is_read_from_one_list_after_the_other() {
    let api = account();
    let (since, until) = (at("2026-02-01T00:00:00Z"), now());
    let mut position = api.history(since, until).unwrap();
    let paid = |id: &str, at: i64| {
        format!(r#"{{"id": "{id}", "status": "paid", "status_transitions": {{"paid_at": {at}}}}}"#)
    };
    let ended =
        |id: &str, at: &str| format!(r#"{{"id": "{id}", "livemode": true, "ended_at": {at}}}"#);
    let inside = until.unix() - 5;
    let invoices = [paid("in_1", inside), paid("in_2", since.unix() - 1)];
    let ends = [
        ended("sub_2", &inside.to_string()),
        ended("sub_3", &until.unix().to_string()),
        ended("sub_4", "null"),
    ];
    let table = [
        (
            "/v1/events",
            page(&[r#"{"id": "evt_1"}"#], false),
            vec!["event"],
        ),
        (
            "/v1/invoices",
            page(&[&invoices[0], &invoices[1]], false),
            vec!["GET /v1/invoices"],
        ),
        (
            "/v1/subscriptions",
            page(&[r#"{"id": "sub_1"}"#], false),
            vec!["GET /v1/subscriptions"],
        ),
        (
            "/v1/subscriptions",
            page(&[&ends[0], &ends[1], &ends[2]], false),
            vec!["customer.subscription.deleted"],
        ),
    ];
    for (path, body, topics) in table {
        let asked = url(&*api, &position);
        assert!(
            asked.starts_with(&format!("https://api.stripe.com{path}?")),
            "{asked}"
        );
        let taken = answer(&*api, &position, 200, &body).unwrap();
        let found: Vec<&str> = taken.payloads.iter().map(|it| it.topic.as_str()).collect();
        assert_eq!(found, topics, "{asked}");
        assert_eq!(taken.is_second_hand, path != "/v1/events");
        for payload in &taken.payloads {
            assert!(crate::topics::action(&payload.topic).is_some());
        }
        position = taken.position;
    }
    assert!(matches!(api.step(&position, now()), Ok(Step::Done)));
}

#[test]
fn what_a_payload_lacks_is_one_object_or_all_pages_of_a_list() {
    let api = account();
    let customer = api.lookup("GET /v1/customers/cus_1").unwrap();
    assert_eq!(
        url(&*api, &customer),
        "https://api.stripe.com/v1/customers/cus_1"
    );
    let error = answer(
        &*api,
        &customer,
        404,
        r#"{"error": {"code": "who is it?"}}"#,
    )
    .unwrap_err();
    assert_eq!(error.trouble, Trouble::Missing);
    assert_eq!(error.message, "Stripe refuses customer: status 404");
    let taken = answer(&*api, &customer, 200, r#"{"id": "cus_1"}"#).unwrap();
    assert_eq!(taken.payloads[0].body, br#"{"id": "cus_1"}"#);

    let lines = api.lookup("GET /v1/invoices/in_1/lines").unwrap();
    let asked = "https://api.stripe.com/v1/invoices/in_1/lines?limit=100";
    assert_eq!(url(&*api, &lines), asked);
    let taken = answer(&*api, &lines, 200, &page(&[r#"{"id":"il_1"}"#], true)).unwrap();
    assert_eq!(taken.payloads, []);
    assert_eq!(
        url(&*api, &taken.position),
        format!("{asked}&starting_after=il_1")
    );
    let taken = answer(
        &*api,
        &taken.position,
        200,
        &page(&[r#"{"id":"il_2"}"#], false),
    )
    .unwrap();
    let whole = r#"{"object":"list","has_more":false,"data":[{"id":"il_1"},{"id":"il_2"}]}"#;
    assert_eq!(taken.payloads[0].body, whole.as_bytes());
    assert!(api.lookup("GET https://elsewhere.example/").is_err());
}

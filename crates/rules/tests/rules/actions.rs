//! Each action, and what no action can do.

use orderbridge_event::{
    Alias, Channel, Code, Events, Kind, Lifecycle, Mapped, PropertyValue, SalesChannel,
    Subscription, Text, check,
};
use orderbridge_rules::{By, Exclude, Exclusion, Ruled, Rules};

use crate::support::{ORDER, event, exclude, map, read, rules};

fn rule(id: &str, then: &str) -> String {
    format!("[[rules]]\nid = \"{id}\"\nwhen = 'true'\nthen = {then}\n")
}

fn with(then: &str) -> Ruled {
    map(&rules(&rule("it", then)), ORDER)
}

fn text<'a>(event: &'a orderbridge_event::Event, name: &str) -> Option<&'a str> {
    match event.custom.get(name) {
        Some(PropertyValue::Text(text)) => Some(text.as_str()),
        _ => None,
    }
}

#[test]
fn a_channel_carries_the_rule() {
    let ruled = with("{ channel = \"offline\" }");
    let Ok(Mapped::Events(events)) = &ruled.result else {
        panic!("{ruled:?}");
    };
    let channel = events.channel();
    assert_eq!(channel.value, SalesChannel::Offline);
    assert_eq!(channel.because, "rule it");
    assert_eq!(channel.rule.as_ref().unwrap().as_str(), "it");
    let body = String::from_utf8(event(&ruled).to_json()).unwrap();
    assert!(
        body.contains("\"$sales_channel_type\":\"offline\""),
        "{body}"
    );
    assert_eq!(ruled.hits[0].by, By::Rule(0));
}

#[test]
fn a_drop_has_its_reason_and_keeps_the_event() {
    let ruled = with("{ drop = \" a test of ours \" }");
    let Ok(Mapped::Ignored(ignored)) = &ruled.result else {
        panic!("{ruled:?}");
    };
    assert_eq!(ignored.code, Code::RuleDrop);
    assert_eq!(ignored.message, "a test of ours");
    assert_eq!(ignored.rule.as_ref().unwrap().as_str(), "it");
    assert_eq!(ignored.reason(), "a test of ours (rule it)");
    let plain = event(&map(&Rules::none(), ORDER));
    assert_eq!(ruled.dropped[0].event.to_json(), plain.to_json());
}

#[test]
fn properties_are_set_and_removed() {
    let then = "{ set = { team = \"b2b\", rank = 1.50, vip = true, tags = \"none\", \
                gift = \"gift: {note_attributes.gift}\", total = \"{total_price}\", \
                new = \"{is_new_customer}\", no = \"{note_attributes.no}\" }, \
                remove = [\"source_name\", \"not there\"] }";
    let event = event(&with(then));
    assert_eq!(text(&event, "team"), Some("b2b"));
    assert_eq!(text(&event, "tags"), Some("none"));
    assert_eq!(text(&event, "gift"), Some("gift: yes"));
    let body = String::from_utf8(event.to_json()).unwrap();
    for part in [
        "\"rank\":1.5,",
        "\"vip\":true",
        "\"total\":100.1,",
        "\"new\":true",
    ] {
        assert!(body.contains(part), "{part}: {body}");
    }
    for gone in ["no", "source_name"] {
        assert_eq!(event.custom.get(gone), None, "{gone}");
    }
}

#[test]
fn an_alias_is_added_at_the_end() {
    let event = event(&with(
        "{ alias = \"urn:loyalty:{note_attributes.loyalty_id}\" }",
    ));
    let last = event.aliases.iter().last().unwrap();
    assert_eq!(last.as_str(), "urn:loyalty:L-77");
    let none = self::event(&with("{ alias = \"urn:loyalty:{note_attributes.no}\" }"));
    assert_eq!(
        none.aliases,
        self::event(&map(&Rules::none(), ORDER)).aliases
    );
}

#[test]
fn an_eleventh_alias_finds_no_room_and_is_told() {
    let plain = event(&map(&Rules::none(), ORDER));
    let mut full = plain.clone();
    for number in 0..10 {
        full.aliases
            .add(Alias::new("urn:x:", &number.to_string()).unwrap());
    }
    assert_eq!(full.aliases.iter().len(), 10);
    let channel = Channel::new(full.channel, "so");
    let events = Events::new(full.clone(), Vec::new(), channel, Vec::new());
    let own = rules(&rule("it", "{ alias = \"urn:o:{order_id}\" }"));
    let ruled = own.apply("orders/create", Ok(Mapped::Events(Box::new(events))));
    let Ok(Mapped::Events(events)) = &ruled.result else {
        panic!("{ruled:?}");
    };
    assert_eq!(events.iter().next().unwrap().aliases, full.aliases);
    assert!(
        events
            .notes()
            .iter()
            .any(|note| note.code == Code::RuleAlias)
    );
}

#[test]
fn only_events_without_a_name_at_converge_are_renamed() {
    let then = "{ rename = \"Subscription On Hold\" }";
    assert_eq!(event(&with(then)).kind.name(), "Placed Order");
    let mut paused = event(&map(&Rules::none(), ORDER));
    let order = paused.kind.order().cloned();
    let id = Text::new("77").unwrap();
    paused.kind = Kind::Lifecycle(Lifecycle::Paused, Subscription { id, order });
    let channel = Channel::new(paused.channel, "so");
    let events = Events::new(paused.clone(), Vec::new(), channel, Vec::new());
    let own = rules(&rule("it", then));
    let renamed = event(&own.apply("x", Ok(Mapped::Events(Box::new(events)))));
    assert_eq!(renamed.kind.name(), "Subscription On Hold");
    // All else is as it was, money included.
    let body = String::from_utf8(renamed.to_json()).unwrap();
    let before = String::from_utf8(paused.to_json()).unwrap();
    assert_eq!(
        body,
        before.replace("Paused Subscription", "Subscription On Hold")
    );
    let report = check::check(body.as_bytes());
    assert_eq!(report.errors().count(), 0, "{report:?}");
}

#[test]
fn the_first_match_wins_for_each_kind_of_action() {
    let text = [
        rule("a", "{ channel = \"pos\", set = { team = \"a\" } }"),
        rule(
            "b",
            "{ channel = \"sms\", set = { team = \"b\", more = \"b\" } }",
        ),
        rule("c", "{ remove = [\"team\"], drop = \"c\" }"),
        rule("d", "{ drop = \"d\" }"),
    ]
    .concat();
    let ruled = map(&rules(&text).telling(), ORDER);
    let dropped = &ruled.dropped[0];
    assert_eq!(dropped.channel.rule.as_ref().unwrap().as_str(), "a");
    assert_eq!(dropped.why.rule.as_ref().unwrap().as_str(), "c");
    assert_eq!(self::text(&dropped.event, "team"), Some("a"));
    assert_eq!(self::text(&dropped.event, "more"), Some("b"));
    let hits: Vec<By> = ruled.hits.iter().map(|hit| hit.by).collect();
    assert_eq!(hits, [By::Rule(0), By::Rule(1), By::Rule(2)]);
    assert_eq!(ruled.told[1].does, ["set more"]);
    assert_eq!(ruled.told[1].decided_before, ["channel sms", "set team"]);
    assert_eq!(ruled.told[3].decided_before, ["drop: d"]);
}

#[test]
fn rules_are_for_their_sources() {
    let text = "[[rules]]\nid = \"us\"\nsource = \"us-store\"\nwhen = 'true'\n\
                then = { channel = \"pos\" }\n[[rules]]\nid = \"both\"\n\
                source = [\"us-store\", \"eu-store\"]\nwhen = 'true'\nthen = { channel = \"sms\" }\n";
    let set = read(text).unwrap();
    let of = |source| {
        let rules = set.of("shopify", source, Exclude::default());
        let ids: Vec<String> = rules.ids().map(ToString::to_string).collect();
        ids.join(" ")
    };
    assert_eq!(of(Some("us-store")), "us both");
    assert_eq!(of(Some("eu-store")), "both");
    assert_eq!(of(None), "");
}

#[test]
fn exclusions() {
    let free = ORDER.replace("\"100.10\"", "\"0.00\"");
    for (text, order, expected) in [
        (
            "{ tags = [\" Whole sale\"] }",
            ORDER,
            Some((Exclusion::Tags, "the tag \"whole sale\" is excluded")),
        ),
        ("{ tags = [\"wholesale\"] }", ORDER, None),
        (
            "{ channels = [\"web\"] }",
            ORDER,
            Some((Exclusion::Channels, "the channel web is excluded")),
        ),
        (
            "{ countries = [\"de\", \"US\"] }",
            ORDER,
            Some((Exclusion::Countries, "orders to DE are excluded")),
        ),
        ("{ countries = [] }", ORDER, None),
        (
            "{ sources = [\"580111\"] }",
            ORDER,
            Some((Exclusion::Sources, "the source \"580111\" is excluded")),
        ),
        (
            "{ sources = [\"129785\"] }",
            ORDER,
            Some((Exclusion::Sources, "the source \"129785\" is excluded")),
        ),
        (
            "{ unpaid = true }",
            ORDER,
            Some((Exclusion::Unpaid, "unpaid orders are excluded")),
        ),
        ("{ unpaid = false, test_orders = true }", ORDER, None),
        ("{ zero_totals = true }", ORDER, None),
        (
            "{ zero_totals = true }",
            &free,
            Some((
                Exclusion::ZeroTotals,
                "orders that cost nothing are excluded",
            )),
        ),
    ] {
        let own = read("rules = []")
            .unwrap()
            .of("shopify", None, exclude(text));
        let ruled = map(&own, order);
        let found = match &ruled.result {
            Ok(Mapped::Ignored(ignored)) => {
                assert_eq!((ignored.code, &ignored.rule), (Code::RuleExclude, &None));
                Some((ruled.hits[0].by, ignored.message.as_ref()))
            }
            _ => None,
        };
        let expected = expected.map(|(kind, message)| (By::Exclusion(kind), message));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn an_exclusion_sees_the_channel_that_a_rule_has_set() {
    let set = read(&rule("it", "{ channel = \"pos\" }")).unwrap();
    let ruled = map(
        &set.of("shopify", None, exclude("{ channels = [\"pos\"] }")),
        ORDER,
    );
    assert_eq!(ruled.hits.len(), 2);
    assert!(matches!(ruled.result, Ok(Mapped::Ignored(_))));
    let kept = map(
        &set.of("shopify", None, exclude("{ channels = [\"web\"] }")),
        ORDER,
    );
    assert_eq!(event(&kept).channel, SalesChannel::Pos);
}

#[test]
fn one_of_several_events_is_dropped_alone() {
    let order = ORDER.replace("VIP, ", "Subscription First Order, ");
    let text = "[[rules]]\nid = \"no-starts\"\nif.event_name.eq = \"Started Subscription\"\n\
                then = { drop = \"not wanted\", channel = \"sms\" }\n";
    let ruled = map(&rules(text), &order);
    let Ok(Mapped::Events(events)) = &ruled.result else {
        panic!("{ruled:?}");
    };
    let names: Vec<&str> = events.iter().map(|event| event.kind.name()).collect();
    assert_eq!(names, ["Placed Order"]);
    assert_eq!(events.channel().rule, None);
    let note = events
        .notes()
        .iter()
        .find(|note| note.code == Code::RulePartly);
    assert_eq!(
        note.unwrap().message,
        "Started Subscription was dropped: not wanted (rule no-starts)"
    );
    assert_eq!(ruled.dropped[0].channel.value, SalesChannel::Sms);
}

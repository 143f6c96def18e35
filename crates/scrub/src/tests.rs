use orderbridge_event::{Email, Phone};

use super::*;

/// One document scrubbed, on one line.
fn scrubbed(body: &str) -> String {
    let text = Scrub::default().json(body.as_bytes()).unwrap();
    Tree::parse(text.as_bytes()).unwrap().dense()
}

/// What a value at a place of an object becomes.
fn value(body: &str, path: &[&str]) -> String {
    let text = Scrub::default().json(body.as_bytes()).unwrap();
    let tree = Tree::parse(text.as_bytes()).unwrap();
    let found = path.iter().try_fold(&tree, |tree, key| tree.get(key));
    found.unwrap().as_text().unwrap().to_owned()
}

#[test]
fn an_address_stays_one_and_is_the_same_everywhere() {
    let fake = value(r#"{"email": "jane.doe@gmail.com"}"#, &["email"]);
    assert!(Email::parse(&fake).is_some(), "{fake}");
    assert!(fake.ends_with(".example"), "{fake}");
    assert!(!fake.contains("jane") && !fake.contains("gmail"), "{fake}");
    let other = value(
        r#"{"a": {"x": "write to jane.doe@gmail.com!"}}"#,
        &["a", "x"],
    );
    assert_eq!(other, format!("write to {fake}!"));
    let upper = value(
        r#"{"contact_email": "Jane.Doe@gmail.com"}"#,
        &["contact_email"],
    );
    assert_eq!(upper.to_lowercase(), fake);
}

#[test]
fn what_mapping_looks_at_in_an_address_stays() {
    let relay = value(
        r#"{"BuyerEmail": "abc123@marketplace.amazon.co.uk"}"#,
        &["BuyerEmail"],
    );
    assert!(relay.ends_with("@marketplace.amazon.co.uk"), "{relay}");
    assert!(!relay.starts_with("abc123"), "{relay}");
    let till = r#"{"email":"noreply@shop.example"}"#;
    assert_eq!(scrubbed(till), till);
    let own = Scrub::new(&["@till.example.com".to_owned()]);
    let text = own.json(br#"{"email": "a@till.example.com"}"#).unwrap();
    assert!(text.contains("a@till.example.com"), "{text}");
    for wrong in ["jane at home", "jane@home", "@"] {
        let body = format!("{{\"email\": \"{wrong}\"}}");
        assert_eq!(Email::parse(&value(&body, &["email"])), None, "{wrong}");
    }
}

#[test]
fn a_number_keeps_its_country_and_whether_it_is_one() {
    for number in [
        "+12025550142",
        "+1 (202) 555-0142",
        "0049 30 23125014",
        "+4915112345678",
        "+81 90-1234-5678",
        "+5511912345678",
    ] {
        let fake = value(&format!("{{\"phone\": \"{number}\"}}"), &["phone"]);
        assert_ne!(fake, number);
        assert!(Phone::parse(number).is_some(), "{number}");
        assert!(Phone::parse(&fake).is_some(), "{number} became {fake}");
        assert_eq!(fake.get(..3), number.get(..3));
        assert_eq!(fake.len(), number.len());
    }
    for number in [
        "555-0103",
        "+1 202 555 0111 ext. 12345",
        "12025550142",
        "call Jane",
    ] {
        let fake = value(&format!("{{\"phone\": \"{number}\"}}"), &["phone"]);
        assert_ne!(fake, number);
        assert_eq!(Phone::parse(&fake), None, "{number} became {fake}");
    }
}

#[test]
fn names_keep_their_script_and_length() {
    for name in [
        "Jane",
        "Zoë",
        "Müller-Łuczak",
        "Анна",
        "Ελένη",
        "田中",
        "さくら",
        "김민준",
        "דוד",
    ] {
        let fake = value(&format!("{{\"first_name\": \"{name}\"}}"), &["first_name"]);
        assert_ne!(fake, name);
        assert_eq!(
            fake.chars().count(),
            name.chars().count(),
            "{name} became {fake}"
        );
        for (old, new) in name.chars().zip(fake.chars()) {
            assert_eq!(old.is_ascii(), new.is_ascii(), "{name} became {fake}");
            assert_eq!(
                old.is_uppercase(),
                new.is_uppercase(),
                "{name} became {fake}"
            );
        }
    }
}

#[test]
fn a_name_is_found_where_nothing_says_that_it_is_one() {
    let body = r#"{"customer": {"first_name": "Jane", "last_name": "Doeington"},
        "description": "Gift of JANE for Ms Doeington", "title": "Jane Doeington's box",
        "line_items": [{"title": "Jane box", "sku": "JANE-1"}]}"#;
    let text = scrubbed(body);
    assert!(
        !text.contains("Doeington") && !text.contains("JANE for"),
        "{text}"
    );
    // A word by itself may be the name of a product, and products are what is sold.
    assert!(
        text.contains(r#""title":"Jane box","sku":"JANE-1""#),
        "{text}"
    );
}

#[test]
fn addresses_ips_notes_and_keys_go() {
    let body = r#"{"shipping_address": {"name": "Jane Doe", "address1": "12 Example Street",
        "city": "Springfield", "zip": "62701", "state": "IL", "country": "US",
        "latitude": 39.78, "company": "Doe Ltd"},
        "browser_ip": "198.51.100.7", "ip": "2001:db8::7", "note": "ring twice",
        "cart_token": "0123456789abcdef", "user_agent": "Mozilla/4 (Jane's phone)",
        "order_status_url": "https://shop.example/1/orders/5f3a9c0d1e2b4f60/authenticate?key=abcd#x",
        "landing_site": "/?utm_source=mail&email=jane%40example.com",
        "customer": {"state": "disabled"}}"#;
    let text = scrubbed(body);
    for gone in [
        "Jane",
        "Doe",
        "12 Ex",
        "Springfield",
        "62701",
        "\"IL\"",
        "39.78",
        "198.51",
        "2001:db8::7\"",
        "ring",
        "0123456789abcdef",
        "phone",
        "5f3a9c0d1e2b4f60",
        "key=abcd",
        "jane",
    ] {
        assert!(!text.contains(gone), "{gone}: {text}");
    }
    for kept in [
        "\"US\"",
        "utm_source=mail",
        "https://shop.example/1/orders/",
        "\"disabled\"",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

#[test]
fn what_is_nobodys_stays() {
    let body = r##"{"id":1001,"name":"#1001","currency":"USD","total_price":"49.20","tags":"vip, a","created_at":"2026-11-02T10:15:30-05:00","source_name":"web","line_items":[{"title":"Tea","name":"Tea - 100 g","sku":"T-1","quantity":1}],"credit_note":"cn_1","tracking_company":"USPS","image_url":"https://cdn.example/1234567890123456.png","tax_lines":[{"title":"IL State Tax","rate":0.06}],"customer":{"id":7,"email":null,"phone":""},"admin_graphql_api_id":"gid://shopify/Order/1001"}"##;
    assert_eq!(scrubbed(body), body);
}

#[test]
fn fields_that_the_shop_lets_people_fill_in() {
    let body = r#"{"note_attributes": [{"name": "Gift for", "value": "Ruth"},
        {"name": "email", "value": "ruth@example.com"}, {"name": "_app", "value": "on"}]}"#;
    let text = scrubbed(body);
    assert!(!text.contains("Ruth") && !text.contains("ruth"), "{text}");
    for kept in ["Gift for", r#""value":"on""#] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
}

#[test]
fn reports_and_messages_in_messages() {
    let rows = r#"{"columns": ["order-id", "buyer-name", "ship-city"],
        "rows": [["1-2", "Jane Doe", "Springfield"]]}"#;
    let text = scrubbed(rows);
    assert!(
        text.contains("1-2") && text.contains("buyer-name"),
        "{text}"
    );
    assert!(
        !text.contains("Jane") && !text.contains("Springfield"),
        "{text}"
    );
    let nested = r#"{"Message": "{\"BuyerName\": \"Jane Doe\", \"AmazonOrderId\": \"1-2\"}"}"#;
    let text = scrubbed(nested);
    assert!(text.contains("1-2") && !text.contains("Jane"), "{text}");
}

#[test]
fn what_is_not_json_is_not_scrubbed() {
    assert_eq!(Scrub::default().json(b"name\tJane"), None);
}

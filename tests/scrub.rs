//! Payloads without their people: nobody is left in them, and they become the same orders.
//!
//! Over every fixture of every adapter, and, where `ORDERBRIDGE_CORPUS` names a folder with
//! `<platform>.ndjson` as in `tests/corpus.rs`, over payloads that shops have really sent; also of
//! platforms that have no adapter here.

use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use orderbridge_event::tree::Tree;
use orderbridge_event::{Context, Email, Mapped, Opened, Options, Source, TestMode, Timestamp};
use orderbridge_scrub::Scrub;
use orderbridge_testkit::{Fixture, fixtures};

const VARIABLE: &str = "ORDERBRIDGE_CORPUS";
const RECEIVED_AT: &str = "2026-11-02T10:15:30Z";

/// Keys under which somebody's data stands on some platform, without their capitals and dashes. Not
/// the list of the program, so that a fault in that one is seen.
const PERSONAL: &[&str] = &[
    "address1",
    "address2",
    "addressline1",
    "addressline2",
    "addressline3",
    "billingaddress1",
    "billingcity",
    "billingcompany",
    "billingfirstname",
    "billinglastname",
    "billingphone",
    "billingzip",
    "browserip",
    "buyercompanyname",
    "buyeremail",
    "buyername",
    "carttoken",
    "checkouttoken",
    "city",
    "clientsecret",
    "company",
    "companyname",
    "complement",
    "contactemail",
    "customeremail",
    "customeripaddress",
    "customername",
    "customernote",
    "customerphone",
    "districtorcounty",
    "email",
    "firstname",
    "giftmessage",
    "giftmessagetext",
    "lastname",
    "legalname",
    "line1",
    "line2",
    "municipality",
    "neighborhood",
    "note",
    "phone",
    "phonenumber",
    "postalcode",
    "postcode",
    "recipientname",
    "shopowner",
    "streetname",
    "useremail",
    "username",
    "zip",
];

/// Objects whose `name` is a person's.
const PEOPLE: &[&str] = &[
    "billingaddress",
    "billingdetails",
    "customer",
    "customershipping",
    "defaultaddress",
    "deliveryaddress",
    "shippingaddress",
    "recipient",
];

/// A word that is shorter may stand in anything.
const SHORTEST: usize = 4;

fn main() -> ExitCode {
    let mut trials = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for source in orderbridge_registry::ALL.iter().copied() {
        let name = source.adapter.name();
        let folder = root.join("adapters").join(name).join("fixtures");
        let all = fixtures(&folder, source);
        for fixture in all.iter().flat_map(|fixture| fixture.pieces(source)) {
            let title = format!("{name}::{}", fixture.name);
            trials.push(Trial::test(title, move || both(Some(source), &fixture)));
        }
    }
    match std::env::var_os(VARIABLE) {
        Some(folder) => trials.extend(corpus(&root.join(folder))),
        None => eprintln!("{VARIABLE} is not set: no payloads of real shops are tested"),
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Each line of each file in the folder.
fn corpus(folder: &Path) -> Vec<Trial> {
    let mut trials = Vec::new();
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in files.map(|file| file.path()) {
        if path.extension().is_none_or(|ending| ending != "ndjson") {
            continue;
        }
        let platform = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let source = orderbridge_registry::find(&platform);
        let bytes = std::fs::read(&path).unwrap_or_default();
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            if line.trim_ascii().is_empty() {
                continue;
            }
            let fixture = payload(&path, number, line);
            let pieces = match source {
                Some(source) => fixture.pieces(source),
                None => vec![fixture],
            };
            for piece in pieces {
                let title = format!("corpus::{platform}::{}", piece.name);
                trials.push(Trial::test(title, move || both(source, &piece)));
            }
        }
    }
    if trials.is_empty() {
        let why = format!("{}: no payloads", folder.display());
        trials.push(Trial::test("corpus", move || Err(Failed::from(why))));
    }
    trials
}

fn payload(path: &Path, number: usize, line: &[u8]) -> Fixture {
    let opened = Opened::line(line);
    let options = Options {
        test_mode: TestMode::Map,
        ..Options::default()
    };
    Fixture {
        name: format!("line-{number}"),
        path: path.to_owned(),
        topic: opened.topic.as_deref().unwrap_or_default().to_owned(),
        body: opened.body.to_vec(),
        context: Context {
            received_at: opened.received_at.or(Timestamp::parse(RECEIVED_AT)),
            options,
            ..Context::default()
        },
    }
}

fn both(source: Option<&Source>, fixture: &Fixture) -> Result<(), Failed> {
    let shared = &fixture.context.options.shared_emails;
    let Some(text) = Scrub::new(shared).json(&fixture.body) else {
        // Fixtures of what can't be read are no JSON either.
        let is_json = Tree::parse(&fixture.body).is_some();
        return if is_json {
            Err("not scrubbed".into())
        } else {
            Ok(())
        };
    };
    nobody_is_left(fixture, &text)?;
    if let Some(source) = source {
        it_becomes_the_same(source, fixture, &text)?;
    }
    Ok(())
}

fn nobody_is_left(fixture: &Fixture, text: &str) -> Result<(), Failed> {
    let tree = Tree::parse(&fixture.body).ok_or("no JSON")?;
    let after = Tree::parse(text.as_bytes()).ok_or("what was scrubbed is no JSON")?;
    let mut personal = Vec::new();
    collect("", &tree, &mut personal);
    let mut left = Vec::new();
    strings(&after, &mut left);
    for (key, value) in personal {
        let is_kept = Email::parse(&value)
            .is_some_and(|email| email.is_placeholder(&fixture.context.options.shared_emails));
        if is_kept {
            continue;
        }
        // A word alone may also be a product's, and a city a tax is named after; more than that is
        // a person's wherever it stands.
        let is_place = key.to_lowercase().contains("city");
        let stands_for_itself =
            !is_place && value.contains([' ', '@']) && value.chars().count() > 7;
        let found = left
            .iter()
            .find(|text| **text == value || (stands_for_itself && contains(text, &value)));
        if let Some(found) = found {
            return Err(format!("{key}: {value:?} is left in {found:?}").into());
        }
    }
    Ok(())
}

fn contains(text: &str, value: &str) -> bool {
    text.to_lowercase().contains(&value.to_lowercase())
}

fn collect(parent: &str, tree: &Tree<'_>, found: &mut Vec<(String, String)>) {
    match tree {
        Tree::List(items) => items.iter().for_each(|item| collect(parent, item, found)),
        Tree::Object(fields) => {
            for (key, value) in fields {
                let plain = key.chars().filter(|letter| letter.is_alphanumeric());
                let plain = plain.collect::<String>().to_lowercase();
                let is_personal = PERSONAL.contains(&plain.as_str())
                    || (plain == "name" && PEOPLE.contains(&parent));
                match value {
                    Tree::Text(text) if is_personal => {
                        if text.trim().chars().count() >= SHORTEST {
                            found.push((key.clone(), text.trim().to_owned()));
                        }
                    }
                    value => collect(&plain, value, found),
                }
            }
        }
        _ => {}
    }
}

fn strings(tree: &Tree<'_>, found: &mut Vec<String>) {
    match tree {
        Tree::Text(text) => found.push(text.trim().to_owned()),
        Tree::List(items) => items.iter().for_each(|item| strings(item, found)),
        Tree::Object(fields) => fields.iter().for_each(|(_, value)| strings(value, found)),
        _ => {}
    }
}

fn it_becomes_the_same(source: &Source, fixture: &Fixture, text: &str) -> Result<(), Failed> {
    let scrubbed = Fixture {
        body: text.as_bytes().to_vec(),
        ..fixture.clone()
    };
    match (fixture.map(source), scrubbed.map(source)) {
        (Ok(Mapped::Events(old)), Ok(Mapped::Events(new))) => {
            if old.channel() != new.channel() {
                return Err(format!("{:?} → {:?}", old.channel(), new.channel()).into());
            }
            let codes = |events: &orderbridge_event::Events| {
                let notes = events.notes().iter();
                notes
                    .map(|note| (note.code, note.path.to_string()))
                    .collect::<Vec<_>>()
            };
            if codes(&old) != codes(&new) {
                return Err(format!("{:?} → {:?}", codes(&old), codes(&new)).into());
            }
            let facts = |events: &orderbridge_event::Events| {
                let facts = events.iter().map(|event| {
                    let order = event.kind.order().cloned();
                    let name = event.kind.name().to_owned();
                    (name, event.id.clone(), event.timestamp, order)
                });
                facts.collect::<Vec<_>>()
            };
            if facts(&old) != facts(&new) {
                return Err(format!("{:#?}\n→\n{:#?}", facts(&old), facts(&new)).into());
            }
        }
        (Ok(Mapped::Ignored(old)), Ok(Mapped::Ignored(new))) if old == new => {}
        // Where it stands in the text may differ.
        (Err(old), Err(new)) if old.code() == new.code() && old.path() == new.path() => {}
        (old, new) => return Err(format!("{old:?}\n→\n{new:?}").into()),
    }
    Ok(())
}

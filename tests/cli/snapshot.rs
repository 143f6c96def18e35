//! `orderbridge snapshot`: a user's payloads, and what was approved of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use orderbridge_cli::Exit;
use tempfile::TempDir;

use crate::support::{Ran, run};

/// The configuration before anything is changed.
const BEFORE: &str = "[sources.us-store]\nplatform = \"shopify\"\n";

/// What is bought through the web becomes offline.
pub(crate) const AFTER: &str =
    "[sources.us-store]\nplatform = \"shopify\"\nchannels = { web = \"offline\" }\n";

/// A user's repository, with three payloads of a shop.
pub(crate) struct Repository(pub(crate) TempDir);

impl Repository {
    /// A configuration and nothing else.
    pub(crate) fn empty() -> Self {
        let repository = Self(TempDir::new().unwrap());
        repository.write("orderbridge.toml", BEFORE);
        repository
    }

    fn new() -> Self {
        let repository = Self::empty();
        for name in ["web-order", "pos-with-customer", "tax-inclusive-discount"] {
            let payload = fs::read_to_string(crate::fixture(name)).unwrap();
            repository.write(&format!("payloads/us-store/{name}.json"), &payload);
        }
        repository
    }

    /// The same, with all of it approved.
    pub(crate) fn approved() -> Self {
        let repository = Self::new();
        assert_eq!(repository.run("accept", &[]).exit, Exit::Done);
        repository
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// The path of a file in it.
    pub(crate) fn file(&self, name: &str) -> String {
        let path = self.0.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    /// Runs a command on it. Nothing that is printed names the folder it is in.
    pub(crate) fn run(&self, command: &str, names: &[&str]) -> Ran {
        let args = [&["snapshot", command, self.path()], names].concat();
        run(&args, "").replace(self.path(), "DIR")
    }

    /// All files with their text.
    fn files(&self) -> BTreeMap<String, String> {
        fn collect(folder: &Path, found: &mut BTreeMap<String, String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, found);
                } else {
                    let text = fs::read_to_string(&path).unwrap();
                    found.insert(path.display().to_string(), text);
                }
            }
        }
        let mut found = BTreeMap::new();
        collect(self.0.path(), &mut found);
        found
    }
}

#[test]
fn what_was_approved_passes_and_a_snapshot_can_be_read() {
    let repository = Repository::new();
    repository.run("test", &[]).check("snapshot-test-new");
    repository.run("accept", &[]).check("snapshot-accept");
    repository.run("test", &[]).check("snapshot-test-same");
    repository
        .run("accept", &[])
        .check("snapshot-accept-nothing");
    let path = repository
        .0
        .path()
        .join("snapshots/us-store/web-order.json");
    insta::with_settings!({
        snapshot_path => "../../snapshots/cli",
        prepend_module_to_snapshot => false,
        omit_expression => true,
        description => "a snapshot of a user",
    }, {
        insta::assert_snapshot!("snapshot-file", fs::read_to_string(path).unwrap());
    });
}

#[test]
fn a_changed_configuration_is_told_in_words_and_then_line_by_line() {
    let repository = Repository::approved();
    repository.write("orderbridge.toml", AFTER);
    repository.write("payloads/us-store/new.json", "{\"id\": 7}");
    repository.write("snapshots/us-store/gone.json", "{}\n");
    let before = repository.files();
    repository.run("test", &[]).check("snapshot-test-differs");
    assert_eq!(repository.files(), before, "a test has written");
}

#[test]
fn orders_that_make_no_event_any_more_are_told() {
    let repository = Repository::approved();
    repository.write(
        "orderbridge.toml",
        &format!("{BEFORE}placed_on = \"paid\"\n"),
    );
    let ran = repository.run("test", &[]);
    let said = "3 orders: mapped → ignored (order.trigger)\n";
    assert!(ran.stdout.starts_with(said), "{}", ran.stdout);
}

#[test]
fn an_amount_that_changes_is_told_with_both_values() {
    let repository = Repository::approved();
    let path = "payloads/us-store/pos-with-customer.json";
    let payload = fs::read_to_string(repository.0.path().join(path)).unwrap();
    let cheaper = payload.replace("\"total_price\": \"30.47\"", "\"total_price\": \"20.47\"");
    assert_ne!(cheaper, payload);
    repository.write(path, &cheaper);
    let ran = repository.run("test", &[]);
    assert_eq!(ran.exit, Exit::Differs);
    let first = ran.stdout.lines().next().unwrap();
    assert_eq!(
        first,
        "1 order: total 30.47 → 20.47 · 1 order: note money.gap added"
    );
}

#[test]
fn some_of_them_can_be_named() {
    let repository = Repository::approved();
    repository.write("orderbridge.toml", AFTER);
    for name in [
        "us-store/web-order",
        "payloads/us-store/web-order.json",
        "./snapshots/us-store/web-order.json",
    ] {
        let ran = repository.run("test", &[name]);
        assert!(
            ran.stderr.starts_with("1 payload: "),
            "{name}: {}",
            ran.stderr
        );
    }
    assert_eq!(
        repository.run("accept", &["us-store/web-order"]).exit,
        Exit::Done
    );
    assert_eq!(
        repository.run("test", &["us-store/web-order"]).exit,
        Exit::Done
    );
    assert_eq!(repository.run("test", &["us-store"]).exit, Exit::Differs);
    repository
        .run("test", &["us-store/web-ordr"])
        .check("snapshot-name-unknown");
}

#[test]
fn a_snapshot_without_its_payload_goes_when_it_is_accepted() {
    let repository = Repository::approved();
    fs::remove_file(repository.0.path().join("payloads/us-store/web-order.json")).unwrap();
    assert_eq!(repository.run("test", &[]).exit, Exit::Differs);
    assert_eq!(repository.run("accept", &[]).exit, Exit::Done);
    let left = repository.files();
    assert!(
        !left.keys().any(|name| name.contains("web-order")),
        "{left:?}"
    );
    assert_eq!(repository.run("test", &[]).exit, Exit::Done);
}

#[test]
fn lists_reports_and_payloads_that_can_not_be_mapped_have_snapshots_too() {
    let repository = Repository::new();
    let list = format!("[{}, {{\"id\": 3}}]", crate::line("web-order"));
    repository.write("payloads/us-store/batch.ndjson", &list);
    repository.write("payloads/us-store/broken.json", "{\"id\": ");
    let report = fs::read_to_string("adapters/amazon/fixtures/all-orders.tsv").unwrap();
    repository.write("payloads/amazon/all-orders.tsv", &report);
    assert_eq!(repository.run("accept", &[]).exit, Exit::Done);
    assert_eq!(repository.run("test", &[]).exit, Exit::Done);
    let read = |name: &str| fs::read_to_string(repository.0.path().join(name)).unwrap();
    let batch: serde_json::Value =
        serde_json::from_str(&read("snapshots/us-store/batch.ndjson.json")).unwrap();
    assert_eq!(batch[0]["channel"]["value"], "web");
    assert_eq!(batch[1]["error"]["code"], "payload.missing");
    assert!(read("snapshots/us-store/broken.json").contains("\"payload.syntax\""));
    assert!(read("snapshots/amazon/all-orders.tsv.json").contains("\"marketplace\""));
}

#[test]
fn line_ends_that_git_has_changed_are_no_difference() {
    let repository = Repository::approved();
    let path = repository
        .0
        .path()
        .join("snapshots/us-store/web-order.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    assert_eq!(repository.run("test", &[]).exit, Exit::Done);
    fs::write(&path, text.replace("  ", " ")).unwrap();
    let ran = repository.run("test", &[]);
    let said = "1 order: the same, laid out in another way\n";
    assert!(ran.stdout.starts_with(said), "{}", ran.stdout);
    fs::write(&path, "<<<<<<< HEAD\n").unwrap();
    let ran = repository.run("test", &[]);
    let said = "1 order: the snapshot is not JSON\n";
    assert!(ran.stdout.starts_with(said), "{}", ran.stdout);
}

#[test]
fn what_is_not_in_its_place_is_told() {
    // The root has snapshots, which are not of this kind.
    run(&["snapshot", "test"], "").check("snapshot-nothing-here");
    run(&["snapshot", "test", "no-such-folder"], "").check("snapshot-no-folder");
    let repository = Repository::new();
    repository.write("payloads/order.json", "{}");
    repository.run("test", &[]).check("snapshot-in-no-source");
    fs::remove_file(repository.0.path().join("payloads/order.json")).unwrap();
    repository.write("payloads/us-stor/order.json", "{}");
    let ran = repository.run("test", &[]);
    let said = "error: payloads/us-stor: there is neither a source nor a platform \"us-stor\" \
                (did you mean \"us-store\"?)\n";
    assert_eq!((ran.exit, ran.stderr.as_str()), (Exit::Usage, said));
    fs::remove_dir_all(repository.0.path().join("payloads/us-stor")).unwrap();
    repository.write("payloads/us-store/empty.json", "");
    repository.run("test", &[]).check("snapshot-empty-payload");
    let two = "[sources.eu]\nplatform = \"shopify\"\n[sources.us]\nplatform = \"shopify\"\n";
    let repository = Repository::new();
    repository.write("orderbridge.toml", two);
    let from = repository.0.path().join("payloads/us-store");
    fs::rename(from, repository.0.path().join("payloads/shopify")).unwrap();
    repository
        .run("test", &[])
        .check("snapshot-several-sources");
    repository.write("orderbridge.toml", "[sources.eu]\nplatform = \"shopfy\"\n");
    assert_eq!(repository.run("test", &[]).exit, Exit::Usage);
}

//! `check`: all that is wrong or worth knowing, and that `run` says the same.

use std::fs;
use std::path::Path;

use orderbridge_cli::Exit;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ran, run};

/// A folder with secrets and a configuration.
struct Shop {
    folder: TempDir,
    config: String,
}

impl Shop {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        for (name, secret) in [
            ("token", "tok-s3cret"),
            ("hush", "hush-s3cret"),
            ("third", "third-s3cret"),
        ] {
            private(&path.join(name), secret);
        }
        let config = path.join("orderbridge.toml");
        fs::write(&config, text).unwrap();
        let config = config.display().to_string();
        Self { folder, config }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs a command with this configuration, without what differs from disk to disk.
    fn run(&self, args: &[&str]) -> Ran {
        let mut ran = run(&[args, &["--config", &self.config]].concat(), "");
        assert!(!ran.stdout.contains("s3cret"), "{}", ran.stdout);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
        let is_steady =
            |line: &&str| !line.starts_with("commits  ") && !line.contains("a commit in");
        let steady = ran.stdout.lines().filter(is_steady);
        ran.stdout = steady.flat_map(|line| [line, "\n"]).collect();
        ran.replace(&self.path().display().to_string(), "DIR")
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    set_mode(path, 0o600);
}

/// Free ports, so that nothing is in use.
const SERVER: &str = "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n";
const GOOD: &str = "[destinations.main]\ntoken = \"file:token\"\n[sources.shop]\n\
                    platform = \"shopify\"\ndestination = \"main\"\n\
                    webhook_secrets = [\"file:hush\"]\n";

#[test]
fn a_good_configuration_is_shown_as_it_is_in_force() {
    let shop = Shop::new(&format!("{SERVER}{GOOD}"));
    let ran = shop.run(&["check"]);
    let before = fs::read_dir(shop.path()).unwrap().count();
    assert_eq!(before, 4, "nothing is left behind");
    assert_eq!(ran.exit, Exit::Done, "{}{}", ran.stdout, ran.stderr);
    for line in [
        "token = \"file:DIR/token\"",
        "webhook_secrets = [\"file:DIR/hush\"]",
        "url = \"sqlite:DIR/orderbridge.db\"",
        "placed_on = \"created\"",
    ] {
        assert!(ran.stdout.contains(line), "{line}: {}", ran.stdout);
    }
}

#[test]
fn every_mistake_is_told_at_once_and_run_tells_the_same() {
    let text = "[store]\nurl = \"sqlite:token/orderbridge.db\"\n[server]\nlisten = \"8080\"\n\
                [destinations.main]\ntoken = \"env:ORDERBRIDGE_UNSET\"\nconcurency = 3\n\
                [sources.a]\nplatform = \"shopify\"\n[sources.b]\nplatform = \"shopify\"\n\
                destination = \"main\"\nwebhook_secrets = [\"file:nowhere\", \"file:empty\"]\n\
                [sources.c]\nplatform = \"shopfy\"\ndestination = \"mian\"\n\
                webhook_secrets = [\"literal\"]\n";
    let shop = Shop::new(text);
    private(&shop.path().join("empty"), " \n");
    let checked = shop.run(&["check"]);
    let ran = shop.run(&["run"]);
    assert_eq!((checked.exit, ran.exit), (Exit::Usage, Exit::Usage));
    let mistakes: Vec<&str> = checked
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("mistake  "))
        .collect();
    let refused: Vec<&str> = ran.stderr.lines().skip(1).map(str::trim).collect();
    assert_eq!(mistakes, refused);
    assert_eq!(mistakes.len(), 11, "{mistakes:#?}");
    checked.check("check-mistakes");
}

/// Sources of a shop and of tools, with what makes them count twice.
fn sources(text: &str) -> Shop {
    let secret = "webhook_secrets = [\"file:hush\"]";
    let text = text.replace("@main", &format!("destination = \"main\"\n{secret}"));
    let text = text.replace("@other", &format!("destination = \"other\"\n{secret}"));
    Shop::new(&format!("{SERVER}{text}"))
}

const SHOP: &str = "[destinations.main]\ntoken = \"file:token\"\n[sources.shop]\n\
                    platform = \"shopify\"\n@main\n";
const NATIVE: &str =
    "[destinations.main]\ntoken = \"file:token\"\nnative_sources = [\"shopify\"]\n";

/// What a configuration is told about purchases that count twice.
fn findings(shop: &Shop) -> (Exit, String) {
    let ran = shop.run(&["check"]);
    let is_finding = |it: &&str| it.starts_with("mistake") || it.starts_with("warning");
    let found: Vec<&str> = ran.stdout.lines().filter(is_finding).collect();
    (ran.exit, found.join("\n"))
}

#[test]
fn what_counts_twice_is_refused_with_the_mode_that_avoids_it() {
    let text = "[destinations.main]\ntoken = \"file:token\"\n\
                native_sources = [\"woocommerce\", \"recharge\"]\n\
                [destinations.other]\ntoken = \"file:third\"\n\
                [sources.a-shop]\nplatform = \"shopify\"\n@main\n\
                [sources.billing]\nplatform = \"stripe\"\n@main\n\
                [sources.club]\nplatform = \"recharge\"\nmode = \"both_through_us\"\n\
                event_id_prefix = \"club-\"\n@main\n\
                [sources.market]\nplatform = \"amazon\"\n@main\n\
                [sources.plans]\nplatform = \"ordergroove\"\ncurrency = \"USD\"\n@main\n\
                [sources.twin]\nplatform = \"shopify\"\n@other\n";
    let shop = sources(text);
    let checked = shop.run(&["check"]);
    let ran = shop.run(&["run"]);
    assert_eq!((checked.exit, ran.exit), (Exit::Usage, Exit::Usage));
    let mistakes: Vec<&str> = checked
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("mistake  "))
        .collect();
    let refused: Vec<&str> = ran.stderr.lines().skip(1).map(str::trim).collect();
    assert_eq!(mistakes, refused);
    let mut shown = checked;
    let is_finding = |it: &&str| it.starts_with("mistake") || it.starts_with("warning");
    let found = shown.stdout.lines().filter(is_finding);
    shown.stdout = found.flat_map(|line| [line, "\n"]).collect();
    shown.check("check-counted-twice");
}

#[test]
fn each_mode_avoids_what_it_is_said_to_avoid() {
    let tool = |mode: &str| format!("[sources.tool]\nplatform = \"recharge\"\n{mode}\n@main\n");
    let both = "mode = \"both_through_us\"";
    let shop = SHOP.replace(
        "platform = \"shopify\"",
        &format!("platform = \"shopify\"\n{both}"),
    );
    for good in [
        format!("{shop}{}", tool(both)),
        format!("{NATIVE}{}", tool("mode = \"beside_store\"")),
        format!("{NATIVE}{}", tool("")),
        format!("{SHOP}[sources.twin]\nplatform = \"shopify\"\n@main\n"),
        NATIVE.replace("\"shopify\"", "") + &tool("mode = \"standalone\""),
    ] {
        let found = findings(&sources(&good));
        assert_eq!(found, (Exit::Done, String::new()), "{good}");
    }
    for (bad, wanted) in [
        (
            format!("{SHOP}{}", tool("mode = \"standalone\"")),
            "\"both_through_us\" in both",
        ),
        (
            format!("{NATIVE}{}", tool("mode = \"standalone\"")),
            "mode = \"beside_store\" leaves",
        ),
        (
            format!("{NATIVE}[sources.pay]\nplatform = \"stripe\"\n@main\n"),
            "\"beside_store\"",
        ),
        (
            format!("{NATIVE}[sources.shop]\nplatform = \"shopify\"\n@main\n"),
            "own Shopify source",
        ),
    ] {
        let (exit, found) = findings(&sources(&bad));
        assert_eq!(exit, Exit::Usage, "{bad}");
        assert!(found.contains(wanted), "{found}");
        // Whoever knows better says so at the source that the message names.
        let last = bad.replace("@main", "@main\ndouble_counting = \"accept\"");
        let (exit, found) = findings(&sources(&last));
        assert_eq!(exit, Exit::Done, "{last}{found}");
        assert!(
            found.starts_with("warning") && found.contains(wanted),
            "{found}"
        );
    }
}

#[test]
fn a_mode_that_leaves_a_purchase_to_nobody_is_told() {
    let alone = "[destinations.main]\ntoken = \"file:token\"\n[sources.tool]\n\
                 platform = \"recharge\"\nmode = \"both_through_us\"\n@main\n";
    let (exit, found) = findings(&sources(alone));
    assert_eq!(exit, Exit::Done);
    assert!(found.contains("no shop's source delivers"), "{found}");
    let twice = format!("{SHOP}[sources.tool]\nplatform = \"recharge\"\n@main\n");
    let (_, found) = findings(&sources(&twice));
    assert_eq!(found.lines().count(), 1, "{found}");
    assert!(
        found.contains("sends Started Subscription of first orders"),
        "{found}"
    );
}

#[test]
fn a_configuration_that_can_not_be_read_says_only_that() {
    let ran = Shop::new("[sources.shop\n").run(&["check"]);
    assert_eq!(ran.exit, Exit::Usage);
    assert_eq!(ran.stdout.matches("mistake  ").count(), 1, "{}", ran.stdout);
    let ran = Shop::new("").run(&["check"]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(
        ran.stdout.contains("has no source to receive from"),
        "{}",
        ran.stdout
    );
}

#[test]
fn what_somebody_may_be_sorry_for_is_told_and_fails_nothing() {
    let text = format!(
        "{SERVER}[destinations.main]\ntoken = \"file:token\"\nurl = \"http://converge.example/s3cret\"\n\
         [destinations.other]\ntoken = \"file:token\"\nurl = \"http://converge.example/s3cret\"\n\
         [destinations.spare]\ntoken = \"file:third\"\n\
         [sources.shop]\nplatform = \"shopify\"\ndestination = \"main\"\n\
         webhook_secrets = [\"file:hush\"]\nexclude = {{ unpaid = true }}\n"
    );
    let shop = Shop::new(&text);
    #[cfg(unix)]
    set_mode(&shop.path().join("hush"), 0o644);
    let ran = shop.run(&["check"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stdout);
    for (line, what) in [
        (6, "the token travels unencrypted"),
        (
            8,
            "destinations.other and destinations.main have the same token",
        ),
        (15, "everybody may read DIR/hush"),
        (16, "excluded as unpaid does not come back when it is paid"),
    ] {
        let start = format!("warning  DIR/orderbridge.toml:{line}: ");
        let found = ran.stdout.lines().find(|it| it.contains(what));
        let found = found.unwrap_or_else(|| panic!("{what}: {}", ran.stdout));
        assert!(found.starts_with(&start), "{found}");
    }
    let note = "note     DIR/orderbridge.toml:10: destinations.spare is not used by any source";
    assert!(ran.stdout.contains(note), "{}", ran.stdout);
    assert!(ran.stdout.contains("url = \"http://converge.example/…\""));
}

#[test]
fn an_address_in_use_is_a_warning_since_a_connector_may_run() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let shop = Shop::new(&format!(
        "[server]\nlisten = \"{address}\"\nadmin = \"127.0.0.1:0\"\n{GOOD}"
    ));
    let ran = shop.run(&["check"]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.stdout);
    assert!(
        ran.stdout
            .contains(&format!(":2: server: listen: {address} is in use"))
    );
    let same = Shop::new(&format!(
        "[server]\nlisten = \"{address}\"\nadmin = \"{address}\"\n{GOOD}"
    ));
    assert!(
        same.run(&["check"])
            .stdout
            .contains("another address than listen")
    );
}

#[test]
fn for_programs_it_is_one_object() {
    let shop = Shop::new(&format!("{SERVER}{GOOD}"));
    let ran = shop.run(&["check", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.exit, &json["good"]), (Exit::Done, &Value::Bool(true)));
    let token = &json["configuration"]["destinations"]["main"]["token"];
    assert_eq!(token, "file:DIR/token");
    assert!(json["commits"]["p50_seconds"].as_f64().unwrap() > 0.0);

    let shop = Shop::new("[sources.shop]\nplatform = \"shopfy\"\n");
    let ran = shop.run(&["check", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (ran.exit, &json["good"]),
        (Exit::Usage, &Value::Bool(false))
    );
    let finding = &json["findings"][0];
    assert_eq!(finding["severity"], "mistake");
    assert!(
        finding["line"].is_u64() && finding["message"].is_string(),
        "{finding}"
    );
}

#[test]
fn without_a_configuration_it_says_how_to_get_one() {
    // The tests run in the repository's own folder, which has none.
    for command in ["check", "run"] {
        let ran = run(&[command], "");
        assert_eq!(ran.exit, Exit::Usage);
        assert!(ran.stderr.contains("orderbridge init"), "{}", ran.stderr);
    }
}

#[test]
fn a_connector_that_is_not_there_is_not_live() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    drop(taken);
    let shop = Shop::new(&format!("[server]\nadmin = \"{address}\"\n"));
    let ran = shop.run(&["check", "--live"]);
    assert_eq!(ran.exit, Exit::Unavailable);
    assert!(
        ran.stderr.contains("/readyz: no connection"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_destination_to_probe_has_to_be_one() {
    let shop = Shop::new(&format!("{SERVER}{GOOD}"));
    let ran = shop.run(&["check", "--probe-all", "mian"]);
    assert_eq!(ran.exit, Exit::Usage);
    assert!(
        ran.stderr.contains("did you mean \"main\"?"),
        "{}",
        ran.stderr
    );
}

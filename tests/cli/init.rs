//! `init`: a configuration to start from.

use std::fs;

use orderbridge_cli::Exit;

use crate::support::run;

#[test]
fn what_it_writes_lacks_only_the_secrets() {
    for source in orderbridge_registry::ALL {
        let platform = source.adapter.name();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orderbridge.toml");
        let config = path.to_str().unwrap();
        let wrote = run(&["init", "--platform", platform, "--config", config], "");
        assert_eq!(wrote.exit, Exit::Done, "{}", wrote.stderr);
        assert_eq!(wrote.stdout, "");
        assert!(
            wrote.stderr.contains("orderbridge check"),
            "{}",
            wrote.stderr
        );

        let checked = run(&["check", "--config", config], "");
        let mistakes = checked
            .stdout
            .lines()
            .filter(|it| it.starts_with("mistake "));
        for mistake in mistakes {
            assert!(mistake.ends_with("is not set"), "{mistake}");
        }
        // With the secrets there, nothing is wrong.
        let text = fs::read_to_string(&path)
            .unwrap()
            .replace("\"env:", "\"file:");
        fs::write(
            &path,
            text.replace(
                "[server]",
                "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"",
            ),
        )
        .unwrap();
        let variables = checked
            .stdout
            .lines()
            .filter_map(|it| it.split("the variable ").nth(1)?.split(' ').next());
        for variable in variables {
            fs::write(folder.path().join(variable), "hush").unwrap();
        }
        let checked = run(&["check", "--config", config], "");
        assert_eq!(checked.exit, Exit::Done, "{}", checked.stdout);
    }
}

#[test]
fn it_writes_over_nothing_unless_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orderbridge.toml");
    fs::write(&path, "mine").unwrap();
    let config = path.to_str().unwrap();
    let refused = run(&["init", "--config", config], "");
    assert_eq!(refused.exit, Exit::Usage);
    assert!(refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");

    let printed = run(&["init", "--stdout", "--config", config], "");
    assert_eq!((printed.exit, printed.stderr.as_str()), (Exit::Done, ""));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");

    let forced = run(&["init", "--force", "--config", config], "");
    assert_eq!(forced.exit, Exit::Done, "{}", forced.stderr);
    assert_eq!(fs::read_to_string(&path).unwrap(), printed.stdout);
}

#[test]
fn several_platforms_are_several_sources() {
    let twice = run(
        &[
            "init",
            "--stdout",
            "--platform",
            "shopify",
            "--platform",
            "shopify",
        ],
        "",
    );
    assert_eq!(twice.stdout.matches("[sources.shopify]").count(), 1);
    let unknown = run(&["init", "--stdout", "--platform", "shopfy"], "");
    assert_eq!(unknown.exit, Exit::Usage);
    assert!(
        unknown.stderr.contains("did you mean \"shopify\"?"),
        "{}",
        unknown.stderr
    );
}

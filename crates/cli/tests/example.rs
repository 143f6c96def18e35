//! The repository that the documents show: its test passes, and fails where it should.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_orderbridge");

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/example-repository")
}

/// Copies a folder without what is hidden: what a runner checks out is no part of this repository.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// The commands of the workflow, but for the one that installs the program.
fn steps(folder: &Path) -> Vec<String> {
    let workflow = fs::read_to_string(folder.join(".github/workflows/orderbridge.yml")).unwrap();
    let commands = workflow
        .lines()
        .filter_map(|line| line.trim().strip_prefix("run: "));
    let commands = commands.filter(|command| !command.starts_with("cargo install"));
    commands.map(str::to_owned).collect()
}

/// Runs a command as the runner does, in a folder that has nothing but the example.
fn run(folder: &Path, command: &str) -> Output {
    let programs = Path::new(PROGRAM).parent().unwrap().display();
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new("bash")
        .args(["-e", "-c", command])
        .current_dir(folder)
        .env("PATH", format!("{programs}:{path}"))
        .env_remove("ORDERBRIDGE_CONFIG")
        .output()
        .unwrap()
}

#[test]
fn the_workflow_of_the_example_passes_and_finds_a_changed_channel() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    copy(&example(), folder);
    let steps = steps(folder);
    assert!(!steps.is_empty(), "the workflow runs nothing");
    for step in &steps {
        let output = run(folder, step);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{step}: {said}");
    }
    let config = folder.join("orderbridge.toml");
    let text = fs::read_to_string(&config).unwrap();
    let changed = text.replace("\"mobile_app\"", "\"web\"");
    assert_ne!(text, changed);
    fs::write(&config, changed).unwrap();
    let tested = steps.iter().find(|step| step.contains("snapshot test"));
    let output = run(folder, tested.unwrap());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.starts_with("1 order: channel mobile_app → web ("),
        "{said}"
    );
}

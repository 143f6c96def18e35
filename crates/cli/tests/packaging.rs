//! What comes beside the program: the unit, the image, alerts and the dashboard.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "process/running.rs"]
#[expect(dead_code, reason = "not all tests need all of it")]
mod running;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_orderbridge");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    let unit = read("packaging/orderbridge.service");
    let installed = "/usr/local/bin/orderbridge";
    assert!(unit.contains(installed));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orderbridge.service");
    let verify = |unit: &str| {
        fs::write(&path, unit).unwrap();
        let output = Command::new("systemd-analyze")
            .arg("verify")
            .arg(&path)
            .output();
        let output =
            output.expect("systemd-analyze is in the package systemd; scripts/test installs it");
        (output.status.success(), running::text(&output.stderr))
    };
    let unit = unit.replace(installed, PROGRAM);
    assert_eq!(verify(&unit), (true, String::new()));
    // And it would find something.
    let (_, said) = verify(&unit.replace("ProtectSystem=", "ProtectSistem="));
    assert!(said.contains("ProtectSistem"), "{said}");
}

#[test]
fn the_unit_takes_the_end_on_a_signal_for_success_and_a_wrong_configuration_for_final() {
    let unit = read("packaging/orderbridge.service");
    for line in [
        "SuccessExitStatus=130 143",
        "RestartPreventExitStatus=2",
        "Restart=on-failure",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
    ] {
        assert!(unit.lines().any(|it| it == line), "{line}");
    }
}

/// The instructions of the Dockerfile, continued lines joined, in the stages they belong to.
fn stages() -> Vec<Vec<(String, String)>> {
    let text = read("Dockerfile").replace("\\\n", " ");
    let mut stages: Vec<Vec<(String, String)>> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, rest) = line.split_once(' ').unwrap();
        if name == "FROM" {
            stages.push(Vec::new());
        }
        let Some(stage) = stages.last_mut() else {
            panic!("FROM comes first");
        };
        stage.push((name.to_owned(), rest.trim().to_owned()));
    }
    stages
}

fn copies(stage: &[(String, String)]) -> impl Iterator<Item = &str> {
    let copies = stage
        .iter()
        .filter(|(name, rest)| name == "COPY" && !rest.contains("--from="));
    copies.flat_map(|(_, rest)| {
        let mut words: Vec<&str> = rest.split_whitespace().collect();
        words.pop();
        words
    })
}

#[test]
fn the_image_is_built_from_all_that_the_program_needs() {
    let stages = stages();
    let build = stages.first().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ignored = read(".dockerignore");
    for source in copies(build) {
        let from = root().join(source);
        assert!(from.exists(), "COPY {source}: it is not there");
        let top = source.split('/').next().unwrap();
        assert!(
            ignored.lines().any(|it| it == format!("!{top}")),
            "{top} is ignored"
        );
        let copied = Command::new("cp")
            .arg("-r")
            .arg(&from)
            .arg(folder.path())
            .status();
        assert!(copied.unwrap().success(), "{source}");
    }
    // Cargo reads every manifest of the workspace, and wants to see every target.
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--offline",
            "--locked",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", running::text(&output.stderr));
    let members = running::text(&output.stdout);
    for name in [
        "orderbridge-cli",
        "orderbridge-registry",
        "orderbridge-core",
    ] {
        assert!(members.contains(&format!("\"name\":\"{name}\"")), "{name}");
    }
}

#[test]
fn the_image_runs_without_privileges_and_knows_how_it_is() {
    let stages = stages();
    assert_eq!(stages.len(), 2);
    let last = stages.last().unwrap();
    let all = |name: &str| -> Vec<&str> {
        let found = last.iter().filter(|(known, _)| known == name);
        found.map(|(_, rest)| rest.as_str()).collect()
    };
    assert_eq!(all("USER"), ["nonroot"]);
    assert_eq!(all("ADD"), [""; 0]);
    assert_eq!(all("RUN"), [""; 0], "there is no shell in the last stage");
    for entry in ["ENTRYPOINT", "CMD"] {
        let arguments: Vec<String> = serde_json::from_str(all(entry).first().unwrap()).unwrap();
        assert!(
            !arguments.is_empty(),
            "{entry} is a list: there is no shell"
        );
    }
    // What it asks itself is a command that there is.
    let [health] = all("HEALTHCHECK")[..] else {
        panic!("there is one HEALTHCHECK");
    };
    let (_, command) = health.split_once("CMD ").unwrap();
    let command: Vec<String> = serde_json::from_str(command).unwrap();
    let copied = all("COPY");
    assert!(
        copied.iter().any(|it| it.ends_with(&command[0])),
        "{copied:?}"
    );
    let output = running::orderbridge(&["check", "--live", "--quiet"])
        .env("ORDERBRIDGE_CONFIG", "/dev/null")
        .output()
        .unwrap();
    assert_eq!(command[1..], ["check", "--live", "--quiet"]);
    assert!(matches!(output.status.code(), Some(0 | 4)), "{output:?}");
}

/// The names of all metrics in a text.
fn metrics(text: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_ascii_lowercase() || letter == '_';
    let names = text.match_indices("orderbridge_").map(|(at, _)| {
        let rest = text.get(at..).unwrap();
        rest.chars().take_while(|it| is_name(*it)).collect()
    });
    names.collect()
}

#[test]
fn alerts_and_dashboard_ask_for_metrics_that_there_are() {
    let mut demo = running::start(&["demo", "--keep"]);
    let line = demo.told("health and metrics at http://");
    let (_, address) = line.split_once("metrics at http://").unwrap();
    let mut stream = TcpStream::connect(address.split('/').next().unwrap()).unwrap();
    let request = "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    let there = metrics(&page);
    assert!(there.len() > 20, "{there:?}");
    for (file, fewest) in [
        ("packaging/alerts.yml", 8),
        ("packaging/dashboard.json", 15),
    ] {
        let asked = metrics(&read(file));
        assert!(asked.len() >= fewest, "{file}: {asked:?}");
        for name in asked {
            assert!(there.contains(&name), "{file}: there is no {name}");
        }
    }
}

#[test]
fn the_dashboard_is_json_and_its_panels_do_not_overlap() {
    let dashboard: serde_json::Value =
        serde_json::from_str(&read("packaging/dashboard.json")).unwrap();
    let panels = dashboard.get("panels").unwrap().as_array().unwrap();
    let mut taken = BTreeSet::new();
    for panel in panels {
        let number = |name: &str| {
            panel
                .pointer(&format!("/gridPos/{name}"))
                .unwrap()
                .as_u64()
                .unwrap()
        };
        for x in number("x")..number("x") + number("w") {
            assert!(x < 24);
            for y in number("y")..number("y") + number("h") {
                assert!(taken.insert((x, y)), "{panel}");
            }
        }
    }
    assert!(panels.len() > 10);
}

//! A connector with sources of several platforms, and the sandbox that its events go to.

use std::fmt::Write as _;
use std::fs;
use std::time::SystemTime;

use orderbridge_event::{Secret, Timestamp};
use serde_json::Value;
use tempfile::TempDir;

use crate::running::Running;
use crate::shop::{SECRET, connector, queue, request, sandbox, wait};

/// What a source of the configuration is called, its platform, and further keys.
pub(crate) type Source<'a> = (&'a str, &'a str, &'a str);

pub(crate) struct House {
    folder: TempDir,
    config: String,
    receiver: String,
    admin: String,
    _sandbox: Running,
    _connector: Running,
    seen: usize,
}

impl House {
    pub(crate) fn new(destination: &str, sources: &[Source<'_>]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sandbox, url) = sandbox(folder.path(), &[]);
        fs::write(folder.path().join("secret"), SECRET).unwrap();
        let mut text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
             [destinations.main]\nurl = \"{url}\"\n{destination}\n"
        );
        for (name, platform, more) in sources {
            let _ = write!(
                text,
                "[sources.{name}]\nplatform = \"{platform}\"\ndestination = \"main\"\n\
                 webhook_secrets = [\"file:secret\"]\n{more}\n"
            );
        }
        let file = folder.path().join("orderbridge.toml");
        fs::write(&file, text).unwrap();
        let config = file.to_str().unwrap().to_owned();
        let (connector, receiver, admin) = connector(&config);
        Self {
            folder,
            config,
            receiver,
            admin,
            _sandbox: sandbox,
            _connector: connector,
            seen: 0,
        }
    }

    /// Posts a message as its platform signs it, to the address of its topic.
    pub(crate) fn post(&self, source: &str, platform: &str, topic: &str, body: &str) -> String {
        let signature = orderbridge_registry::find(platform)
            .and_then(|it| it.verify)
            .unwrap();
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let now = Timestamp::from_unix(i64::try_from(now).unwrap()).unwrap();
        let path = format!("/webhooks/{source}/{topic}");
        let mut head = format!("POST {} HTTP/1.1\r\n", path.trim_end_matches('/'));
        for (name, value) in signature.sign(&Secret::new(SECRET), topic, body.as_bytes(), now) {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let (status, answer) = request(&self.receiver, &head, body.as_bytes());
        assert_eq!(status, 200, "{topic}: {answer}");
        let (_, text) = answer.split_once("\r\n\r\n").unwrap();
        text.trim().to_owned()
    }

    /// Waits until all that was taken in is delivered; the events that arrived since the last time,
    /// by name and id.
    pub(crate) fn delivered(&mut self) -> Vec<Value> {
        wait("everything to be delivered", || {
            let args = [
                "list", "--state", "pending", "--state", "sending", "--state", "held", "--format",
                "json",
            ];
            queue(&self.config, &args).is_empty()
        });
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let read = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
        let all: Vec<Value> = log.lines().map(read).collect();
        let mut new: Vec<Value> = all.iter().skip(self.seen).cloned().collect();
        self.seen = all.len();
        for line in &new {
            assert_eq!(line["status"], 200, "{line}");
            assert_eq!(line["duplicate"], false, "{line}");
        }
        let name = |line: &Value| line["body"]["event_name"].to_string();
        new.sort_by_key(|line| (name(line), line["body"]["event_id"].to_string()));
        new.into_iter()
            .map(|mut line| line["body"].take())
            .collect()
    }

    /// Events whose key was known with other bytes, and should not have been.
    pub(crate) fn conflicts(&self) -> u64 {
        let (status, metrics) = request(&self.admin, "GET /metrics HTTP/1.1\r\n", b"");
        assert_eq!(status, 200);
        let lines = metrics
            .lines()
            .filter(|line| line.contains("conflicts_total{"));
        let values = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        values.sum()
    }

    pub(crate) fn queue(&self, args: &[&str]) -> String {
        queue(&self.config, args)
    }
}

/// A fixture of an adapter, with texts replaced, each of which has to be there.
pub(crate) fn fixture(platform: &str, name: &str, changes: &[(&str, &str)]) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let path = format!("{root}/../../adapters/{platform}/fixtures/{name}.json");
    let mut text = fs::read_to_string(path).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{platform}/{name} has no {old}");
        text = text.replace(old, new);
    }
    text
}

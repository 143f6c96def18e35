//! A configuration with one source, a sandbox that it delivers to, and commands on it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use orderbridge_event::{Secret, Source, Timestamp};

use crate::running::{Running, orderbridge, start, text};

const SECRET: &str = "hush";

pub(crate) fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// Asks again and again until it is so, for as long as a loaded machine may take.
pub(crate) fn wait(what: &str, mut so: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("waited in vain for {what}");
}

pub(crate) struct Shop {
    folder: tempfile::TempDir,
    platform: &'static Source,
    pub(crate) config: String,
    _sandbox: Running,
}

impl Shop {
    /// A source of a platform, with a secret of its API and more keys.
    pub(crate) fn new(platform: &str, key: &str, secret: &str, keys: &str) -> Self {
        let platform = orderbridge_registry::find(platform).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let log = path.join("log");
        let args = [
            "sandbox",
            "--listen",
            "127.0.0.1:0",
            "--log",
            log.to_str().unwrap(),
        ];
        let mut sandbox = start(&args);
        let line = sandbox.told("listening on ");
        let to = line.trim().strip_prefix("listening on ").unwrap();
        fs::write(path.join("hook"), SECRET).unwrap();
        fs::write(path.join("api"), secret).unwrap();
        let name = platform.adapter.name();
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
             [destinations.main]\nurl = \"{to}\"\n\
             [sources.shop]\nplatform = \"{name}\"\ndestination = \"main\"\n\
             webhook_secrets = [\"file:hook\"]\n\
             {key} = \"file:api\"\npoll = \"200ms\"\n{keys}\n"
        );
        let file = path.join("orderbridge.toml");
        fs::write(&file, text).unwrap();
        Self {
            config: file.to_str().unwrap().to_owned(),
            folder,
            platform,
            _sandbox: sandbox,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A connector that is up, and its webhook address.
    pub(crate) fn connector(&self) -> (Running, String) {
        let mut running = start(&["run", "--config", &self.config]);
        let line = running.told("receiving at http://");
        let (_, rest) = line.split_once("http://").unwrap();
        (running, rest.split('/').next().unwrap().to_owned())
    }

    pub(crate) fn command(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let all = [args, &["--config", &self.config]].concat();
        let output = orderbridge(&all).output().unwrap();
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr),
        )
    }

    /// The events that arrived, in the order of the log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The ids that arrived.
    pub(crate) fn arrived(&self) -> Vec<String> {
        let log = self.log();
        let ids = log.lines().filter_map(|line| {
            let (_, rest) = line.split_once("\"event_id\":\"")?;
            Some(rest.split('"').next()?.to_owned())
        });
        ids.collect()
    }

    /// Posts a signed webhook; tells the status of the answer.
    pub(crate) fn post(&self, address: &str, topic: &str, body: &str) -> u16 {
        let verify = self.platform.verify.unwrap();
        let at = Timestamp::from_unix(now()).unwrap();
        let signed = verify.sign(&Secret::new(SECRET), topic, body.as_bytes(), at);
        let signed: Vec<String> = signed
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let head = format!(
            "POST /webhooks/shop{topic} HTTP/1.1\r\nHost: shop\r\n{}Content-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            signed.concat(),
            body.len()
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

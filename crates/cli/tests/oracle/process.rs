//! The connector under test, and the commands beside it.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::ledger::Stored;
use super::orders::order_of;
use super::running::{Running, orderbridge, text};
use super::{SECRET, SOURCE, TIMEOUT};

/// A start and an end may take this long on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(90);

/// The folder of a run: configuration, store, log.
pub(crate) struct House {
    pub(crate) folder: PathBuf,
    endpoint: String,
    pub(crate) verbose: bool,
}

/// A connector that runs.
pub(crate) struct Connector {
    running: Running,
    lines: Receiver<String>,
    pub(crate) admin: String,
}

impl House {
    pub(crate) fn new(folder: &Path, endpoint: String, verbose: bool) -> Self {
        fs::write(folder.join("secret"), SECRET).unwrap();
        Self {
            folder: folder.to_owned(),
            endpoint,
            verbose,
        }
    }

    fn config(&self) -> String {
        self.folder.join("orderbridge.toml").display().to_string()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.join("orderbridge.db")
    }

    /// Writes what a process is to know. Each one posts to a path of its own, so that the endpoint
    /// knows which one a request comes from. Bodies are erased soon, so that the file stays small.
    fn configure(&self, process: usize) {
        let timeout = TIMEOUT.as_secs();
        let text = format!(
            "[store]\nretention = \"60s\"\n\
             [server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
             [destinations.main]\nurl = \"http://{}/process-{process}\"\ntimeout = \"{timeout}s\"\n\
             retry = {{ schedule = [\"50ms\", \"100ms\", \"300ms\", \"1s\"] }}\n\
             breaker = {{ window = \"5s\", probe = \"400ms\" }}\n\
             [sources.{SOURCE}]\nplatform = \"shopify\"\ndestination = \"main\"\n\
             webhook_secrets = [\"file:secret\"]\n",
            self.endpoint
        );
        fs::write(self.config(), text).unwrap();
    }

    /// Starts a process. Everything that it says goes to the log.
    pub(crate) fn start(&self, process: usize) -> Connector {
        self.configure(process);
        let config = self.config();
        let mut command = orderbridge(&["run", "--config", &config]);
        if self.verbose {
            command.env("ORDERBRIDGE_LOG", "info");
        }
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let lines = log(&self.folder, process, &mut child);
        Connector {
            running: Running(child),
            lines,
            admin: String::new(),
        }
    }

    /// Runs a command of `queue`, which has to work, whatever happens to the connector.
    pub(crate) fn queue(&self, args: &[&str]) -> Result<String, String> {
        let config = self.config();
        let all = [&["queue"], args, &["--config", &config]].concat();
        let output = orderbridge(&all).output().unwrap();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(format!("queue {args:?}: {}", text(&output.stderr)))
        }
    }

    /// What the program says it has stored, in these states.
    pub(crate) fn stored(&self, states: &[&str], limit: usize) -> Result<Vec<Stored>, String> {
        let limit = limit.to_string();
        let mut args = vec!["list", "--format", "json", "--limit", &limit];
        for state in states {
            args.extend(["--state", state]);
        }
        let list = self.queue(&args)?;
        list.lines().map(|line| self.item(line)).collect()
    }

    fn item(&self, line: &str) -> Result<Stored, String> {
        let json = |text: &str| -> Result<serde_json::Value, String> {
            serde_json::from_str(text).map_err(|error| format!("{error}: {text}"))
        };
        let item = json(line)?;
        let text = |name: &str| Some(item.get(name)?.as_str()?.to_owned());
        let id = text("id").ok_or_else(|| format!("an item without an id: {line}"))?;
        let key = text("event_name").zip(text("event_id"));
        let order = if key.is_none() {
            // A payload that became no event: which order it is, only the payload itself says.
            let shown = json(&self.queue(&["show", &id, "--format", "json"])?)?;
            let payload = shown.get("payload").and_then(|it| it.as_str());
            let payload = json(payload.unwrap_or_default())?;
            order_of(&payload.get("id").unwrap_or_default().to_string())
        } else {
            None
        };
        let reason = item.pointer("/reason/code").and_then(|it| it.as_str());
        Ok(Stored {
            state: text("state").unwrap_or_default(),
            reason: reason.map(str::to_owned),
            id,
            key,
            order,
        })
    }

    /// The size of a file of the store.
    pub(crate) fn size(&self, name: &str) -> u64 {
        fs::metadata(self.folder.join(name)).map_or(0, |data| data.len())
    }
}

/// Copies what a process says to the log, and hands it on.
fn log(folder: &Path, process: usize, child: &mut Child) -> Receiver<String> {
    let path = folder.join("connector.log");
    let file = OpenOptions::new().create(true).append(true).open(path);
    let mut file: File = file.unwrap();
    let stderr = child.stderr.take().unwrap();
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            let _ = writeln!(file, "{process}: {line}");
            let _ = sender.send(line);
        }
    });
    lines
}

impl Connector {
    /// Waits until it is up and gives the address that it receives at.
    pub(crate) fn up(&mut self) -> Result<String, String> {
        let receiver = self.told("receiving at http://")?;
        self.admin = self.told("health and metrics at http://")?;
        Ok(receiver)
    }

    fn told(&self, wanted: &str) -> Result<String, String> {
        let started = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(started.elapsed());
            let Ok(line) = self.lines.recv_timeout(left) else {
                return Err(format!("it never said {wanted:?}"));
            };
            if let Some((_, rest)) = line.split_once(wanted) {
                let end = rest.find(['/', ' ']).unwrap_or(rest.len());
                return Ok(rest.split_at(end).0.to_owned());
            }
        }
    }

    /// Its memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.running.0.id()));
        let status = status.unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        kilobytes.unwrap_or(0_u64) * 1024
    }

    /// Ends it at once.
    pub(crate) fn kill(mut self) {
        self.running.signal(Signal::SIGKILL);
        let _ = self.running.0.wait();
    }

    /// Asks it to finish, and waits.
    pub(crate) fn terminate(self) -> Result<(), String> {
        self.running.signal(Signal::SIGTERM);
        let mut child = self.running;
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(status) = child.0.try_wait().unwrap() {
                return match status.code() {
                    Some(143) => Ok(()),
                    _ => Err(format!("after SIGTERM it ended with {status}")),
                };
            }
            thread::sleep(Duration::from_millis(10));
        }
        Err("after SIGTERM it does not end".to_owned())
    }
}

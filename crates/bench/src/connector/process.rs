//! The program that is measured, as a process of its own, and what the system says it uses.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, SysconfVar, sysconf};
use orderbridge_bench::fill::{DESTINATION, SOURCE};

/// Signs the webhooks.
pub(super) const SECRET: &str = "hush";

/// The line of the program that says where it receives.
const RECEIVING: &str = "receiving at http://";

/// A folder with a configuration and perhaps a store.
#[derive(Debug)]
pub(super) struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    /// Makes one beside the built program, on the disk that the project is on.
    pub(super) fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir_in(beside_us("")?).map_err(|error| error.to_string())?;
        let site = Self { folder };
        site.write("secret", SECRET)?;
        Ok(site)
    }

    pub(super) fn store(&self) -> PathBuf {
        self.folder.path().join("orderbridge.db")
    }

    /// How large the store is, its journal left out.
    pub(super) fn store_megabytes(&self) -> Result<f64, String> {
        let data = fs::metadata(self.store()).map_err(|error| error.to_string())?;
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let bytes = data.len() as f64;
        Ok(bytes / 1e6)
    }

    /// Writes a configuration: one shop, one destination.
    pub(super) fn configure(
        &self,
        platform: &str,
        to: SocketAddr,
        concurrency: usize,
    ) -> Result<(), String> {
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
             [destinations.{DESTINATION}]\nurl = \"http://{to}/\"\nconcurrency = {concurrency}\n\
             [sources.{SOURCE}]\nplatform = \"{platform}\"\ndestination = \"{DESTINATION}\"\n\
             webhook_secrets = [\"file:secret\"]\n"
        );
        self.write("orderbridge.toml", &text)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.folder.path().join(name);
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Starts the connector on it.
    pub(super) fn start(&self) -> Result<Running, String> {
        let config = self.folder.path().join("orderbridge.toml");
        let mut command = Command::new(beside_us("orderbridge")?);
        command.arg("run").arg("--config").arg(config);
        Running::start(command)
    }
}

/// A file in the folder of this program; the folder itself for no name.
pub(super) fn beside_us(name: &str) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    Ok(own.parent().unwrap_or(Path::new("")).join(name))
}

/// A process that receives. It is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// Where webhooks go.
    pub(super) address: SocketAddr,
    /// From the start of the process until it listened.
    pub(super) start_up: Duration,
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    /// Of all cores, user and system.
    pub(super) cpu: Duration,
    /// Resident memory now and at its peak, in MB.
    pub(super) memory: f64,
    pub(super) peak: f64,
}

impl Running {
    /// Starts a command and waits until it says where it receives.
    pub(super) fn start(mut command: Command) -> Result<Self, String> {
        let started = Instant::now();
        let spawned = command.stderr(Stdio::piped()).spawn();
        let mut child =
            spawned.map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let mut lines = BufReader::new(child.stderr.take().ok_or("no stderr")?);
        let mut line = String::new();
        let address = loop {
            line.clear();
            if lines.read_line(&mut line).map_err(|e| e.to_string())? == 0 {
                return Err("the program ended instead of receiving".to_owned());
            }
            if let Some((_, rest)) = line.split_once(RECEIVING) {
                break rest.split('/').next().unwrap_or_default();
            }
        };
        let start_up = started.elapsed();
        let address = address.parse().map_err(|_| format!("no address: {line}"))?;
        // Nobody is held up by what else it says; only what is unusual is worth a look.
        thread::spawn(move || {
            let mut rest = String::new();
            let _ = lines.read_to_string(&mut rest);
            let unusual = |line: &&str| line.contains("WARN") || line.contains("ERROR");
            rest.lines().filter(unusual).take(5).for_each(complain);
        });
        Ok(Self {
            child,
            address,
            start_up,
        })
    }

    /// What it has used so far.
    pub(super) fn used(&self) -> Result<Used, String> {
        let read = |name: &str| {
            let path = format!("/proc/{}/{name}", self.child.id());
            fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
        };
        let (stat, status) = (read("stat")?, read("status")?);
        // The name, in brackets, may hold anything.
        let fields = stat.rsplit(')').next().unwrap_or_default();
        let ticks = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
        let kilobytes = |name: &str| -> Result<f64, String> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().nth(1));
            let number = number.and_then(|number| number.parse().ok());
            number.ok_or_else(|| format!("the system does not tell {name}"))
        };
        Ok(Used {
            cpu: Duration::from_secs(1) / ticks_per_second()? * u32::try_from(ticks).unwrap_or(0),
            memory: kilobytes("VmRSS")? / 1024.0,
            peak: kilobytes("VmHWM")? / 1024.0,
        })
    }

    /// Asks it to end, and waits.
    pub(super) fn stop(mut self) -> Result<(), String> {
        let pid = i32::try_from(self.child.id()).map_err(|error| error.to_string())?;
        kill(Pid::from_raw(pid), Signal::SIGTERM).map_err(|error| error.to_string())?;
        self.child.wait().map_err(|error| error.to_string())?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ticks_per_second() -> Result<u32, String> {
    let ticks = sysconf(SysconfVar::CLK_TCK).map_err(|error| error.to_string())?;
    let ticks = ticks.and_then(|ticks| u32::try_from(ticks).ok());
    ticks
        .filter(|ticks| *ticks > 0)
        .ok_or("no clock".to_owned())
}

#[expect(clippy::print_stderr, reason = "a command-line program")]
fn complain(line: &str) {
    eprintln!("{line}");
}

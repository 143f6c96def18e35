//! Runs a command and tells what it used.
//!
//! The system keeps the peak memory of all children together, so each command runs below a process
//! of its own that has no other child.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// What a command used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// From start to end, in seconds.
    pub(crate) wall: f64,
    /// Of all cores, user and system, in seconds.
    pub(crate) cpu: f64,
    /// Peak resident memory, in MB.
    pub(crate) memory: f64,
}

/// Runs a command several times and gives the fastest run, with the peak memory of all.
pub(crate) fn best(runs: usize, command: &[String], stdout: &Path) -> Result<Usage, String> {
    let mut best: Option<Usage> = None;
    for _ in 0..runs.max(1) {
        let run = once(command, stdout)?;
        best = Some(match best {
            None => run,
            Some(best) => {
                let memory = best.memory.max(run.memory);
                let faster = if run.wall < best.wall { run } else { best };
                Usage { memory, ..faster }
            }
        });
    }
    best.ok_or_else(|| "no run".to_owned())
}

/// The middle of many runs' wall times, in seconds.
pub(crate) fn median_wall(runs: usize, command: &[String], stdout: &Path) -> Result<f64, String> {
    let walls: Result<Vec<f64>, String> = (0..runs.max(1))
        .map(|_| once(command, stdout).map(|usage| usage.wall))
        .collect();
    let mut walls = walls?;
    walls.sort_by(f64::total_cmp);
    walls
        .get(walls.len() / 2)
        .copied()
        .ok_or_else(|| "no run".to_owned())
}

fn once(command: &[String], stdout: &Path) -> Result<Usage, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(own)
        .arg("child")
        .arg(stdout)
        .args(command)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map(str::parse::<f64>);
    let mut next = || numbers.next().and_then(Result::ok);
    match (output.status.success(), next(), next(), next()) {
        (true, Some(wall), Some(cpu), Some(memory)) => Ok(Usage { wall, cpu, memory }),
        _ => Err(format!("{} failed", command.join(" "))),
    }
}

/// Runs the command as the only child of this process, and prints wall, CPU and memory.
pub(crate) fn child(stdout: &Path, command: &[String]) -> Result<(), String> {
    let (program, args) = command.split_first().ok_or("no command")?;
    let file = File::create(stdout).map_err(|error| format!("{}: {error}", stdout.display()))?;
    let started = Instant::now();
    let status = Command::new(program)
        .args(args)
        .stdout(file)
        .status()
        .map_err(|error| format!("{program}: {error}"))?;
    let wall = started.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("{program} ended with {status}"));
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let (cpu, memory) = (micros as f64 / 1e6, usage.max_rss() as f64 / 1024.0);
    #[expect(clippy::print_stdout, reason = "the result, for the process above")]
    {
        println!("{wall} {cpu} {memory}");
    }
    Ok(())
}

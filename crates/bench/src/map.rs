//! `scripts/bench map`: the speed of mapping, as a user gets it: files in, files out.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use orderbridge_bench::generate;

use crate::measure::{Usage, best, median_wall};
use crate::say;

/// What to measure.
#[derive(Args, Debug)]
pub(crate) struct MapArgs {
    /// The platform; amazon-report is a report with tabs
    #[arg(long, default_value = "shopify")]
    platform: String,
    /// How many payloads are generated
    #[arg(long, default_value_t = 20_000)]
    orders: u32,
    /// Each figure is the best of so many runs
    #[arg(long, default_value_t = 5)]
    runs: usize,
}

struct Bench<'a> {
    program: String,
    /// The platform, and how its payloads are written.
    input: Vec<&'a str>,
    file: String,
    orders: f64,
    megabytes: f64,
    runs: usize,
    scratch: PathBuf,
}

pub(crate) fn run(args: &MapArgs) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = own.parent().unwrap_or(Path::new(""));
    let scratch = folder.join("bench");
    fs::create_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    let file = scratch.join(format!("{}-{}", args.platform, args.orders));
    let bytes = generate::write(&file, &args.platform, args.orders)?;
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let megabytes = bytes as f64 / 1e6;
    let bench = Bench {
        program: folder.join("orderbridge").display().to_string(),
        input: match args.platform.as_str() {
            generate::REPORT => vec!["amazon", "--format", "tsv"],
            platform => vec![platform],
        },
        file: file.display().to_string(),
        orders: f64::from(args.orders),
        megabytes,
        runs: args.runs,
        scratch,
    };
    bench.report()
}

impl Bench<'_> {
    fn report(&self) -> Result<(), String> {
        let kilobytes = self.megabytes * 1e3 / self.orders;
        say(&format!(
            "{} payloads of {kilobytes:.1} kB each ({:.0} MB), best of {} runs\n",
            self.orders, self.megabytes, self.runs
        ));
        say(&format!(
            "{:<28} {:>10} {:>8} {:>8} {:>9}",
            "", "payloads/s", "MB/s", "CPU s", "memory MB"
        ));
        let parse = self.row("parse only, 1 thread", &["--jobs", "1", "--parse-only"])?;
        let one = self.row("map, 1 thread", &["--jobs", "1"])?;
        self.row(
            "map --events-only, 1 thread",
            &["--jobs", "1", "--events-only"],
        )?;
        let two = self.row("map, 2 threads", &["--jobs", "2"])?;
        say("");
        say(&format!(
            "map / parse only             {:>10.2}",
            parse.wall / one.wall
        ));
        say(&format!(
            "2 threads / 1 thread         {:>10.2}",
            one.wall / two.wall
        ));

        let single = self.scratch.join("one.ndjson");
        let text = fs::read_to_string(&self.file).map_err(|error| error.to_string())?;
        // A report has a header before its first row.
        let lines = if self.input.len() > 1 { 2 } else { 1 };
        let first: Vec<&str> = text.lines().take(lines).collect();
        fs::write(&single, first.join("\n")).map_err(|error| error.to_string())?;
        drop(text);
        let command = self.command(&single.display().to_string(), &[]);
        let wall = median_wall(101, &command, &self.scratch.join("out"))?;
        say(&format!(
            "start-up, one payload        {:>10.2} ms (median)",
            wall * 1e3
        ));
        Ok(())
    }

    fn row(&self, title: &str, flags: &[&str]) -> Result<Usage, String> {
        let command = self.command(&self.file, flags);
        let usage = best(self.runs, &command, &self.scratch.join("out"))?;
        let Usage { wall, cpu, memory } = usage;
        say(&format!(
            "{title:<28} {:>10.0} {:>8.0} {cpu:>8.2} {memory:>9.1}",
            self.orders / wall,
            self.megabytes / wall
        ));
        Ok(usage)
    }

    fn command(&self, file: &str, flags: &[&str]) -> Vec<String> {
        let command = [self.program.as_str(), "map"];
        let all = command.iter().chain(&self.input);
        all.chain(&[file, "--quiet"])
            .chain(flags)
            .map(|text| (*text).to_owned())
            .collect()
    }
}

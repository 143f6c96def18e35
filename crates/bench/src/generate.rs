//! The generators, and files of what they make.

mod amazon;
mod billing;
mod recharge;
mod shopify;

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::Args;

/// What to generate.
#[derive(Args, Debug)]
pub struct GenerateArgs {
    /// The platform; amazon-report is a report with tabs
    platform: String,
    /// Where to
    file: PathBuf,
    /// How many
    #[arg(long, default_value_t = 20_000)]
    orders: u32,
}

/// The generator of a platform's payloads.
#[derive(Clone, Copy, Debug)]
pub struct Orders(fn(&mut fastrand::Rng, u32) -> serde_json::Value);

impl Orders {
    /// So many payloads, one after the other.
    pub fn some(self, count: u32) -> impl Iterator<Item = serde_json::Value> {
        // A fixed seed: the same orders on every machine.
        let mut dice = fastrand::Rng::with_seed(20_261_124);
        (0..count).map(move |number| (self.0)(&mut dice, number))
    }

    /// Finds the generator of a platform.
    pub fn of(platform: &str) -> Result<Self, String> {
        match platform {
            "amazon" => Ok(Self(amazon::order)),
            "chargebee" => Ok(Self(billing::chargebee)),
            "recharge" => Ok(Self(recharge::charge)),
            "shopify" => Ok(Self(shopify::order)),
            "stripe" => Ok(Self(billing::stripe)),
            _ => Err(format!("there are no generated payloads of {platform}")),
        }
    }
}

/// Writes the file that was asked for.
pub fn run(args: &GenerateArgs) -> Result<(), String> {
    write(&args.file, &args.platform, args.orders).map(|_| ())
}

/// What a report of Amazon's is asked for by; all other names are platforms.
pub const REPORT: &str = "amazon-report";

/// Writes payloads, one a line, or a report, and gives the size of the file.
pub fn write(file: &Path, platform: &str, count: u32) -> Result<u64, String> {
    let shown = |error: std::io::Error| format!("{}: {error}", file.display());
    if platform == REPORT {
        amazon::write_report(file, count)?;
    } else {
        write_payloads(file, Orders::of(platform)?, count)?;
    }
    fs::metadata(file).map(|data| data.len()).map_err(shown)
}

fn write_payloads(file: &Path, orders: Orders, count: u32) -> Result<(), String> {
    let shown = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut out = BufWriter::new(File::create(file).map_err(shown)?);
    for order in orders.some(count) {
        serde_json::to_writer(&mut out, &order).map_err(|error| error.to_string())?;
        out.write_all(b"\n").map_err(shown)?;
    }
    out.flush().map_err(shown)
}

//! The yardstick of `intake`: our receiver and our store, and nothing between them. It checks the
//! signature, commits the raw body and answers; nothing is mapped and nothing delivered.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use orderbridge_bench::fill::{DESTINATION, SOURCE};
use orderbridge_connect::{Limits, Receiver, Routes, SourceRoute};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_event::{
    Adapter, Code, Context, MapError, Mapped, Payload, Profile, Role, Secret, Source,
};

use super::process::{Running, SECRET};

/// Starts the yardstick as a process of its own.
pub(super) fn start(platform: &str, store: &Path) -> Result<Running, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(own);
    command.arg("bare-receiver").arg(platform).arg(store);
    Running::start(command)
}

/// Runs it until it is killed.
pub(crate) fn run(platform: &str, store: &Path) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(receive(platform, store))
}

async fn receive(platform: &str, store: &Path) -> Result<(), String> {
    let platform = orderbridge_registry::find(platform).ok_or("there is no such platform")?;
    let raw: &'static Source = Box::leak(Box::new(Source {
        adapter: &Raw,
        webhook: None,
        ..*platform
    }));
    let mut route = SourceRoute::new(SOURCE, raw, DESTINATION);
    route.secrets = vec![Secret::new(SECRET)];
    let store = SqliteStore::open(store, SqliteOptions::default()).await;
    let store = Arc::new(store.map_err(|error| error.to_string())?);
    let routes = Arc::new(Routes::new([route]));
    let receiver = Receiver::start("127.0.0.1:0", routes, store, Limits::default()).await;
    let receiver = receiver.map_err(|error| error.to_string())?;
    #[expect(clippy::print_stderr, reason = "the address, for the process above")]
    {
        eprintln!("receiving at http://{}/", receiver.addr());
    }
    std::future::pending().await
}

/// A platform of whose payloads nothing is read.
#[derive(Debug)]
struct Raw;

static PROFILE: Profile = Profile {
    role: Role::Store,
    options: &[],
    title: "Raw",
    api_version: "",
    default_topic: "raw",
    topics: &[],
    events: &[],
    channels: &[],
    docs: &[],
};

impl Adapter for Raw {
    fn name(&self) -> &'static str {
        "raw"
    }

    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn map(&self, _: Payload<'_>, _: &Context) -> Result<Mapped, MapError> {
        Ok(Mapped::ignored(Code::TopicNoEvent, "not read"))
    }

    fn parse(&self, _: Payload<'_>) -> Result<(), MapError> {
        Ok(())
    }
}

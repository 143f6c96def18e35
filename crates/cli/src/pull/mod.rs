//! Commands that read a platform's API.

pub(crate) mod backfill;
pub(crate) mod reconcile;
mod time;

use std::path::Path;
use std::sync::Arc;

use orderbridge_connect::pull::{Account, Patience, WalkError};
use orderbridge_connect::{NewCustomer, Routes};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{StoreError, StoreErrorKind};
use orderbridge_event::{Source, Trouble};

use crate::config::{Config, SourceConfig, none_here};
use crate::run::route;
use crate::source::did_you_mean;
use crate::{Exit, Failed, Global};

/// The account of a source, if its API is to be read.
pub(crate) fn account(name: &str, source: &SourceConfig) -> Result<Option<Arc<Account>>, Failed> {
    let usage = |why: String| (Exit::Usage, format!("sources.{name}: {why}"));
    let platform = platform(name, source)?;
    let Some(api) = source.pull.open(platform).map_err(usage)? else {
        return Ok(None);
    };
    let account = Account::new(api, Patience::default());
    let account = account.map_err(|error| usage(error.to_string()))?;
    Ok(Some(Arc::new(account)))
}

fn platform(name: &str, source: &SourceConfig) -> Result<&'static Source, Failed> {
    let found = orderbridge_registry::find(&source.platform);
    found.ok_or_else(|| {
        let platform = &source.platform;
        (
            Exit::Usage,
            format!("sources.{name}: there is no platform {platform:?}"),
        )
    })
}

/// What a command needs to read the API of one source.
struct Reading {
    config: Config,
    routes: Routes,
    account: Arc<Account>,
}

/// Looks a source up. Whoever only compares must not note who has bought.
fn reading(global: &Global, name: &str, only_compares: bool) -> Result<Reading, Failed> {
    let usage = |why: String| (Exit::Usage, why);
    let config = Config::find(global)?.ok_or_else(none_here)?;
    let Some(source) = config.sources.get(name) else {
        let hint = did_you_mean(name, config.sources.keys().map(String::as_str));
        return Err(usage(format!("there is no source {name:?}{hint}")));
    };
    if source.destination.is_none() {
        let file = config.path.display();
        let message = format!("{file}: sources.{name} names no destination to deliver to");
        return Err(usage(message));
    }
    let account = account(name, source)?.ok_or_else(|| usage(no_api(name, source)))?;
    let mut route = route::mapping(&config, name, source)?;
    if only_compares {
        route.new_customer = NewCustomer::Payload;
        // Who bought is of no matter for that.
        route.fetch = None;
    }
    Ok(Reading {
        routes: Routes::new([route]),
        account,
        config,
    })
}

fn no_api(name: &str, source: &SourceConfig) -> String {
    let platform = &source.platform;
    let pull = orderbridge_registry::find(platform).and_then(|source| source.pull);
    let Some(pull) = pull else {
        return format!("sources.{name}: the API of {platform} is not one that can be read");
    };
    let keys = pull.keys().iter().filter(|key| key.is_required);
    let keys: Vec<&str> = keys.map(|key| key.name).collect();
    format!(
        "sources.{name}: to read the API of {platform}, the source needs {}",
        keys.join(", ")
    )
}

/// Opens the store beside a connector that may be running, and makes it if there is none.
async fn store(path: &Path) -> Result<SqliteStore, Failed> {
    let failed = |error: StoreError| (Exit::Unexpected, format!("{}: {error}", path.display()));
    if !path.exists() {
        let new = SqliteStore::open(path, SqliteOptions::default()).await;
        drop(new.map_err(failed)?);
    }
    SqliteStore::beside(path).await.map_err(failed)
}

/// Whether a connector is running on a store.
async fn is_running(path: &Path) -> bool {
    let opened = SqliteStore::open(path, SqliteOptions::default()).await;
    matches!(opened, Err(error) if error.kind == StoreErrorKind::Locked)
}

/// How a command ends that could not read on.
fn failed(error: &WalkError) -> Failed {
    match error {
        WalkError::Pull(error) => {
            let exit = match error.trouble {
                Trouble::Unavailable | Trouble::Answer => Exit::Unavailable,
                Trouble::Credentials => Exit::Usage,
                Trouble::Missing | Trouble::Refused => Exit::Unexpected,
            };
            (exit, format!("{error}\n  {}", error.trouble.code().page()))
        }
        WalkError::Store(error) => (Exit::Unexpected, format!("the store: {error}")),
        other => (Exit::Unexpected, other.to_string()),
    }
}

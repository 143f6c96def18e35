//! Which sources there are and what is done with what they send.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use orderbridge_core::store::{ConflictPolicy, Millis, Store, StoreError, SubjectKey};
use orderbridge_event::{EventName, Options, Secret, Source};
use orderbridge_rules::Rules;
use tokio::sync::{Mutex, MutexGuard, Notify, OnceCell};

use crate::answers::Answers;
use crate::counters::Counters;
use crate::ruled::RuleCounters;
use crate::{Reply, path};

/// One source of the configuration.
#[derive(Clone, Debug)]
pub struct SourceRoute {
    /// Its name, which is also its path.
    pub name: String,
    /// Its platform.
    pub platform: &'static Source,
    /// What the mapping is told.
    pub options: Options,
    /// The user's own rules, which have the last word.
    pub rules: Rules,
    /// The secrets that may sign; several while one is being rotated.
    pub secrets: Vec<Secret>,
    /// How far the time of signing may be off, where it is not the platform's own.
    pub signature_tolerance: Option<Duration>,
    /// The destination of its events.
    pub destination: String,
    /// How long orders wait for a newer version of themselves.
    pub hold: Option<Duration>,
    /// Whether the store's history decides who is a new customer.
    pub new_customer: NewCustomer,
    /// What is done with an event whose key is known with other bytes.
    pub conflict: ConflictPolicy,
    /// The largest body that is taken, in bytes.
    pub largest_body: usize,
    /// Told when something was stored, for whoever delivers it.
    pub wake: Arc<Notify>,
    /// Told when something is to be fetched; absent where nobody fetches.
    pub fetch: Option<Arc<Notify>>,
    /// What the platform's API told of the things that payloads name.
    pub answers: Arc<Answers>,
}

impl SourceRoute {
    /// The largest body unless it is set: several times that of an order with hundreds of lines.
    pub const LARGEST_BODY: usize = 2 << 20;

    /// A source with the defaults of the configuration.
    pub fn new(name: &str, platform: &'static Source, destination: &str) -> Self {
        Self {
            name: name.to_owned(),
            platform,
            options: Options::default(),
            rules: Rules::none(),
            secrets: Vec::new(),
            signature_tolerance: None,
            destination: destination.to_owned(),
            hold: None,
            new_customer: NewCustomer::Payload,
            conflict: ConflictPolicy::default(),
            largest_body: Self::LARGEST_BODY,
            wake: Arc::default(),
            fetch: None,
            answers: Arc::default(),
        }
    }
}

/// `new_customer`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum NewCustomer {
    /// What the payload says, if anything.
    #[default]
    Payload,
    /// What the store has seen of the customer.
    Store {
        /// From when on the history is complete; a customer may have bought before unseen.
        complete_from: Option<Millis>,
    },
}

/// A source with what is derived from it once.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) source: SourceRoute,
    /// Who maps, as it is stored with each payload.
    pub(crate) mapping: String,
    pub(crate) counters: Counters,
    pub(crate) ruled: RuleCounters,
    /// Held while a refund is taken in: each is told against those before.
    refunds: Mutex<()>,
}

impl Route {
    /// The turn of a webhook, where it has to wait for one: refunds are taken in one after the
    /// other.
    pub(crate) async fn turn(&self, topic: &str) -> Option<MutexGuard<'_, ()>> {
        let profile = self.source.platform.adapter.profile();
        let topic = profile.topic(topic)?;
        if topic.events == [EventName::ReceivedRefund] {
            Some(self.refunds.lock().await)
        } else {
            None
        }
    }
}

/// All sources, their counters, and the key that people are hashed with.
pub struct Routes {
    by_name: HashMap<String, Route>,
    key: OnceCell<SubjectKey>,
    /// Told when a platform asked for an erasure.
    pub(crate) erasure: Notify,
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

/// Where a request goes.
pub(crate) struct Target<'r, 'p> {
    pub(crate) route: &'r Route,
    /// The topic in the path.
    pub(crate) topic: Option<Cow<'p, str>>,
}

impl Routes {
    /// Routes to these sources; of two with one name the later counts.
    pub fn new(sources: impl IntoIterator<Item = SourceRoute>) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let route = |source: SourceRoute| {
            let platform = source.platform.adapter.name();
            let mapping = match source.rules.hash() {
                Some(rules) => format!("{platform} {version}, rules {rules}"),
                None => format!("{platform} {version}"),
            };
            let counters = Counters::new(source.platform.adapter.profile());
            let ruled = RuleCounters::new(&source.rules);
            let name = source.name.clone();
            let route = Route {
                source,
                mapping,
                counters,
                ruled,
                refunds: Mutex::default(),
            };
            (name, route)
        };
        Self {
            by_name: sources.into_iter().map(route).collect(),
            key: OnceCell::new(),
            erasure: Notify::new(),
        }
    }

    /// Finds the source of a request, or the answer to one that leads nowhere.
    pub(crate) fn target<'p>(&self, method: &str, path: &'p str) -> Result<Target<'_, 'p>, Reply> {
        let parts = path::parse(path).ok_or(Reply::NOT_FOUND)?;
        let route = self.by_name.get(parts.source.as_ref());
        // A platform without signed webhooks has no way in.
        let route = route
            .filter(|route| route.source.platform.verify.is_some())
            .ok_or(Reply::NOT_FOUND)?;
        if method != "POST" {
            return Err(Reply::METHOD);
        }
        Ok(Target {
            route,
            topic: parts.topic,
        })
    }

    /// The source with this name.
    pub(crate) fn named(&self, source: &str) -> Option<&Route> {
        self.by_name.get(source)
    }

    /// The store's key for people, which is asked for once.
    pub(crate) async fn key(&self, store: &dyn Store) -> Result<&SubjectKey, StoreError> {
        self.key.get_or_try_init(|| store.subject_key()).await
    }

    /// The routes in the order of their names, so that what is shown stays put.
    pub(crate) fn sorted(&self) -> Vec<&Route> {
        let mut all: Vec<&Route> = self.by_name.values().collect();
        all.sort_by(|left, right| left.source.name.cmp(&right.source.name));
        all
    }
}

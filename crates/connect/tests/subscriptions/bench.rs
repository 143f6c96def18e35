//! A source of a platform, an account at its stand-in, and a store.

use std::sync::Arc;
use std::time::Duration;

use orderbridge_connect::pull::{Account, Patience, Puller, Reader, Trip, Turn, WalkError};
use orderbridge_connect::{Limits, Receiver, Routes, SourceRoute};
use orderbridge_core::store::sqlite::{SqliteOptions, SqliteStore};
use orderbridge_core::store::{Direction, Filter, Item, List, State, Store, StoreErrorKind};
use orderbridge_event::{Options, PullSettings, Secret, Source, Timestamp};

const SECRET: &str = "hush";

pub(crate) fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn patience() -> Patience {
    Patience {
        first: Duration::from_millis(2),
        longest: Duration::from_millis(50),
        tries: 4,
        credentials: Duration::from_millis(50),
        missing: Duration::from_secs(60),
    }
}

pub(crate) struct Bench {
    platform: &'static Source,
    pub(crate) routes: Arc<Routes>,
    pub(crate) account: Arc<Account>,
    pub(crate) store: Arc<dyn Store>,
    folder: tempfile::TempDir,
}

impl Bench {
    /// A source whose API is at an address, with this secret under this key.
    pub(crate) async fn new(
        platform: &'static Source,
        options: Options,
        url: String,
        key: &'static str,
        secret: &str,
    ) -> Self {
        let mut settings = PullSettings::default();
        settings.secrets.insert(key, Secret::new(secret));
        settings.texts.insert("api_url", url);
        let api = platform.pull.unwrap().open(&settings).unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self {
            platform,
            routes: routes(platform, options),
            account: Arc::new(Account::new(api, patience()).unwrap()),
            store: open(&folder).await,
            folder,
        }
    }

    /// The store and all that is kept in memory, as after a crash.
    pub(crate) async fn restarted(self) -> Self {
        let Self {
            platform,
            account,
            store,
            folder,
            ..
        } = self;
        drop(store);
        Self {
            platform,
            routes: routes(platform, Options::default()),
            account,
            store: open(&folder).await,
            folder,
        }
    }

    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::new(&self.routes, "shop", &*self.store, &self.account).unwrap()
    }

    /// Reads the history of the last days; tells how many payloads were new.
    pub(crate) async fn backfill(&self, days: i64) -> Result<usize, WalkError> {
        let time = |seconds| Timestamp::from_unix(seconds).unwrap();
        let since = time(now() - days * 86_400);
        let mut trip = Trip::backfill(&self.account, "some days", since, time(now() + 1))?;
        let mut new = 0;
        while let Turn::Went { stored, .. } = self.reader().turn(&mut trip).await? {
            new += stored;
        }
        Ok(new)
    }

    /// Reads as the connector does, until something holds.
    pub(crate) async fn read_until<F: Future<Output = bool>>(
        &self,
        what: &str,
        holds: impl Fn() -> F,
    ) {
        let puller = Puller {
            routes: Arc::clone(&self.routes),
            source: "shop".to_owned(),
            store: Arc::clone(&self.store),
            account: Arc::clone(&self.account),
            every: Duration::from_millis(20),
        };
        let task = tokio::spawn(async move { puller.run().await });
        for _ in 0..6_000 {
            if holds().await {
                task.abort();
                let _ = task.await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("still not: {what}: {:#?}", self.items().await);
    }

    /// Posts a signed webhook; the answer has to be 200.
    pub(crate) async fn post(&self, topic: &str, body: &serde_json::Value) {
        let routes = Arc::clone(&self.routes);
        let store = Arc::clone(&self.store);
        let receiver = Receiver::start("127.0.0.1:0", routes, store, Limits::default());
        let receiver = receiver.await.unwrap();
        let url = format!("http://{}/webhooks/shop{topic}", receiver.addr());
        let body = body.to_string();
        let verify = self.platform.verify.unwrap();
        let at = Timestamp::from_unix(now()).unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client.post(url);
        for (name, value) in verify.sign(&Secret::new(SECRET), topic, body.as_bytes(), at) {
            request = request.header(name, value);
        }
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        receiver.shutdown(Duration::from_secs(5)).await;
    }

    pub(crate) async fn items(&self) -> Vec<Item> {
        let list = List {
            filter: Filter::default(),
            direction: Direction::OldestFirst,
            after: None,
            limit: 10_000,
        };
        self.store.list(list).await.unwrap()
    }

    /// The events that wait to be delivered, as their ids and bodies.
    pub(crate) async fn events(&self) -> Vec<(String, String)> {
        let mut events = Vec::new();
        for item in self.items().await {
            let (State::Pending, Some(event)) = (item.state, &item.event) else {
                continue;
            };
            let detail = self.store.show(item.id).await.unwrap().unwrap();
            let body = detail.event.unwrap().body;
            let body = String::from_utf8(body.to_vec()).unwrap();
            events.push((event.id.clone(), body));
        }
        events.sort();
        events
    }

    pub(crate) async fn ids(&self) -> Vec<String> {
        self.events().await.into_iter().map(|(id, _)| id).collect()
    }

    pub(crate) async fn has(&self, events: usize) -> bool {
        self.events().await.len() == events
    }

    /// The codes of what was put aside.
    pub(crate) async fn parked(&self) -> Vec<String> {
        let items = self.items().await.into_iter();
        let parked = items.filter(|item| item.state == State::Parked);
        parked.map(|item| item.reason.unwrap().code).collect()
    }

    /// How many payloads wait for something to be fetched.
    pub(crate) async fn waiting(&self) -> usize {
        let open = self.store.open_fetches("shop", None, 10_000).await;
        open.unwrap().len()
    }

    pub(crate) async fn is_balanced(&self) -> bool {
        self.store.accounts().await.unwrap().balanced()
    }
}

fn routes(platform: &'static Source, options: Options) -> Arc<Routes> {
    let mut route = SourceRoute::new("shop", platform, "main");
    route.secrets = vec![Secret::new(SECRET)];
    route.fetch = Some(Arc::default());
    route.options = options;
    Arc::new(Routes::new([route]))
}

async fn open(folder: &tempfile::TempDir) -> Arc<dyn Store> {
    let path = folder.path().join("store.db");
    // Tasks that were told to end may hold the one before for a moment.
    for _ in 0..3_000 {
        match SqliteStore::open(&path, SqliteOptions::default()).await {
            Err(error) if error.kind == StoreErrorKind::Locked => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            opened => return Arc::new(opened.unwrap()),
        }
    }
    panic!("the store before is never given back");
}

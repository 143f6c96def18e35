//! An account at a platform: makes its requests, with token, quota and patience.

use std::fmt;
use std::time::Duration;

use orderbridge_event::{
    Answer, Api, PullError, Report, Request, Secret, Timestamp, Token, Trouble,
};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use super::download::{Download, NoReport};
use super::http::{Http, Reply};
use super::quota::Quotas;
use super::tallies::{Outcome, Tallies};
use crate::clock;

/// How patient the requests of an account are.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The pause after a first failure; each further one is twice as long.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How often a request is made again that had no usable answer. Throttles do not count.
    pub tries: u32,
    /// The pause while the credentials are not accepted.
    pub credentials: Duration,
    /// For how long something is asked for that is not there yet.
    pub missing: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(120),
            tries: 6,
            credentials: Duration::from_secs(5 * 60),
            missing: Duration::from_secs(60 * 60),
        }
    }
}

impl Patience {
    /// The pause after so many failures, with a jitter that only adds.
    pub(crate) fn pause(&self, failures: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << failures.min(16));
        let pause = doubled.min(self.longest);
        pause + pause.mul_f32(fastrand::f32() / 4.0)
    }
}

/// An account at a platform.
pub struct Account {
    api: Box<dyn Api>,
    http: Http,
    quotas: Quotas,
    patience: Patience,
    token: Mutex<Option<Held>>,
    /// The token for personal data.
    personal: Mutex<Option<Held>>,
    tallies: Tallies,
}

/// A token, and when another one is asked for.
struct Held {
    value: Secret,
    renew_at: Instant,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("api", &self.api)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// An account; nothing is asked yet.
    pub fn new(api: Box<dyn Api>, patience: Patience) -> Result<Self, PullError> {
        Ok(Self {
            http: Http::new()?,
            quotas: Quotas::new(api.operations()),
            patience,
            token: Mutex::default(),
            personal: Mutex::default(),
            tallies: Tallies::default(),
            api,
        })
    }

    /// What the platform's adapter knows.
    pub fn api(&self) -> &dyn Api {
        &*self.api
    }

    pub(super) fn patience(&self) -> &Patience {
        &self.patience
    }

    pub(super) fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Performs a request and reads its answer. An answer that cannot be read is asked for again:
    /// platforms do cut answers off.
    pub(super) async fn ask<T>(
        &self,
        request: &Request,
        read: impl Fn(&Answer<'_>, Timestamp) -> Result<T, PullError>,
    ) -> Result<T, PullError> {
        let mut unreadable = 0;
        loop {
            let reply = self.reply(request).await?;
            match reply.read(|answer| read(answer, clock::timestamp())) {
                Err(error) if error.trouble == Trouble::Answer && unreadable < 2 => {
                    self.tallies.count(request.operation, Outcome::Unreadable);
                    unreadable += 1;
                    sleep(self.patience.pause(unreadable)).await;
                }
                result => return result,
            }
        }
    }

    /// Downloads a report; `None` when there is nothing in it.
    pub(super) async fn download(
        &self,
        report: &'static dyn Report,
        request: &Request,
        skip: u64,
    ) -> Result<Option<Download>, PullError> {
        let (outcome, result) = match Download::start(&self.http, report, request, skip).await {
            Ok(download) => (Outcome::Answered, Ok(download)),
            // The next try asks for another address.
            Err(NoReport::Gone) => {
                let message = format!("{}: the address is not good any more", request.operation);
                let error = PullError::new(Trouble::Unavailable, message);
                (Outcome::Refused, Err(error))
            }
            Err(NoReport::Trouble(error)) => (Outcome::Unavailable, Err(error)),
        };
        self.tallies.count(request.operation, outcome);
        result
    }

    /// An answer that is the platform's last word, after all the patience that it asks for.
    async fn reply(&self, request: &Request) -> Result<Reply, PullError> {
        let mut renewed = false;
        let mut failures = 0;
        let mut throttles = 0;
        loop {
            self.quotas.turn(request.operation).await;
            // After the turn, which may have taken longer than a token lives.
            let token = match request.token {
                Some(_) => Some(Box::pin(self.token(request)).await?),
                None => None,
            };
            let reply = self.http.perform(request, token.as_ref()).await;
            let error = match reply {
                Ok(reply) => match self.sort(request, &reply) {
                    Sorted::Answer => return Ok(reply),
                    Sorted::Token if token.is_some() && !renewed => {
                        renewed = true;
                        self.forget(token.as_ref()).await;
                        continue;
                    }
                    Sorted::Token => return Err(self.refused(request, &reply)),
                    Sorted::Throttled => {
                        let pause = self.patience.pause(throttles);
                        throttles += 1;
                        let pause = reply.retry_after.map_or(pause, |told| told.max(pause));
                        self.quotas.exhausted(request.operation, pause);
                        tracing::debug!(operation = request.operation, ?pause, "throttled");
                        sleep(pause).await;
                        continue;
                    }
                    Sorted::Down => {
                        let status = reply.status;
                        let message = format!("{}: status {status}", request.operation);
                        return Err(PullError::new(Trouble::Unavailable, message));
                    }
                    Sorted::Again => {
                        if let Some(told) = reply.retry_after {
                            sleep(told).await;
                        }
                        let status = reply.status;
                        let message = format!("{}: status {status}", request.operation);
                        PullError::new(Trouble::Unavailable, message)
                    }
                },
                Err(error) => {
                    self.tallies.count(request.operation, Outcome::Unavailable);
                    error
                }
            };
            if error.trouble != Trouble::Unavailable || failures >= self.patience.tries {
                return Err(error);
            }
            sleep(self.patience.pause(failures)).await;
            failures += 1;
        }
    }

    fn sort(&self, request: &Request, reply: &Reply) -> Sorted {
        if let Some(header) = self.api.rate_header() {
            let told = reply.read(|answer| answer.headers.get(header).map(str::to_owned));
            if let Some(told) = told {
                self.quotas.learn(request.operation, &told);
            }
        }
        let again = reply.read(|answer| self.api.says_again(answer));
        let (sorted, outcome) = match (reply.status, again) {
            // The sign-in's own refusal is the adapter's to read.
            (401 | 403, _) if request.token.is_some() || !self.is_sign_in(request) => {
                (Sorted::Token, Outcome::Credentials)
            }
            (429, _) => (Sorted::Throttled, Outcome::Throttled),
            (408 | 425 | 500..=599, Some(false)) => (Sorted::Down, Outcome::Unavailable),
            (200..=299, _) => (Sorted::Answer, Outcome::Answered),
            (408 | 425 | 500..=599, _) | (_, Some(true)) => (Sorted::Again, Outcome::Unavailable),
            _ => (Sorted::Answer, Outcome::Refused),
        };
        self.tallies.count(request.operation, outcome);
        sorted
    }

    fn is_sign_in(&self, request: &Request) -> bool {
        let sign_in = self.api.sign_in();
        sign_in.is_some_and(|it| it.operation == request.operation)
    }

    fn refused(&self, request: &Request, reply: &Reply) -> PullError {
        let status = reply.status;
        let fault = reply.read(|answer| self.api.fault(answer));
        let fault = fault.map(|fault| format!(" {fault}")).unwrap_or_default();
        let operation = request.operation;
        let message = format!("{operation} is not allowed: status {status}{fault}");
        PullError::new(Trouble::Credentials, message)
    }

    /// The token for a request, renewed early: one that expires on its way would cost a request.
    async fn token(&self, request: &Request) -> Result<Secret, PullError> {
        let personal = self.api.personal_sign_in().filter(|_| request.is_personal);
        let (held, sign_in) = match personal {
            Some(sign_in) => (&self.personal, Some(sign_in)),
            None => (&self.token, self.api.sign_in()),
        };
        let mut held = held.lock().await;
        if let Some(held) = held.as_ref().filter(|it| Instant::now() < it.renew_at) {
            return Ok(held.value.clone());
        }
        let request = sign_in.ok_or_else(|| {
            PullError::new(Trouble::Credentials, "there is nothing to sign in with")
        })?;
        let token = self.ask(&request, |answer, _| self.api.token(answer)).await;
        let Token { value, lifetime } = match token {
            Ok(token) => token,
            Err(error) => {
                *held = None;
                return Err(error);
            }
        };
        let renew_at = Instant::now() + early(lifetime);
        *held = Some(Held {
            value: value.clone(),
            renew_at,
        });
        Ok(value)
    }

    /// Forgets a token that was not accepted, unless somebody has renewed it meanwhile.
    async fn forget(&self, refused: Option<&Secret>) {
        for token in [&self.token, &self.personal] {
            let mut held = token.lock().await;
            if held.as_ref().map(|held| &held.value) == refused {
                *held = None;
            }
        }
    }
}

/// For how long a token is used: a minute less than it lives, or half as long if it is short.
fn early(lifetime: Duration) -> Duration {
    lifetime
        .saturating_sub(Duration::from_secs(60))
        .max(lifetime / 2)
}

enum Sorted {
    /// It is for the adapter to read.
    Answer,
    /// The token or the permission is not good enough.
    Token,
    /// Too many requests.
    Throttled,
    /// Another time.
    Again,
    /// Another time, and not soon.
    Down,
}

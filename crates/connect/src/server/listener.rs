//! A listening socket and its connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::{sleep, timeout};

use super::Limits;
use super::connection::{Handler, serve};
use crate::clock;
use crate::throttle::Throttle;

/// How long nothing is accepted after the system had no file handle left for a connection.
const PAUSE: Duration = Duration::from_millis(50);

static TROUBLE: Throttle = Throttle::new();

/// A server that runs. When this is dropped, it stops accepting and finishes what is under way;
/// [`Running::shutdown`] also waits for that.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    listener: JoinHandle<()>,
    connections: Arc<Semaphore>,
    most: usize,
    /// Work that goes along with the server and never ends by itself.
    beside: Vec<AbortOnDrop>,
}

#[derive(Debug)]
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Connections that were cut because the grace time was over.
    pub cut: usize,
}

impl Running {
    /// Where it listens, with the real port.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// How many connections there are.
    pub fn connections(&self) -> usize {
        self.most - self.connections.available_permits()
    }

    /// Stops accepting, finishes the requests under way, and closes what is idle. After the grace
    /// time the rest is cut; nothing that was cut was acknowledged.
    pub async fn shutdown(self, grace: Duration) -> Ended {
        let _ = self.stop.send(true);
        let most = u32::try_from(self.most).unwrap_or(u32::MAX);
        let all_gone = timeout(grace, self.connections.acquire_many(most)).await;
        let cut = if all_gone.is_ok() {
            0
        } else {
            self.connections()
        };
        // The connections that are left belong to the listener's tasks and end with them.
        self.listener.abort();
        let _ = self.listener.await;
        Ended { cut }
    }

    /// Ends a task together with this server.
    pub(crate) fn along(mut self, task: AbortHandle) -> Self {
        self.beside.push(AbortOnDrop(task));
        self
    }
}

/// Listens at an address such as `127.0.0.1:8080`; port 0 takes a free one.
pub(crate) async fn listen(
    address: &str,
    limits: Limits,
    handler: Arc<impl Handler>,
) -> io::Result<Running> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let most = limits.connections.clamp(1, Semaphore::MAX_PERMITS);
    let connections = Arc::new(Semaphore::new(most));
    let (stop, stopped) = watch::channel(false);
    let accepting = accept(
        listener,
        Arc::new(limits),
        handler,
        Arc::clone(&connections),
        stopped,
    );
    Ok(Running {
        address,
        stop,
        listener: tokio::spawn(accepting),
        connections,
        most,
        beside: Vec::new(),
    })
}

/// Accepts until told to stop, then keeps the connections that are left.
async fn accept(
    listener: TcpListener,
    limits: Arc<Limits>,
    handler: Arc<impl Handler>,
    connections: Arc<Semaphore>,
    mut stop: watch::Receiver<bool>,
) {
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        while tasks.try_join_next().is_some() {}
        let next = async {
            let accepted = listener.accept().await;
            let permit = Arc::clone(&connections).acquire_owned().await;
            (accepted, permit)
        };
        let (accepted, permit) = tokio::select! {
            next = next => next,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = serve(
                    stream,
                    Arc::clone(&handler),
                    Arc::clone(&limits),
                    stop.clone(),
                );
                tasks.spawn(async move {
                    connection.await;
                    drop(permit);
                });
            }
            Err(error) => {
                if let Some(left_out) = TROUBLE.pass(clock::now()) {
                    tracing::warn!(%error, left_out, "a connection was not accepted");
                }
                sleep(PAUSE).await;
            }
        }
    }
    drop(listener);
    while tasks.join_next().await.is_some() {}
}

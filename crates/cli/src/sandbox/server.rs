//! Connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use super::endpoint::Endpoint;
use super::options::Options;
use super::record::{Log, Received, Stats};

/// A local stand-in for Converge's webhook endpoint.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Listens and answers, on the current tokio runtime, until the handle is shut down or dropped. A
    /// log gets a JSON line for each event.
    pub async fn start(options: Options, log: Option<Log>) -> io::Result<Handle> {
        let listener = TcpListener::bind(&options.listen).await?;
        let address = listener.local_addr()?;
        let endpoint = Arc::new(Endpoint::new(options, log));
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, Arc::clone(&endpoint), stopped));
        Ok(Handle {
            address,
            endpoint,
            stop,
            server,
        })
    }
}

/// A running sandbox. It ends when this is dropped.
pub struct Handle {
    address: SocketAddr,
    endpoint: Arc<Endpoint>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Handle {
    /// Where it listens, with the real port.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Where events are sent.
    pub fn url(&self) -> String {
        format!("http://{}/api/webhooks", self.address)
    }

    /// All events judged so far, in order, if the options say to keep them.
    pub fn received(&self) -> Vec<Received> {
        self.endpoint.record().received.clone()
    }

    /// The counts so far.
    pub fn stats(&self) -> Stats {
        self.endpoint.record().stats.clone()
    }

    /// Closes all connections and gives the final counts.
    pub async fn shutdown(self) -> Stats {
        let _ = self.stop.send(());
        let _ = self.server.await;
        self.endpoint.record().stats.clone()
    }
}

async fn serve(listener: TcpListener, endpoint: Arc<Endpoint>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    endpoint.record().stats.connections += 1;
                    connections.spawn(converse(stream, Arc::clone(&endpoint)));
                }
                // Out of file handles, say: others are given back soon.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
    connections.shutdown().await;
}

async fn converse(stream: TcpStream, endpoint: Arc<Endpoint>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| endpoint.answer(request));
    // A failure here is the client's going away, or a cut on purpose.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

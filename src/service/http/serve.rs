//! Connections: each is served for as long as it asks and takes what it asked for, and closed when it does neither for too long. Their number is
//! bounded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;

/// How long a connection may take to say what it asks for: from its beginning, and after each answer. Proxies keep one that is idle for a minute
/// (nginx) or two (Caddy) and have to be the first to close it.
const PATIENCE: Duration = Duration::from_secs(150);

/// How long a new connection may say nothing at all: nobody is to take up room by silence.
const SILENCE: Duration = Duration::from_secs(15);

/// How long a connection may take nothing of an answer that is there.
const UNREAD: Duration = Duration::from_secs(30);

/// How many connections there are at most: some tens of MB of memory, and more than proxies keep.
const MOST: u64 = 4096;

/// How many open files are kept for tables, mail servers and keys.
const KEPT_FILES: u64 = 128;

/// How many connections this process may have at once. Lifts its limit of open files as far as it needs to be and may be.
pub(in crate::service) fn room() -> usize {
    let files = rlimit::increase_nofile_limit(MOST + KEPT_FILES).unwrap_or_else(|error| {
        tracing::debug!(%error, "the limit of open files stays as it is");
        open_files()
    });
    let room = room_of(files);
    tracing::info!(files, room, "so many connections are taken at once");
    room
}

/// How many files this process may have open now, as far as that can be told.
#[cfg(unix)]
fn open_files() -> u64 {
    rlimit::Resource::NOFILE.get_soft().unwrap_or(2 * KEPT_FILES)
}

#[cfg(not(unix))]
const fn open_files() -> u64 {
    2 * KEPT_FILES
}

/// How many connections there may be beside the files that are kept for other things.
fn room_of(files: u64) -> usize {
    usize::try_from(files.saturating_sub(KEPT_FILES).clamp(1, MOST)).unwrap_or(1)
}

/// Answers what comes until `stop` ends, and then what has been asked for by then. Of more than `room` connections the others wait in the
/// system's queue.
pub(in crate::service) async fn serve(
    mut listener: TcpListener,
    routes: Router,
    room: usize,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let routes = TowerToHyperService::new(routes);
    let (ending, mut connections) = (GracefulShutdown::new(), JoinSet::new());
    let room = Arc::new(Semaphore::new(room));
    // Closed when the end has come, for those who have not said anything yet.
    let (open, closed) = watch::channel(());
    let mut stop = std::pin::pin!(stop);
    loop {
        let (place, (stream, peer)) = tokio::select! {
            accepted = next(&mut listener, &room) => accepted,
            Some(ended) = connections.join_next() => {
                told_of(ended);
                continue;
            }
            () = &mut stop => break,
        };
        // An answer is short: it goes out at once. Where that cannot be set it is only slower.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection may be slow");
        }
        let routes = routes.clone();
        let answer = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer));
            routes.call(request)
        });
        let (http, watcher, mut closed) = (http.clone(), ending.watcher(), closed.clone());
        connections.spawn(async move {
            let mut first = [0];
            let speaks = tokio::select! {
                spoken = tokio::time::timeout(SILENCE, stream.peek(&mut first)) => spoken.is_ok(),
                _ended = closed.changed() => false,
            };
            if !speaks {
                return Ok(());
            }
            let mut stream = TimeoutStream::new(stream);
            stream.set_write_timeout(Some(UNREAD));
            let served = watcher.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), answer));
            let result = served.await;
            drop(place);
            result
        });
    }
    drop((listener, open));
    ending.shutdown().await;
}

/// The next connection, as soon as there is room for it. It waits a moment by itself where there are too many open files.
async fn next(
    listener: &mut TcpListener,
    room: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, (TcpStream, SocketAddr)) {
    // Nobody closes it.
    let place = Arc::clone(room).acquire_owned().await.ok();
    (place, Listener::accept(listener).await)
}

/// Why a connection ended is mostly that its other end went away.
fn told_of(ended: Result<hyper::Result<()>, tokio::task::JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection ended early"),
        Err(error) => tracing::error!(panicked = error.is_panic(), "a connection did not end well"),
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// Where a server with room for so many connections answers "hello", and to `/long` what does not fit into the system's buffers.
    async fn server(room: usize) -> (SocketAddr, JoinSet<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new()
            .route("/", get(|| async { "hello" }))
            .route("/long", get(|| async { vec![b'.'; 64 << 20] }));
        let mut server = JoinSet::new();
        server.spawn(serve(listener, routes, room, std::future::pending()));
        (address, server)
    }

    /// What is answered to these bytes until the connection is closed, and after how long.
    async fn answered_to(sent: &[u8]) -> (String, Duration) {
        let (address, _server) = server(8).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        tokio::time::pause();
        let began = tokio::time::Instant::now();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let after = began.elapsed();
        tokio::time::resume();
        (answer, after)
    }

    #[tokio::test]
    async fn a_connection_that_asks_nothing_is_closed() {
        let whole = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        for (half, patience) in [(&b""[..], SILENCE), (&whole[..20], PATIENCE)] {
            let (answer, after) = answered_to(half).await;
            assert!(!answer.contains("hello"), "{answer}");
            assert!(after >= patience && after < patience * 2, "{after:?}");
        }
        // One that asked is answered, and then it is idle.
        let (answer, after) = answered_to(whole).await;
        assert!(answer.ends_with("hello"), "{answer}");
        assert!(after >= PATIENCE && after < PATIENCE * 2, "{after:?}");
    }

    #[tokio::test]
    async fn who_says_nothing_does_not_hold_up_the_end() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let served = serve(listener, Router::new(), 8, async move { drop(stopped.await) });
        let mut server = JoinSet::new();
        server.spawn(served);
        let mut silent = TcpStream::connect(address).await.unwrap();
        // One that is answered comes behind it: so the silent one has been taken.
        let mut other = TcpStream::connect(address).await.unwrap();
        other.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        other.readable().await.unwrap();
        tokio::time::pause();
        let began = tokio::time::Instant::now();
        drop(stop);
        server.join_next().await.unwrap().unwrap();
        assert!(began.elapsed() < SILENCE, "{:?}", began.elapsed());
        assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_takes_is_given_up() {
        let (address, _server) = server(1).await;
        let mut deaf = TcpStream::connect(address).await.unwrap();
        deaf.write_all(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        // The answer has begun.
        deaf.readable().await.unwrap();
        let mut next = TcpStream::connect(address).await.unwrap();
        next.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        tokio::time::pause();
        let began = tokio::time::Instant::now();
        // There is room for one: the next one is answered when the first is given up.
        next.readable().await.unwrap();
        let after = began.elapsed();
        assert!(after >= UNREAD && after < UNREAD * 2, "{after:?}");
    }

    #[test]
    fn there_is_room_for_connections_beside_other_open_files() {
        for (files, room) in [(0, 1), (128, 1), (1024, 896), (65_536, 4096), (u64::MAX, 4096)] {
            assert_eq!(room_of(files), room, "{files}");
        }
    }
}

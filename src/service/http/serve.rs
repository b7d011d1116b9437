//! Connections: each is served for as long as it asks, and closed when it asks nothing for too long.

use std::net::SocketAddr;
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
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How long a connection may take to say what it asks for: from its beginning, and after each answer. Proxies keep one that is idle for a minute
/// (nginx) or two (Caddy) and have to be the first to close it.
const PATIENCE: Duration = Duration::from_secs(150);

/// Answers what comes until `stop` ends, and then what has been asked for by then.
pub(in crate::service) async fn serve(mut listener: TcpListener, routes: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    let routes = TowerToHyperService::new(routes);
    let (ending, mut connections) = (GracefulShutdown::new(), JoinSet::new());
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            // It waits a moment by itself where there are too many open files.
            accepted = Listener::accept(&mut listener) => accepted,
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
        connections.spawn(ending.watch(http.serve_connection(TokioIo::new(stream), answer)));
    }
    drop(listener);
    ending.shutdown().await;
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
    use tokio::net::TcpStream;

    use super::*;

    /// What is answered to these bytes until the connection is closed, and after how long.
    async fn answered_to(sent: &[u8]) -> (String, Duration) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/", get(|| async { "hello" }));
        let mut server = JoinSet::new();
        server.spawn(serve(listener, routes, std::future::pending()));
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
        for half in [&b""[..], &whole[..20]] {
            let (answer, after) = answered_to(half).await;
            assert!(!answer.contains("hello"), "{answer}");
            assert!(after >= PATIENCE && after < PATIENCE * 2, "{after:?}");
        }
        // One that asked is answered, and then it is idle.
        let (answer, after) = answered_to(whole).await;
        assert!(answer.ends_with("hello"), "{answer}");
        assert!(after >= PATIENCE && after < PATIENCE * 2, "{after:?}");
    }
}

//! Where a person's browser comes back to (RFC 8252, section 7.3): one answer, on this machine only.

use std::net::Ipv4Addr;
use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

use crate::failure::MailTrouble;

/// How long a person may take in the browser: a mail has to arrive and be read. A little longer than the link in that mail works.
const PATIENCE: Duration = Duration::from_secs(17 * 60);

/// How long a browser may take to say what it wants.
const REQUEST_TIME: Duration = Duration::from_secs(10);

/// The longest request, in bytes.
const MAX_REQUEST: usize = 8 * 1024;

/// How many connections are open at once: browsers open some that they do not use.
const MAX_CONNECTIONS: usize = 16;

/// A door that is open for one answer.
#[derive(Debug)]
pub(super) struct Callback {
    listener: TcpListener,
    port: u16,
}

/// What the service has sent the browser back with.
pub(super) enum Return {
    /// The person has agreed.
    Code {
        code: Zeroizing<String>,
        issuer: Option<String>,
    },
    /// They have not, or the invitation does not work any more.
    Error { word: String, about: Option<String> },
}

impl Callback {
    /// Opens a door on a free port.
    pub(super) async fn open() -> Result<Self, MailTrouble> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .or(Err(MailTrouble::NoDoor))?;
        let port = listener.local_addr().or(Err(MailTrouble::NoDoor))?.port();
        Ok(Self { listener, port })
    }

    /// Where the browser is sent.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/callback", self.port)
    }

    /// Waits for the answer to the request with this state; all others are sent away.
    pub(super) async fn wait(self, state: &str) -> Result<Return, MailTrouble> {
        let answered = tokio::time::timeout(PATIENCE, self.serve(state)).await;
        answered.unwrap_or(Err(MailTrouble::TimedOut))
    }

    async fn serve(self, state: &str) -> Result<Return, MailTrouble> {
        let mut visits = JoinSet::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if visits.len() < MAX_CONNECTIONS => {
                    // Whatever the browser did wrong, it may come again.
                    if let Ok((stream, _)) = accepted {
                        let state = state.to_owned();
                        visits.spawn(async move { tokio::time::timeout(REQUEST_TIME, visit(stream, &state)).await.ok().flatten() });
                    }
                }
                Some(visited) = visits.join_next() => {
                    if let Ok(Some(answer)) = visited {
                        return Ok(answer);
                    }
                }
            }
        }
    }
}

/// One connection: what it has brought, if it is what is waited for.
async fn visit(mut stream: TcpStream, state: &str) -> Option<Return> {
    let mut request = Zeroizing::new(Vec::with_capacity(MAX_REQUEST));
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if request.len() >= MAX_REQUEST || stream.read_buf(&mut *request).await.ok()? == 0 {
            return None;
        }
    }
    let line = request.split(|byte| *byte == b'\r').next()?;
    let (status, said, answer) = match read(line, state) {
        Ok(answer) => {
            let said = match answer {
                Return::Code { .. } => "You can close this window and go back to Partyline.",
                Return::Error { .. } => "That did not work. Partyline says why: go back to it and close this window.",
            };
            ("200 OK", said, Some(answer))
        }
        Err(status) => (status, "Nothing is here.", None),
    };
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=color-scheme content=\"light dark\"><title>Partyline</title>\
         <p style=\"font:1.2em sans-serif;text-align:center;margin-top:20vh\">{said}</p></html>"
    );
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nConnection: close\r\n\r\n",
        page.len()
    );
    // Who does not stay to read has still said what they came for.
    if stream.write_all(head.as_bytes()).await.is_ok() && stream.write_all(page.as_bytes()).await.is_ok() {
        stream.shutdown().await.unwrap_or_default();
    }
    answer
}

/// Reads the first line of a request.
fn read(line: &[u8], state: &str) -> Result<Return, &'static str> {
    const BAD: &str = "400 Bad Request";
    let line = str::from_utf8(line).or(Err(BAD))?;
    let mut words = line.split(' ');
    let (method, target) = (words.next(), words.next().ok_or(BAD)?);
    if method != Some("GET") {
        return Err("405 Method Not Allowed");
    }
    // The host is not the browser's to choose.
    let url = Url::parse(&format!("http://127.0.0.1{target}")).or(Err(BAD))?;
    if url.path() != "/callback" || !target.starts_with('/') {
        return Err("404 Not Found");
    }
    let single = |name: &str| {
        let mut values = url.query_pairs().filter(|(key, _)| key == name);
        let value = values.next().map(|(_, value)| value.into_owned());
        value.filter(|_| values.next().is_none())
    };
    if single("state").as_deref() != Some(state) {
        return Err(BAD);
    }
    match (single("code"), single("error")) {
        (Some(code), None) => Ok(Return::Code {
            code: Zeroizing::new(code),
            issuer: single("iss"),
        }),
        (None, Some(word)) => Ok(Return::Error {
            word,
            about: single("error_uri"),
        }),
        _ => Err(BAD),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_that_is_waited_for_is_taken() {
        let good = read(
            b"GET /callback?code=c&state=s&iss=https%3A%2F%2Fa.example HTTP/1.1",
            "s",
        );
        assert!(
            matches!(good, Ok(Return::Code { code, issuer: Some(issuer) }) if *code == "c" && issuer == "https://a.example")
        );
        let refused = read(b"GET /callback?error=access_denied&state=s HTTP/1.1", "s");
        assert!(matches!(refused, Ok(Return::Error { word, about: None }) if word == "access_denied"));
        for (line, status) in [
            (&b"GET /callback?code=c&state=other HTTP/1.1"[..], "400 Bad Request"),
            (b"GET /callback?code=c HTTP/1.1", "400 Bad Request"),
            (b"GET /callback?code=c&code=d&state=s HTTP/1.1", "400 Bad Request"),
            (b"GET /callback?code=c&error=e&state=s HTTP/1.1", "400 Bad Request"),
            (b"GET /callback?state=s&state=s&code=c HTTP/1.1", "400 Bad Request"),
            (b"GET /favicon.ico HTTP/1.1", "404 Not Found"),
            (b"GET @evil.example/callback?code=c&state=s HTTP/1.1", "404 Not Found"),
            (b"POST /callback?code=c&state=s HTTP/1.1", "405 Method Not Allowed"),
            (b"GET", "400 Bad Request"),
            (b"\xff\xff /", "400 Bad Request"),
        ] {
            assert_eq!(read(line, "s").err(), Some(status), "{}", String::from_utf8_lossy(line));
        }
    }

    async fn say(port: u16, request: &[u8]) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("the door");
        stream.write_all(request).await.expect("written");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        answer
    }

    #[tokio::test]
    async fn a_browser_that_comes_back_is_told_to_close_its_window() {
        let callback = Callback::open().await.expect("a port");
        let port = callback.port;
        assert_eq!(callback.url(), format!("http://127.0.0.1:{port}/callback"));
        #[expect(clippy::disallowed_methods, reason = "the test waits for it itself")]
        let waiting = tokio::spawn(async move { callback.wait("s").await });
        // A browser opens connections that it does not use, and asks for other things.
        let idle = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.expect("the door");
        let other = say(port, b"GET /favicon.ico HTTP/1.1\r\n\r\n").await;
        assert!(other.starts_with("HTTP/1.1 404"), "{other}");
        let page = say(port, b"GET /callback?code=c&state=s HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert!(
            page.starts_with("HTTP/1.1 200") && page.contains("close this window"),
            "{page}"
        );
        let answer = waiting.await.expect("no panic");
        assert!(matches!(answer, Ok(Return::Code { code, issuer: None }) if *code == "c"));
        drop(idle);
        assert!(
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err(),
            "the door is shut"
        );
    }
}

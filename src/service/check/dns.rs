//! Asks the name service for texts (RFC 1035). Only `serve check` needs it, so it asks once, over UDP, and says so if that is not enough.

use std::fs;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where a system says which name servers it asks.
const SERVERS: &str = "/etc/resolv.conf";

/// The type of texts.
const TXT: u16 = 16;

/// What ends an exchange without an answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum DnsError {
    #[error("no name server is known here")]
    NoServer,
    #[error("no name server answers")]
    Silent,
    #[error("the name server answers with error {0}")]
    Refused(u8),
    #[error("the answer is not readable")]
    Unreadable,
    #[error(transparent)]
    System(#[from] io::Error),
}

/// The texts of a name; none if there is no such name.
pub(super) async fn txt(name: &str) -> Result<Vec<String>, DnsError> {
    let file = fs::read_to_string(SERVERS).map_err(|_missing| DnsError::NoServer)?;
    let mut last = DnsError::NoServer;
    for server in servers(&file) {
        match ask(SocketAddr::new(server, 53), name).await {
            Ok(texts) => return Ok(texts),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn servers(file: &str) -> Vec<IpAddr> {
    let lines = file.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    lines.filter_map(|address| address.trim().parse().ok()).collect()
}

async fn ask(server: SocketAddr, name: &str) -> Result<Vec<String>, DnsError> {
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    let id: u16 = rand::random();
    socket.send(&question(id, name)).await?;
    let mut answer = vec![0; 4096];
    loop {
        let received = tokio::time::timeout(PATIENCE, socket.recv(&mut answer)).await;
        let length = received.map_err(|_late| DnsError::Silent)??;
        let answer = answer.get(..length).unwrap_or_default();
        if answer.get(..2) == Some(&id.to_be_bytes()[..]) {
            return texts(answer);
        }
    }
}

/// One question for texts, with room for an answer of 4096 bytes (EDNS, RFC 6891).
fn question(id: u16, name: &str) -> Vec<u8> {
    let mut bytes = id.to_be_bytes().to_vec();
    // Recursion desired; one question, one additional record.
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let label = label.as_bytes();
        let label = label.get(..63).unwrap_or(label);
        bytes.push(u8::try_from(label.len()).unwrap_or(63));
        bytes.extend(label);
    }
    bytes.extend([0, 0, 16, 0, 1]);
    bytes.extend([0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

/// The texts of an answer.
fn texts(answer: &[u8]) -> Result<Vec<String>, DnsError> {
    read(answer).ok_or(DnsError::Unreadable)?
}

fn read(answer: &[u8]) -> Option<Result<Vec<String>, DnsError>> {
    let code = answer.get(3)? & 0x0f;
    let is_cut = answer.get(2)? & 0x02 != 0;
    match code {
        0 if !is_cut => {}
        3 => return Some(Ok(Vec::new())),
        0 => return None,
        code => return Some(Err(DnsError::Refused(code))),
    }
    let questions = number(answer, 4)?;
    let answers = number(answer, 6)?;
    let mut at = 12;
    for _ in 0..questions {
        at = after_name(answer, at)? + 4;
    }
    let mut texts = Vec::new();
    for _ in 0..answers {
        at = after_name(answer, at)?;
        let (kind, length) = (number(answer, at)?, usize::from(number(answer, at + 8)?));
        let data = answer.get(at + 10..at + 10 + length)?;
        at += 10 + length;
        if kind == TXT {
            texts.push(strings(data)?);
        }
    }
    Some(Ok(texts))
}

/// The strings of a record, put together.
fn strings(mut data: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    while let Some((length, rest)) = data.split_first() {
        let length = usize::from(*length);
        text.extend(rest.get(..length)?);
        data = rest.get(length..)?;
    }
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn number(answer: &[u8], at: usize) -> Option<u16> {
    let bytes = answer.get(at..at + 2)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

/// Where a name ends: at its last label, or where it points elsewhere.
fn after_name(answer: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = *answer.get(at)?;
        match length {
            0 => return Some(at + 1),
            length if length & 0xc0 == 0xc0 => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer with the texts "v=DKIM1; " and "p=abc" in one record, its name pointing to the question.
    fn answer() -> Vec<u8> {
        let mut bytes = question(7, "s._domainkey.example.org");
        bytes.truncate(bytes.len() - 11);
        bytes[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
        bytes.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 16]);
        bytes.extend(b"\x09v=DKIM1; \x05p=abc");
        bytes
    }

    #[test]
    fn texts_are_read() {
        assert_eq!(texts(&answer()).unwrap(), ["v=DKIM1; p=abc"]);
    }

    #[test]
    fn whatever_comes_is_survived() {
        let whole = answer();
        for length in 0..whole.len() {
            assert!(matches!(texts(&whole[..length]), Err(DnsError::Unreadable)), "{length}");
        }
        for at in 0..whole.len() {
            for byte in [0, 1, 0x3f, 0xc0, 0xff] {
                let mut changed = whole.clone();
                changed[at] = byte;
                drop(texts(&changed));
            }
        }
        let mut unknown = whole;
        unknown[3] = 0x83;
        assert_eq!(texts(&unknown).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn servers_are_found_in_the_systems_file() {
        let file = "# comment\nsearch example.org\nnameserver 127.0.0.53\nnameserver ::1\nnameserver nonsense\n";
        assert_eq!(
            servers(file),
            [IpAddr::from([127, 0, 0, 53]), "::1".parse::<IpAddr>().unwrap()]
        );
    }
}

//! Looks at a mail server: its greeting, whether it offers what the configuration asks for, and whether it lets us in. No mail is sent.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::{Finding, Verdict};
use crate::service::config::{Encryption, Smtp};
use crate::service::mail::way::smtp::Server;

/// How long the whole look may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The longest answer that is read, in bytes.
const MAX_ANSWER: u64 = 16 * 1024;

const WHAT: &str = "mail";

pub(super) async fn check(server: &Smtp) -> Finding {
    let name = format!("{}:{}", server.host, server.port);
    let looked = async {
        let finding = look(server).await?;
        Ok::<Finding, io::Error>(if finding.verdict == Verdict::Fine {
            log_in(server, finding).await
        } else {
            finding
        })
    };
    match tokio::time::timeout(PATIENCE, looked).await {
        Err(_late) => Finding::wrong(
            WHAT,
            format!(
                "{name} does not answer in {} seconds. Check host, port and firewall.",
                PATIENCE.as_secs()
            ),
        ),
        Ok(Err(error)) => Finding::wrong(WHAT, format!("{name}: {error}. Check host, port and firewall.")),
        Ok(Ok(finding)) => finding,
    }
}

async fn look(server: &Smtp) -> io::Result<Finding> {
    let name = format!("{}:{}", server.host, server.port);
    let mut stream = TcpStream::connect((server.host.as_str(), server.port)).await?;
    if server.encryption == Encryption::Tls {
        return Ok(Finding::fine(WHAT, format!("{name} takes connections.")));
    }
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read.take(MAX_ANSWER));
    let greeting = answer(&mut read).await?;
    let Some(greeting) = greeting.first().filter(|line| line.starts_with("220")).cloned() else {
        return Ok(Finding::wrong(
            WHAT,
            format!("{name} is no mail server that takes mail: {greeting:?}."),
        ));
    };
    write.write_all(b"EHLO partyline.invalid\r\n").await?;
    let offers = answer(&mut read).await?;
    write.write_all(b"QUIT\r\n").await?;
    let offered = |word: &str| {
        offers
            .iter()
            .filter_map(|line| line.get(4..))
            .any(|line| line.to_ascii_uppercase().starts_with(word))
    };
    Ok(match server.encryption {
        Encryption::StartTls if !offered("STARTTLS") => Finding::wrong(
            WHAT,
            format!(
                "{name} offers no STARTTLS, so no mail would be sent. Use its port with TLS: encryption = \"tls\", port = 465."
            ),
        ),
        Encryption::None if server.login.is_some() && !offered("AUTH") => {
            Finding::wrong(WHAT, format!("{name} takes no user and password here."))
        }
        Encryption::StartTls => Finding::fine(WHAT, format!("{name} offers STARTTLS and greets: {greeting}.")),
        Encryption::None | Encryption::Tls => Finding::fine(WHAT, format!("{name} greets: {greeting}.")),
    })
}

/// As a mail would: with TLS, and the user and the password if there are some.
async fn log_in(server: &Smtp, found: Finding) -> Finding {
    let name = format!("{}:{}", server.host, server.port);
    let way = match Server::new(server) {
        Ok(way) => way,
        Err(error) => return Finding::wrong(WHAT, format!("{error}.")),
    };
    match (way.try_login().await, &server.login) {
        (Ok(()), Some((user, _password))) => Finding::fine(WHAT, format!("{} It lets {user} in.", found.text)),
        (Ok(()), None) => found,
        (Err(answer), Some((user, _password))) => Finding::wrong(
            WHAT,
            format!("{name} does not let {user} in: {answer}. Check user, password, encryption and certificate."),
        ),
        (Err(answer), None) => Finding::wrong(
            WHAT,
            format!("{name} does not take us: {answer}. Check encryption and certificate."),
        ),
    }
}

/// One answer: lines of a code and `-`, the last of a code and a space.
async fn answer(read: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if read.read_until(b'\n', &mut line).await? == 0 {
            return Ok(lines);
        }
        let line: String = String::from_utf8_lossy(&line)
            .trim_end()
            .chars()
            .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
            .collect();
        let is_last = line.as_bytes().get(3) != Some(&b'-');
        lines.push(line);
        if is_last {
            return Ok(lines);
        }
    }
}

//! What one start says to another: one line, answered with one.
//!
//! `raise` or `join LINK`, then the end of the stream; the answer is `taken`.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use zeroize::Zeroizing;

use super::Arrival;
use crate::invitation;

/// The longest message, in bytes: the longest text that is read as a code, and the word before it.
pub const MAX_MESSAGE: usize = 4096 + 8;

const RAISE: &str = "raise\n";
const JOIN: &str = "join ";
const TAKEN: &[u8] = b"taken\n";

/// Says it, and waits until it is taken.
pub(super) async fn send(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), arrival: &Arrival) -> io::Result<()> {
    let said = Zeroizing::new(match arrival {
        Arrival::Raise | Arrival::Clicked(_) => RAISE.to_owned(),
        Arrival::Link(link) => format!("{JOIN}{}\n", link.as_str()),
    });
    stream.write_all(said.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = [0; TAKEN.len()];
    stream.read_exact(&mut answer).await?;
    if answer == TAKEN {
        Ok(())
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

/// Hears one, and answers if it was taken.
pub(super) async fn receive(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    take: impl FnOnce(Arrival) -> bool,
) -> io::Result<()> {
    let mut heard = Zeroizing::new(Vec::with_capacity(MAX_MESSAGE));
    while heard.last() != Some(&b'\n') {
        let room = (MAX_MESSAGE - heard.len()) as u64;
        if room == 0 || (&mut *stream).take(room).read_buf(&mut *heard).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
    let arrival = read(&heard).ok_or(io::ErrorKind::InvalidData)?;
    if !take(arrival) {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    stream.write_all(TAKEN).await?;
    stream.flush().await
}

fn read(heard: &[u8]) -> Option<Arrival> {
    let line = std::str::from_utf8(heard).ok()?;
    if line == RAISE {
        return Some(Arrival::Raise);
    }
    let link = line.strip_prefix(JOIN)?.strip_suffix('\n')?;
    invitation::is_link(link).then(|| Arrival::Link(Zeroizing::new(link.to_owned())))
}

//! Frames on a stream: `length u32 BE ‖ type u8 ‖ body`, the length counting type and body (PROTOCOL.md, "Frames").

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::event::{Misbehaviour, Protocol};

/// The longest frame of `party-sync/1`, in bytes.
pub(super) const MAX_SYNC: usize = 256 * 1024;

/// The longest frame of a protocol whose first byte is `kind`, in bytes, that byte included.
#[must_use]
pub fn max_frame(protocol: Protocol, kind: u8) -> usize {
    match protocol {
        // A type that does not exist gets no room for a body: what to say to that is the machine's business.
        Protocol::Invite => crate::invitation::max_len(kind).unwrap_or(1),
        Protocol::Sync => MAX_SYNC,
    }
}

/// Why no frame could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameError {
    /// The peer broke the rules.
    Misbehaved(Misbehaviour),
    /// The stream broke; the connection knows why.
    Broken,
}

/// Reads the next frame, or none at the end of the stream.
///
/// The beginning of a frame is awaited for ever; a frame that has begun must be whole within `limit`.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    protocol: Protocol,
    limit: Duration,
) -> Result<Option<Vec<u8>>, FrameError> {
    let mut first = [0];
    if stream.read(&mut first).await.map_err(|_lost| FrameError::Broken)? == 0 {
        return Ok(None);
    }
    let [first] = first;
    match timeout(limit, read_rest(stream, protocol, first)).await {
        Ok(frame) => frame.map(Some),
        Err(_elapsed) => Err(FrameError::Misbehaved(Misbehaviour::TooSlow)),
    }
}

async fn read_rest(
    stream: &mut (impl AsyncRead + Unpin),
    protocol: Protocol,
    first: u8,
) -> Result<Vec<u8>, FrameError> {
    let mut rest = [0; 3];
    fill(stream, &mut rest).await?;
    let [b, c, d] = rest;
    let length = u32::from_be_bytes([first, b, c, d]) as usize;
    if length == 0 {
        return Err(FrameError::Misbehaved(Misbehaviour::EmptyFrame));
    }
    let mut kind = [0];
    fill(stream, &mut kind).await?;
    let [kind] = kind;
    if length > max_frame(protocol, kind) {
        return Err(FrameError::Misbehaved(Misbehaviour::FrameTooLong));
    }
    let mut frame = vec![0; length];
    if let Some((start, body)) = frame.split_first_mut() {
        *start = kind;
        fill(stream, body).await?;
    }
    Ok(frame)
}

/// Reads exactly as much as fits, inside a frame: an end is the peer's fault here.
async fn fill(stream: &mut (impl AsyncRead + Unpin), bytes: &mut [u8]) -> Result<(), FrameError> {
    match stream.read_exact(bytes).await {
        Ok(_length) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(FrameError::Misbehaved(Misbehaviour::Truncated))
        }
        Err(_lost) => Err(FrameError::Broken),
    }
}

/// Writes one frame, which the caller has checked with [`fits`].
pub(super) async fn write(stream: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(frame.len()).map_err(|_too_long| std::io::ErrorKind::InvalidInput)?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(frame).await
}

/// Whether a peer of our version would take this frame.
pub(super) fn fits(protocol: Protocol, frame: &[u8]) -> bool {
    frame
        .first()
        .is_some_and(|kind| frame.len() <= max_frame(protocol, *kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{DuplexStream, duplex};

    const LIMIT: Duration = Duration::from_secs(20);

    async fn read_bytes(bytes: &[u8]) -> Result<Option<Vec<u8>>, FrameError> {
        read(&mut { bytes }, Protocol::Invite, LIMIT).await
    }

    fn misbehaved<T>(what: Misbehaviour) -> Result<T, FrameError> {
        Err(FrameError::Misbehaved(what))
    }

    #[tokio::test]
    async fn what_is_written_is_read() {
        let (mut alice, mut bob): (DuplexStream, DuplexStream) = duplex(64);
        for frame in [&[7_u8][..], &[1, 2, 3], &[9; 200_000]] {
            let (wrote, read) = tokio::join!(write(&mut alice, frame), read(&mut bob, Protocol::Sync, LIMIT));
            wrote.unwrap();
            assert_eq!(read.unwrap().unwrap(), frame);
        }
        drop(alice);
        assert_eq!(read(&mut bob, Protocol::Sync, LIMIT).await, Ok(None));
    }

    #[tokio::test]
    async fn an_empty_frame_is_misbehaviour() {
        assert_eq!(read_bytes(&[0, 0, 0, 0]).await, misbehaved(Misbehaviour::EmptyFrame));
    }

    #[tokio::test]
    async fn the_length_is_checked_against_the_type_before_the_body_is_read() {
        assert_eq!(
            read_bytes(&[0, 0, 0x02, 1, 0x01]).await,
            misbehaved(Misbehaviour::FrameTooLong),
            "Hello: 512"
        );
        assert_eq!(
            read_bytes(&[0, 0, 0, 2, 0x77]).await,
            misbehaved(Misbehaviour::FrameTooLong),
            "no such type"
        );
        assert_eq!(
            read_bytes(&[0xff, 0xff, 0xff, 0xff, 0x0b]).await,
            misbehaved(Misbehaviour::FrameTooLong)
        );
        assert_eq!(
            read_bytes(&[0, 1, 0, 0, 0x0b]).await,
            misbehaved(Misbehaviour::Truncated),
            "64 KiB of Admit is fine"
        );
    }

    #[tokio::test]
    async fn a_stream_that_ends_inside_a_frame_is_misbehaviour_and_between_frames_is_not() {
        let whole = [0, 0, 0, 3, 1, 2, 3];
        for cut in 1..whole.len() {
            assert_eq!(
                read_bytes(&whole[..cut]).await,
                misbehaved(Misbehaviour::Truncated),
                "{cut}"
            );
        }
        assert_eq!(read_bytes(&[]).await, Ok(None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_frame_that_trickles_in_is_cut_off_after_its_limit_in_all() {
        let (mut mallory, mut alice) = duplex(64);
        let trickle = async {
            for byte in [0, 0, 0, 200].into_iter().chain([1; 200]) {
                if mallory.write_all(&[byte]).await.is_err() {
                    break;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let start = tokio::time::Instant::now();
        tokio::select! {
            () = trickle => panic!("nobody stopped it"),
            frame = read(&mut alice, Protocol::Invite, LIMIT) => {
                assert_eq!(frame, misbehaved(Misbehaviour::TooSlow));
                assert_eq!(start.elapsed(), LIMIT);
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_between_frames_is_no_offence() {
        let (_bob, mut alice) = duplex(64);
        let waiting = read(&mut alice, Protocol::Sync, LIMIT);
        assert!(timeout(Duration::from_secs(3600), waiting).await.is_err());
    }

    #[test]
    fn only_frames_that_a_peer_would_take_are_sent() {
        assert!(!fits(Protocol::Sync, &[]));
        assert!(fits(Protocol::Invite, &[1; 512]));
        assert!(!fits(Protocol::Invite, &[1; 513]));
        assert!(fits(Protocol::Sync, &[1; 256 * 1024]));
        assert!(!fits(Protocol::Sync, &[1; 256 * 1024 + 1]));
        assert!(fits(Protocol::Invite, &[0x0b; 65536]));
    }
}

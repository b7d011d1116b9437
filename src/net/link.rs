//! One open link: frames from its stream to the engine, frames from the engine to its stream, and its end.

use std::future::{Future, pending};
use std::pin::pin;

use iroh::endpoint::{Connection, ConnectionError, RecvStream, SendStream, VarInt};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};

use super::BAD_MESSAGE;
use super::config::Limits;
use super::event::{CloseReason, LinkId, Misbehaviour, NetEvent, Protocol};
use super::frame::{self, FrameError};
use super::links::{Events, Farewell};
use super::queue::Outlet;

/// What one link's task works with.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id: LinkId,
    pub(super) protocol: Protocol,
    pub(super) connection: Connection,
    /// For an incoming link: when its first frame must be whole. None if we opened it.
    pub(super) first_frame_by: Option<Instant>,
    pub(super) limits: Limits,
    pub(super) events: Events,
}

/// How a link ends.
#[derive(Debug)]
enum End {
    /// We said all we wanted to say.
    Said,
    /// The peer broke the rules.
    Misbehaved(Misbehaviour),
    /// The connection is closed.
    Closed(ConnectionError),
    /// The peer broke off the stream, but not the connection.
    Broken,
}

impl Link {
    /// Carries frames until the link is over, closes the connection and says why it ended.
    pub(super) async fn run(self, outgoing: Outlet, farewell: oneshot::Receiver<Farewell>) -> CloseReason {
        let (give_stream, take_stream) = oneshot::channel();
        let (all_arrived, arrived) = oneshot::channel();
        let mut reading = pin!(self.read(give_stream));
        let mut writing = pin!(self.write(outgoing, take_stream, all_arrived));

        let farewell = tokio::select! {
            biased;
            end = &mut reading => return self.finish(end, 0),
            end = &mut writing => return self.finish(end, 0),
            // An error means that the whole network is being dropped.
            farewell = farewell => farewell.unwrap_or(Farewell { code: 0, wait_for_peer: false }),
        };
        let goodbye = async {
            // An error cannot be: the writer waits for ever once it has told.
            let said = arrived.await.is_ok();
            if farewell.wait_for_peer || !said {
                // The reader sees the peer's close.
                pending::<()>().await;
            }
        };
        let end = async {
            tokio::select! {
                biased;
                end = reading => end,
                end = writing => end,
                () = goodbye => End::Said,
            }
        };
        let end = timeout(self.limits.farewell, end).await.unwrap_or(End::Said);
        self.finish(end, farewell.code)
    }

    /// Gets hold of the stream, then hands every frame to the engine, until something ends.
    async fn read(&self, give_stream: oneshot::Sender<SendStream>) -> End {
        let mut deadline = self.first_frame_by;
        let (send, mut recv) = match within(deadline, self.stream()).await {
            Ok(streams) => streams,
            Err(end) => return end,
        };
        // The writer is there as long as this future is.
        drop(give_stream.send(send));
        loop {
            let next = async {
                frame::read(&mut recv, self.protocol, self.limits.frame)
                    .await
                    .map_err(|error| self.broken(error))
            };
            match within(deadline.take(), next).await {
                Ok(Some(frame)) => self.events.send(NetEvent::Frame { link: self.id, frame }).await,
                // The peer has said everything; which side closes is a matter of the protocol.
                Ok(None) => return End::Closed(self.connection.closed().await),
                Err(end) => return end,
            }
        }
    }

    /// The link's one stream: the dialer opens it. The other side learns of it with the first frame.
    async fn stream(&self) -> Result<(SendStream, RecvStream), End> {
        let streams = match self.first_frame_by {
            None => self.connection.open_bi().await,
            Some(_) => self.connection.accept_bi().await,
        };
        streams.map_err(End::Closed)
    }

    /// Writes what is queued. When the queue has ended and everything has arrived, says so and then never returns.
    async fn write(
        &self,
        mut outgoing: Outlet,
        stream: oneshot::Receiver<SendStream>,
        all_arrived: oneshot::Sender<()>,
    ) -> End {
        let mut next = outgoing.next().await;
        if next.is_some() {
            // Without a stream the reader is about to end the link.
            let Ok(mut stream) = stream.await else {
                return pending().await;
            };
            while let Some(frame) = next {
                match timeout(self.limits.frame, frame::write(&mut stream, &frame)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_broken)) => return self.broken(FrameError::Broken),
                    Err(_elapsed) => return End::Misbehaved(Misbehaviour::TooSlow),
                }
                if outgoing.is_drained() {
                    self.events.send(NetEvent::Drained { link: self.id }).await;
                }
                next = outgoing.next().await;
            }
            if stream.finish().is_err() || stream.stopped().await.is_err() {
                return self.broken(FrameError::Broken);
            }
        }
        all_arrived.send(()).ok();
        pending().await
    }

    fn broken(&self, error: FrameError) -> End {
        match error {
            FrameError::Misbehaved(how) => End::Misbehaved(how),
            FrameError::Broken => self.connection.close_reason().map_or(End::Broken, End::Closed),
        }
    }

    /// Closes the connection, if that has not happened, and says why.
    fn finish(&self, end: End, code: u32) -> CloseReason {
        let (code, reason) = match end {
            End::Said => (code, CloseReason::Local),
            End::Misbehaved(how) => (BAD_MESSAGE, CloseReason::Misbehaved(how)),
            End::Broken => (0, CloseReason::Lost),
            End::Closed(error) => (0, closed(&error)),
        };
        self.connection.close(VarInt::from_u32(code), b"");
        reason
    }
}

/// Waits for something that must happen before a deadline, if there is one.
async fn within<T>(deadline: Option<Instant>, what: impl Future<Output = Result<T, End>>) -> Result<T, End> {
    match deadline {
        None => what.await,
        Some(deadline) => timeout_at(deadline, what)
            .await
            .unwrap_or(Err(End::Misbehaved(Misbehaviour::TooSlow))),
    }
}

/// What the end of a connection means.
fn closed(error: &ConnectionError) -> CloseReason {
    match error {
        ConnectionError::LocallyClosed => CloseReason::Local,
        ConnectionError::ApplicationClosed(close) => {
            u32::try_from(close.error_code.into_inner()).map_or(CloseReason::Lost, CloseReason::Code)
        }
        ConnectionError::VersionMismatch
        | ConnectionError::TransportError(_)
        | ConnectionError::ConnectionClosed(_)
        | ConnectionError::Reset
        | ConnectionError::TimedOut
        | ConnectionError::CidsExhausted => CloseReason::Lost,
    }
}

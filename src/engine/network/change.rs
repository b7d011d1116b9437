//! From one endpoint to another, in tasks of their own: the engine goes on meanwhile. It has no endpoint then.
//!
//! The one from before is closed first, because the next one wants its UDP port: codes and members' devices know it.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::super::{Command, RequestId};
use crate::failure::Failure;
use crate::identity::Keys;
use crate::net::{FileServer, Net, NetConfig, NetEvent, NetworkMode};

/// How many network events may wait for the engine before peers are slowed down: 16 MiB of the longest frames.
const EVENTS: usize = 64;

/// An endpoint, and what happens on it: once this is dropped, nothing is heard of its links any more.
pub(in super::super) struct Online {
    pub(super) net: Net,
    pub(super) events: mpsc::Receiver<NetEvent>,
}

/// What it takes to open an endpoint.
pub(super) struct Opener {
    pub(super) keys: Arc<Keys>,
    /// The port that is wanted.
    pub(super) port: Option<u16>,
    pub(super) files: Option<FileServer>,
}

impl Opener {
    pub(super) async fn open(self, mode: &NetworkMode) -> Result<Online, Failure> {
        let (sender, events) = mpsc::channel(EVENTS);
        let config = NetConfig {
            port: self.port,
            ..NetConfig::new(mode.clone())
        };
        match Net::start(config, &self.keys.endpoint, sender, self.files).await {
            Ok(net) => Ok(Online { net, events }),
            Err(error) => {
                tracing::warn!(%error, "no network in this mode");
                Err(Failure::NetworkUnavailable)
            }
        }
    }
}

/// What a task has done.
pub(in super::super) enum Step {
    /// The endpoint from before is closed.
    Closed,
    /// There is one in this mode, or none is to be had.
    Opened(NetworkMode, Result<Box<Online>, Failure>),
    /// The task has panicked.
    Lost,
}

/// The change that is under way, if one is.
#[derive(Default)]
pub(in super::super) struct Change {
    wanted: Option<Wanted>,
    /// Who asked for a mode that could not be had. They are told once it is as before.
    refused: Vec<(RequestId, Failure)>,
    /// Commands that wait until there is an endpoint.
    put_off: Vec<(RequestId, Command)>,
    /// One at most.
    running: JoinSet<Step>,
}

/// What was asked for last, and everybody who has asked since there was an endpoint.
struct Wanted {
    mode: NetworkMode,
    requests: Vec<RequestId>,
}

/// What a change was about, once it is over.
#[derive(Default)]
pub(super) struct Settled {
    /// Who gets what they asked for.
    pub(super) done: Vec<RequestId>,
    /// Who does not.
    pub(super) refused: Vec<(RequestId, Failure)>,
}

impl Change {
    pub(super) fn is_under_way(&self) -> bool {
        !self.running.is_empty()
    }

    /// The mode that was asked for last, until it is there or refused.
    pub(super) fn wanted(&self) -> Option<&NetworkMode> {
        self.wanted.as_ref().map(|wanted| &wanted.mode)
    }

    /// Somebody asks for a mode: what was asked for before counts no more.
    pub(super) fn want(&mut self, request: RequestId, mode: NetworkMode) {
        let mut requests = self.wanted.take().map(|before| before.requests).unwrap_or_default();
        requests.push(request);
        self.wanted = Some(Wanted { mode, requests });
    }

    /// This mode is not to be had. Whether it is the one that is wanted; none is any more then.
    pub(super) fn refuse(&mut self, mode: &NetworkMode, failure: &Failure) -> bool {
        let Some(wanted) = self.wanted.take_if(|wanted| wanted.mode == *mode) else {
            return false;
        };
        let refused = wanted.requests.into_iter().map(|request| (request, failure.clone()));
        self.refused.extend(refused);
        true
    }

    /// It is over: nothing is wanted any more.
    pub(super) fn settle(&mut self) -> Settled {
        Settled {
            done: self.wanted.take().map(|wanted| wanted.requests).unwrap_or_default(),
            refused: std::mem::take(&mut self.refused),
        }
    }

    /// A command waits.
    pub(super) fn put_off(&mut self, request: RequestId, command: Command) {
        self.put_off.push((request, command));
    }

    /// The commands that need not wait any longer.
    pub(super) fn take_put_off(&mut self) -> Vec<(RequestId, Command)> {
        std::mem::take(&mut self.put_off)
    }

    /// Says goodbye to everybody: 6 s at most.
    pub(super) fn close(&mut self, net: Net) {
        self.running.spawn(async {
            net.shutdown().await;
            Step::Closed
        });
    }

    /// Opens an endpoint: for the most part a matter of milliseconds.
    pub(super) fn open(&mut self, opener: Opener, mode: NetworkMode) {
        self.running.spawn(async {
            let opened = opener.open(&mode).await;
            Step::Opened(mode, opened.map(Box::new))
        });
    }

    /// The next step, while a change is under way. Nothing goes amiss if this is not waited for to its end.
    pub(in super::super) async fn next(&mut self) -> Option<Step> {
        match self.running.join_next().await? {
            Ok(step) => Some(step),
            Err(error) => {
                tracing::error!("a task that changes the network ended early: {error}");
                Some(Step::Lost)
            }
        }
    }

    /// Lets the step that is under way come to its end, and leaves no endpoint behind.
    pub(in super::super) async fn shut_down(mut self) {
        while let Some(step) = self.next().await {
            if let Step::Opened(_, Ok(online)) = step {
                online.net.shutdown().await;
            }
        }
    }
}

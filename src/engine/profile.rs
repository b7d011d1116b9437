//! The profile from the first start to open: who this is, and whether the key that seals it is there.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::failure::Failure;
use crate::identity::{Keys, RecoveryPhrase};
use crate::net::{NetEvent, NetworkMode};
use crate::party::check_name;
use crate::store::{self, ProfileState, ProtectionKind};

use super::devices;
use super::files::{self, Lost, Report};
use super::mail;
use super::network;
use super::open::Open;
use super::view::{KeyringView, ProfileView};
use super::{Command, Context, Event, Protection, RequestId};

/// How many commands may share one transaction.
const SHARED_TRANSACTION: usize = 256;

/// A profile, open or not yet.
pub(super) struct Profile {
    context: Arc<Context>,
    /// What of the network the program was started with.
    network: NetworkMode,
    stage: Stage,
    file_reports: mpsc::Receiver<Report>,
    file_sender: mpsc::Sender<Report>,
}

enum Stage {
    Closed,
    Open(Box<Open>),
}

/// What is heard of the network and of the tasks of an open profile.
enum Heard {
    /// What happened on the network.
    Net(NetEvent),
    /// Another endpoint is a step nearer.
    Network(network::Step),
    /// A task for a file has ended without a report.
    File(Lost),
    /// A task at an invitation service has ended.
    Mail(Box<mail::Report>),
}

impl Stage {
    /// What is heard next; none while nothing can be.
    async fn next(&mut self) -> Option<Heard> {
        let Self::Open(open) = self else { return None };
        let Open {
            net_events,
            change,
            files,
            mail,
            ..
        } = &mut **open;
        tokio::select! {
            Some(event) = net_events.recv() => Some(Heard::Net(event)),
            Some(step) = change.next() => Some(Heard::Network(step)),
            Some(lost) = files.next_lost() => Some(Heard::File(lost)),
            Some(report) = mail.next_report() => Some(Heard::Mail(Box::new(report))),
            else => None,
        }
    }
}

impl Profile {
    /// Looks at what is stored and opens it if no person is needed for that. Says so by the first event.
    pub(super) async fn start(context: Arc<Context>, network: NetworkMode) -> Self {
        let (file_sender, file_reports) = mpsc::channel(files::REPORTS);
        let stage = Stage::Closed;
        let mut profile = Self {
            context,
            network,
            stage,
            file_reports,
            file_sender,
        };
        profile.look().await;
        profile
    }

    /// Serves commands, the network and the clock until the front end is gone.
    pub(super) async fn serve(&mut self, commands: &mut mpsc::Receiver<(RequestId, Command)>) {
        loop {
            // What is due comes first, so that no stream of frames or commands can hold it up.
            let wait = match &mut self.stage {
                Stage::Open(open) => {
                    open.run_timers().await;
                    open.next_timer()
                }
                Stage::Closed => None,
            };
            tokio::select! {
                biased;
                command = commands.recv() => match command {
                    Some((request, command)) => {
                        Box::pin(self.command(request, command)).await;
                        Box::pin(self.commands_that_wait(commands)).await;
                    }
                    None => return,
                },
                Some(report) = self.file_reports.recv() => {
                    if let Stage::Open(open) = &mut self.stage {
                        open.file_report(report).await;
                    }
                }
                Some(heard) = self.stage.next() => self.heard(heard).await,
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            }
        }
    }

    async fn heard(&mut self, heard: Heard) {
        let Stage::Open(open) = &mut self.stage else { return };
        match heard {
            Heard::Net(event) => open.net_event(event).await,
            Heard::Network(step) => {
                for (request, command) in open.network_step(step).await {
                    Box::pin(self.command(request, command)).await;
                }
            }
            Heard::File(lost) => open.file_task_lost(lost).await,
            Heard::Mail(report) => open.mail_report(*report).await,
        }
    }

    /// Carries out more commands, if they are there already, so that they share a transaction.
    async fn commands_that_wait(&mut self, commands: &mut mpsc::Receiver<(RequestId, Command)>) {
        for _ in 1..SHARED_TRANSACTION {
            match commands.try_recv() {
                Ok((request, command)) => Box::pin(self.command(request, command)).await,
                Err(_none_or_closed) => break,
            }
        }
        if let Stage::Open(open) = &mut self.stage {
            // Who asked for what failed has been told.
            open.flush().await.unwrap_or_default();
        }
    }

    /// Says goodbye to peers. Everything is on disk already.
    pub(super) async fn close(self) {
        if let Stage::Open(open) = self.stage {
            open.shut_down().await;
        }
    }

    async fn command(&mut self, request: RequestId, command: Command) {
        let answer = match (&mut self.stage, command) {
            (Stage::Open(open), Command::SetNetworkMode { mode }) => {
                open.set_network(request, mode).await;
                Ok(())
            }
            (Stage::Open(open), command) if open.puts_off(&command) => {
                open.put_off(request, command);
                Ok(())
            }
            (Stage::Open(open), command) => match open.execute(request, command).await {
                Ok(Some(event)) => {
                    self.context.events.send(event).await;
                    Ok(())
                }
                // It is answered when it is done.
                Ok(None) => Ok(()),
                Err(failure) => Err(failure),
            },
            // An opened profile is its own answer.
            (Stage::Closed, Command::CreateProfile { name, protection }) => {
                self.create(request, &name, protection).await
            }
            (
                Stage::Closed,
                Command::RecoverProfile {
                    name,
                    protection,
                    phrase,
                },
            ) => self.recover(request, &name, protection, &phrase).await,
            (Stage::Closed, Command::UnlockProfile { passphrase }) => {
                self.unlock(Protection::Passphrase(passphrase), Some(request)).await
            }
            (Stage::Closed, Command::RetryKeyring) => self.unlock(Protection::Keyring, Some(request)).await,
            (Stage::Closed, _) => Err(Failure::ProfileClosed),
        };
        if let Err(failure) = answer {
            self.context.events.failed(Some(request), failure).await;
        }
    }

    /// Makes the identity of a new profile.
    async fn create(&mut self, request: RequestId, name: &str, protection: Protection) -> Result<(), Failure> {
        let keys = Keys::generate(&mut rand::rng());
        self.begin(name, protection, keys).await?;
        self.enter(Some(request)).await
    }

    /// Brings an identity back, with keys of this machine's own.
    async fn recover(
        &mut self,
        request: RequestId,
        name: &str,
        protection: Protection,
        phrase: &RecoveryPhrase,
    ) -> Result<(), Failure> {
        let keys = Keys::generate_for(&phrase.seed(), &mut rand::rng());
        self.begin(name, protection, keys).await?;
        self.context
            .store
            .run(|store| store.write(&[devices::written()]))
            .await??;
        self.enter(Some(request)).await
    }

    async fn begin(&self, name: &str, protection: Protection, keys: Keys) -> Result<(), Failure> {
        let name = check_name(name).or(Err(Failure::NameInvalid))?.to_owned();
        let created = self
            .context
            .store
            .run(move |store| store.create(kept(&protection), &keys, &name));
        Ok(created.await??)
    }

    async fn unlock(&mut self, protection: Protection, request: Option<RequestId>) -> Result<(), Failure> {
        self.context
            .store
            .run(move |store| store.unlock(kept(&protection)))
            .await??;
        self.enter(request).await
    }

    /// Everything is readable: load it, start the network, show it.
    async fn enter(&mut self, request: Option<RequestId>) -> Result<(), Failure> {
        let open = Open::start(
            Arc::clone(&self.context),
            &self.network,
            self.file_sender.clone(),
            request,
        )
        .await?;
        self.stage = Stage::Open(Box::new(open));
        Ok(())
    }

    /// What the store holds decides who is asked for what.
    async fn look(&mut self) {
        let view = match self.context.store.run(|store| store.state()).await {
            Ok(ProfileState::New) => ProfileView::New {
                keyring: self.keyring().await,
            },
            Ok(ProfileState::Locked(ProtectionKind::Passphrase)) => ProfileView::Locked,
            Ok(ProfileState::Locked(kind)) => {
                let keyring = kind == ProtectionKind::Keyring;
                let protection = if keyring {
                    Protection::Keyring
                } else {
                    Protection::Unprotected
                };
                match self.unlock(protection, None).await {
                    Ok(()) => return,
                    Err(failure) => ProfileView::KeyringSilent { failure },
                }
            }
            Err(error) => ProfileView::KeyringSilent { failure: error.into() },
        };
        self.context
            .events
            .send(Event::ProfileChanged {
                request: None,
                profile: view,
            })
            .await;
    }

    async fn keyring(&self) -> KeyringView {
        match self.context.store.run(|store| store.keyring_available()).await {
            Ok(true) => KeyringView::Available,
            Ok(false) | Err(_) => KeyringView::Unavailable,
        }
    }
}

/// The same choice in the store's words.
fn kept(protection: &Protection) -> store::Protection<'_> {
    match protection {
        Protection::Keyring => store::Protection::Keyring,
        Protection::Passphrase(passphrase) => store::Protection::Passphrase(passphrase.as_str()),
        Protection::Unprotected => store::Protection::Unprotected,
    }
}

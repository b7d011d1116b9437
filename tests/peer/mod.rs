//! A person with a running worker, for tests that read as stories.

use std::sync::Arc;
use std::time::Duration;

use partyline::failure::Failure;
use partyline::identity::IdentityId;
use partyline::invitation::{InvitationId, InvitationStage, InviteCode, Pin, PinNotice, RedeemError, RedemptionStage};
use partyline::party::PartyId;
use partyline::worker::{
    Command, Config, Event, InvitationOptions, InvitationView, MemberView, NetworkMode, PartyView, Presence,
    Protection, RedemptionId, RequestId, WorkerHandle,
};
use tempfile::TempDir;

/// How long anything may take before the test fails.
const DEADLINE: Duration = Duration::from_secs(8);

/// A person, a profile and a worker.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) worker: WorkerHandle,
    pub(crate) folder: Arc<TempDir>,
    last_request: u64,
    /// Events that came while the test waited for another one.
    seen: Vec<Event>,
}

/// A person whose program does not run.
pub(crate) struct Away {
    name: &'static str,
    pub(crate) folder: Arc<TempDir>,
}

impl Away {
    /// Starts the program again.
    pub(crate) async fn start_again(self) -> Peer {
        let mut peer = Peer::open(self.name, self.folder);
        peer.wait("the open profile", |event| {
            matches!(event, Event::ProfileChanged { .. }).then_some(())
        })
        .await;
        peer
    }
}

impl Peer {
    /// A person with a new profile.
    pub(crate) async fn start(name: &'static str) -> Self {
        Self::start_in(name, TempDir::new().unwrap()).await
    }

    /// The same, in this folder.
    pub(crate) async fn start_in(name: &'static str, folder: TempDir) -> Self {
        let mut peer = Self::open(name, Arc::new(folder));
        peer.wait("the profile's first event", |event| {
            matches!(event, Event::ProfileChanged { .. }).then_some(())
        })
        .await;
        let request = peer.send(Command::CreateProfile {
            name: name.to_owned(),
            protection: Protection::Unprotected,
        });
        peer.wait("the open profile", |event| match event {
            Event::ProfileChanged {
                request: Some(answered),
                ..
            } if *answered == request => Some(()),
            _ => None,
        })
        .await;
        peer
    }

    /// The same person after a restart of the program.
    pub(crate) async fn restart(self) -> Self {
        self.stop().await.start_again().await
    }

    /// Quits the program.
    pub(crate) async fn stop(self) -> Away {
        let (name, folder) = (self.name, Arc::clone(&self.folder));
        tokio::task::spawn_blocking(move || self.worker.shutdown())
            .await
            .unwrap();
        Away { name, folder }
    }

    fn open(name: &'static str, folder: Arc<TempDir>) -> Self {
        let config = Config {
            data_dir: folder.path().join("profile"),
            network: NetworkMode::Loopback,
        };
        let worker = WorkerHandle::spawn(config, || ()).unwrap();
        Self {
            name,
            worker,
            folder,
            last_request: 0,
            seen: Vec::new(),
        }
    }

    /// Sends a command; its answer carries the id.
    pub(crate) fn send(&mut self, command: Command) -> RequestId {
        self.last_request += 1;
        let request = RequestId(self.last_request);
        self.worker.send(request, command).unwrap();
        request
    }

    /// The first event, among those seen and to come, that `pick` takes something from.
    pub(crate) async fn wait<T>(&mut self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        for (index, event) in self.seen.iter().enumerate() {
            if let Some(found) = pick(event) {
                self.seen.remove(index);
                return found;
            }
        }
        let (name, deadline) = (self.name, tokio::time::Instant::now() + DEADLINE);
        loop {
            let next = tokio::time::timeout_at(deadline, self.worker.next()).await;
            let event = next
                .unwrap_or_else(|_| panic!("{name} waited in vain for {what}; saw {:#?}", self.seen))
                .unwrap_or_else(|| panic!("{name}'s worker ended while waiting for {what}"));
            match pick(&event) {
                Some(found) => return found,
                None => self.seen.push(event),
            }
        }
    }

    pub(crate) async fn create_party(&mut self, name: &str) -> PartyId {
        let request = self.send(Command::CreateParty { name: name.to_owned() });
        self.wait("the new party", |event| match event {
            Event::PartyCreated {
                request: answered,
                party,
            } if *answered == request => Some(*party),
            _ => None,
        })
        .await
    }

    pub(crate) async fn invite(&mut self, party: PartyId) -> Arc<InvitationView> {
        self.invite_with(party, InvitationOptions::default()).await
    }

    pub(crate) async fn invite_with(&mut self, party: PartyId, options: InvitationOptions) -> Arc<InvitationView> {
        let request = self.send(Command::CreateInvitation { party, options });
        self.wait("the invitation", |event| match event {
            Event::InvitationCreated {
                request: answered,
                invitation,
            } if *answered == request => Some(Arc::clone(invitation)),
            _ => None,
        })
        .await
    }

    pub(crate) async fn redeem(&mut self, code: &str) -> RedemptionId {
        let code = Arc::new(InviteCode::parse(code).unwrap());
        let request = self.send(Command::Redeem {
            code,
            allow_relay: false,
        });
        self.wait("the redemption", |event| match event {
            Event::RedemptionStarted {
                request: answered,
                redemption,
            } if *answered == request => Some(redemption.id),
            _ => None,
        })
        .await
    }

    /// Lets somebody in, with a code and its PIN.
    pub(crate) async fn lets_in(&mut self, guest: &mut Self, party: PartyId) {
        let invitation = self.invite(party).await;
        let redemption = guest.redeem(&invitation.code.to_text()).await;
        let pin = self.pin(invitation.id).await;
        guest.enter_pin(redemption, &pin).await;
        assert_eq!(guest.joined(redemption).await, party);
    }

    /// The PIN that the dialog shows now.
    pub(crate) async fn pin(&mut self, id: InvitationId) -> Arc<Pin> {
        self.stage_of_invitation(id, "the PIN", |stage| match stage {
            InvitationStage::Pin { pin, .. } => Some(Arc::clone(pin)),
            _ => None,
        })
        .await
    }

    pub(crate) async fn admitted(&mut self, id: InvitationId) -> String {
        self.stage_of_invitation(id, "the admission", |stage| match stage {
            InvitationStage::Admitted { name, .. } => Some(name.clone()),
            _ => None,
        })
        .await
    }

    pub(crate) async fn stage_of_invitation<T>(
        &mut self,
        id: InvitationId,
        what: &str,
        mut pick: impl FnMut(&InvitationStage) -> Option<T>,
    ) -> T {
        self.wait(what, |event| match event {
            Event::InvitationChanged { invitation } if invitation.id == id => pick(&invitation.stage),
            _ => None,
        })
        .await
    }

    /// The PIN of now, which is not this one.
    pub(crate) async fn pin_other_than(&mut self, id: InvitationId, old: &Pin) -> Arc<Pin> {
        self.stage_of_invitation(id, "another PIN", |stage| match stage {
            InvitationStage::Pin { pin, .. } if **pin != *old => Some(Arc::clone(pin)),
            _ => None,
        })
        .await
    }

    /// Waits for the PIN field.
    pub(crate) async fn field(&mut self, redemption: RedemptionId) {
        self.stage(redemption, "the PIN field", |stage| {
            matches!(stage, RedemptionStage::EnterPin { .. }).then_some(())
        })
        .await;
    }

    /// Waits for the PIN field with this notice; how many tries are left.
    pub(crate) async fn notice(&mut self, redemption: RedemptionId, expected: PinNotice) -> u8 {
        self.stage(redemption, "a notice at the PIN field", |stage| match stage {
            RedemptionStage::EnterPin { notice, tries_left, .. } if *notice == Some(expected) => Some(*tries_left),
            _ => None,
        })
        .await
    }

    pub(crate) fn type_pin(&mut self, redemption: RedemptionId, pin: &Pin) {
        let pin = Arc::new(Pin::parse(pin.digits(), 6).unwrap());
        self.send(Command::SubmitPin { redemption, pin });
    }

    /// Types six digits that are not the PIN.
    pub(crate) fn type_wrong_pin(&mut self, redemption: RedemptionId, pin: &Pin) {
        let wrong = if pin.digits() == "123456" { "654321" } else { "123456" };
        self.send(Command::SubmitPin {
            redemption,
            pin: Arc::new(Pin::parse(wrong, 6).unwrap()),
        });
    }

    /// Types a PIN once the field is there.
    pub(crate) async fn enter_pin(&mut self, redemption: RedemptionId, pin: &Pin) {
        self.field(redemption).await;
        self.type_pin(redemption, pin);
    }

    pub(crate) async fn enter_wrong_pin(&mut self, redemption: RedemptionId, pin: &Pin) {
        self.field(redemption).await;
        self.type_wrong_pin(redemption, pin);
    }

    /// Why the redemption ended.
    pub(crate) async fn failed(&mut self, redemption: RedemptionId) -> RedeemError {
        self.stage(redemption, "the failure", |stage| match stage {
            RedemptionStage::Failed { error } => Some(error.clone()),
            _ => None,
        })
        .await
    }

    /// Why a command failed.
    pub(crate) async fn failure(&mut self, request: RequestId) -> Failure {
        self.wait("the failure", |event| match event {
            Event::Failed {
                request: Some(answered),
                failure,
            } if *answered == request => Some(failure.clone()),
            _ => None,
        })
        .await
    }

    pub(crate) async fn joined(&mut self, redemption: RedemptionId) -> PartyId {
        self.stage(redemption, "the membership", |stage| match stage {
            RedemptionStage::Joined { party } => Some(*party),
            _ => None,
        })
        .await
    }

    pub(crate) async fn stage<T>(
        &mut self,
        redemption: RedemptionId,
        what: &str,
        mut pick: impl FnMut(&RedemptionStage) -> Option<T>,
    ) -> T {
        self.wait(what, |event| match event {
            Event::RedemptionChanged { redemption: view } if view.id == redemption => pick(&view.stage),
            Event::RedemptionStarted { redemption: view, .. } if view.id == redemption => pick(&view.stage),
            _ => None,
        })
        .await
    }

    pub(crate) async fn sees_members(&mut self, party: PartyId, names: &[&str]) {
        self.sees(party, "the members", |view| {
            let mut seen: Vec<&str> = view
                .members
                .iter()
                .filter_map(|member| member.name.as_deref())
                .collect();
            seen.sort_unstable();
            seen == names && view.members.len() == names.len()
        })
        .await;
    }

    pub(crate) async fn add_task(&mut self, party: PartyId, title: &str) {
        let request = self.send(Command::AddTask {
            party,
            title: title.to_owned(),
        });
        self.wait("the task", |event| match event {
            Event::TaskAdded { request: answered, .. } if *answered == request => Some(()),
            _ => None,
        })
        .await;
    }

    pub(crate) async fn sees_task(&mut self, party: PartyId, title: &str) {
        self.sees(party, "the other's task", |view| {
            view.tasks.iter().any(|task| task.title == title)
        })
        .await;
    }

    pub(crate) async fn sees_online(&mut self, party: PartyId, name: &str) {
        self.sees(party, "the other online", |view| {
            let online = |member: &&MemberView| member.presence == Presence::Online;
            view.members
                .iter()
                .filter(online)
                .any(|member| member.name.as_deref() == Some(name))
        })
        .await;
    }

    pub(crate) async fn member(&mut self, party: PartyId, name: &str) -> IdentityId {
        self.wait("the member", |event| match event {
            Event::PartyChanged { party: view } if view.id == party => {
                let member = view.members.iter().find(|member| member.name.as_deref() == Some(name));
                member.map(|member| member.identity)
            }
            _ => None,
        })
        .await
    }

    /// Waits until the party looks like that.
    pub(crate) async fn sees(&mut self, party: PartyId, what: &str, mut like: impl FnMut(&PartyView) -> bool) {
        self.wait(what, |event| match event {
            Event::PartyChanged { party: view } if view.id == party && like(view) => Some(()),
            _ => None,
        })
        .await;
    }
}

//! Invitations of ours: creating them, and carrying out what their machines decide.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::failure::Failure;
use crate::identity::EndpointId;
use crate::invitation::delegation::Delegation;
use crate::invitation::inviter::{self, AdmissionRequest, Inviter, MAX_USES, PartyFacts, Record, Refusal, Status};
use crate::invitation::{
    Closing, CodeError, CodeKind, Env, ErrorCode, Exporter, Flags, InvitationId, InvitationKind, InvitationStage,
    InviteCode, NearbyInvitation, Secret, SessionId, has_room,
};
use crate::net::LinkId;
use crate::party::{PartyId, PartyTag, Role};
use crate::store::Change;
use crate::time::Timestamp;

use super::links::Link;
use super::open::Open;
use super::timers::Timer;
use super::view::{AdmittedView, InvitationView};
use super::{Event, InvitationOptions, RequestId};

/// The longest private label, in bytes.
pub(super) const MAX_LABEL: usize = 64;

/// The longest that an interactive invitation lasts.
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long a machine whose record could not be stored waits before it tries again.
const STORE_RETRY: Duration = Duration::from_secs(10);

/// One invitation of ours.
pub(super) struct Invitation {
    machine: Inviter,
    code: Arc<InviteCode>,
    /// Its name in sessions of devices that have heard of it nearby.
    by_handle: InvitationId,
}

impl Open {
    /// Creates an invitation to a party.
    pub(super) async fn create_invitation(
        &mut self,
        request: RequestId,
        party: PartyId,
        options: InvitationOptions,
    ) -> Result<Event, Failure> {
        if options.label.len() > MAX_LABEL {
            return Err(Failure::NameInvalid);
        }
        if !(1..=MAX_USES).contains(&options.max_uses) {
            return Err(Failure::TooManyPeople);
        }
        if let InvitationKind::Delegated(method) = options.kind {
            return self.delegate(request, party, options, method).await;
        }
        let own_role = self.own_role(party)?;
        if own_role < Role::Admin || options.role > own_role {
            return Err(Failure::NotAllowed);
        }
        if !has_room(self.party(party)?.admission_length()) {
            return Err(Failure::PartyTooLarge);
        }
        let now = self.context.now();
        let expires = now.plus(options.lifetime.min(MAX_LIFETIME));
        let secret = Arc::new(Secret::generate(&mut rand::rng()));
        let record = Record::new(
            secret,
            party,
            options.role,
            options.label,
            now,
            expires,
            options.max_uses,
        );
        self.open_invitation(request, record).await
    }

    /// An invitation to a party that is open until then at least.
    pub(super) fn open_invitation_to(&self, party: PartyId, until: Timestamp) -> Option<Arc<InvitationView>> {
        let mut invitations = self.invitations.values();
        let open = invitations.find(|invitation| {
            let record = invitation.record();
            record.party == party && record.status == Status::Open && record.expires > until
        });
        open.map(|invitation| Arc::new(invitation.view(None)))
    }

    /// Opens an invitation. It is on disk before anybody sees its code.
    pub(super) async fn open_invitation(&mut self, request: RequestId, record: Record) -> Result<Event, Failure> {
        let code = self.code_of(&record).or(Err(Failure::Internal))?;
        self.store(vec![save(&record)]).await?;

        let id = record.id();
        let invitation = Invitation::new(record, code);
        let view = Arc::new(invitation.view(None));
        self.invitations.insert(id, invitation);
        self.drive_inviter(id, inviter::Input::Wake).await;
        self.update_advertising();
        Ok(Event::InvitationCreated {
            request,
            invitation: view,
        })
    }

    /// Brings a stored invitation back to life: the same secret, the same attempts left. Forgets one that nobody needs any more.
    pub(super) async fn restore_invitation(&mut self, bytes: &[u8]) {
        if let Ok(delegation) = Delegation::decode(bytes) {
            return self.restore_delegation(delegation).await;
        }
        let Some(id) = self.insert_invitation(bytes).await else {
            return;
        };
        self.drive_inviter(id, inviter::Input::Wake).await;
        let Some(record) = self.invitations.get(&id).map(|invitation| invitation.machine.record()) else {
            return;
        };
        if record.forgettable() < self.now() {
            match self.store(vec![Change::DeleteInvitation { id }]).await {
                Ok(()) => drop(self.invitations.remove(&id)),
                Err(failure) => tracing::warn!(?failure, "an old invitation was not forgotten"),
            }
        } else if record.status == Status::Open {
            self.publish_invitation(id).await;
        }
    }

    async fn insert_invitation(&mut self, bytes: &[u8]) -> Option<InvitationId> {
        let restored = Record::decode(bytes)
            .map_err(|error| error.to_string())
            .and_then(|record| {
                let code = self.code_of(&record).map_err(|error| error.to_string())?;
                Ok(Invitation::new(record, code))
            });
        match restored {
            Ok(invitation) => {
                let id = invitation.machine.record().id();
                self.invitations.insert(id, invitation);
                Some(id)
            }
            Err(error) => {
                tracing::error!(%error, "a stored invitation cannot be read");
                self.context.events.failed(None, Failure::ProfileDamaged).await;
                None
            }
        }
    }

    /// Takes back the open invitations of a party whose role this person may not give any more.
    pub(super) async fn withdraw_invitations(&mut self, party: PartyId) {
        let role = self.own_role(party).unwrap_or(Role::Reader);
        let withdrawn: Vec<InvitationId> = self
            .invitations
            .values()
            .map(|invitation| invitation.machine.record())
            .filter(|record| record.party == party && record.status == Status::Open)
            .filter(|record| role < Role::Admin || role < record.role)
            .map(Record::id)
            .collect();
        for id in withdrawn {
            self.drive_inviter(id, inviter::Input::Revoke).await;
        }
    }

    /// Whether a code of this device can be redeemed now.
    pub(super) fn has_open_invitations(&self) -> bool {
        let is_open = |invitation: &Invitation| invitation.machine.record().status == Status::Open;
        self.invitations.values().any(is_open) || self.has_open_delegations()
    }

    /// Voids the PIN and shows a new one.
    pub(super) async fn show_new_pin(&mut self, id: InvitationId) -> Result<(), Failure> {
        self.ask_inviter(id, inviter::Input::ShowNewPin).await
    }

    /// Gives the slot to the next waiting device.
    pub(super) async fn next_invitee(&mut self, id: InvitationId) -> Result<(), Failure> {
        self.ask_inviter(id, inviter::Input::Next).await
    }

    /// Revokes the code, unless somebody has been admitted.
    pub(super) async fn revoke(&mut self, id: InvitationId) -> Result<(), Failure> {
        self.ask_inviter(id, inviter::Input::Revoke).await
    }

    /// A device came with the code of this invitation.
    pub(super) async fn invitee_arrived(
        &mut self,
        link: LinkId,
        id: InvitationId,
        endpoint: EndpointId,
        exporter: Exporter,
        frame: Vec<u8>,
    ) {
        let Some(facts) = self.party_facts(id) else {
            return self.refuse_later(link, ErrorCode::UnknownInvitation);
        };
        let input = inviter::Input::Hello {
            session: SessionId(link.0),
            endpoint,
            exporter,
            facts,
            frame,
        };
        self.drive_inviter(id, input).await;
    }

    /// Feeds a machine and does what it says; a failure to store ends the session that asked for it.
    pub(super) async fn drive_inviter(&mut self, id: InvitationId, input: inviter::Input) {
        match self.ask_inviter(id, input).await {
            // Gone meanwhile, or too late: nobody asked.
            Ok(()) | Err(Failure::InvitationUnknown | Failure::AlreadyAdmitted | Failure::TooManyPins) => {}
            Err(failure) => self.context.events.failed(None, failure).await,
        }
    }

    pub(super) async fn ask_inviter(&mut self, id: InvitationId, input: inviter::Input) -> Result<(), Failure> {
        let mut inputs = VecDeque::from([input]);
        let mut answer = Ok(());
        while let Some(input) = inputs.pop_front() {
            let outputs = self.step_inviter(id, input)?;
            for output in outputs {
                match self.do_inviter_output(id, output).await {
                    Ok(next) => inputs.extend(next),
                    // The machine's own answer to the person; its other outputs stand.
                    Err(refusal @ (Failure::AlreadyAdmitted | Failure::TooManyPins)) => answer = Err(refusal),
                    Err(failure) => {
                        // What was to be durable is not: nothing after it may happen. The machine goes on from what is stored.
                        self.rebuild_inviter(id).await;
                        return Err(failure);
                    }
                }
            }
        }
        answer
    }

    /// Drops a machine whose record could not be stored, with its sessions, and makes it anew from the disk.
    async fn rebuild_inviter(&mut self, id: InvitationId) {
        self.close_links(
            |link| matches!(link, Link::Inviting { invitation, .. } if *invitation == id),
            Closing::at_once(ErrorCode::Internal),
        );
        self.invitations.remove(&id);
        match self.context.store.run(|store| store.load_invitations()).await {
            Ok(Ok(stored)) => {
                if let Some(stored) = stored.into_iter().find(|stored| stored.id == id)
                    && self.insert_invitation(&stored.bytes).await.is_some()
                {
                    // Not at once: what failed would fail again.
                    self.timers.set(self.now().plus(STORE_RETRY), Timer::WakeInviter(id));
                    self.publish_invitation(id).await;
                }
            }
            Ok(Err(error)) | Err(error) => tracing::error!(%error, "an invitation could not be read back"),
        }
    }

    fn step_inviter(&mut self, id: InvitationId, input: inviter::Input) -> Result<Vec<inviter::Output>, Failure> {
        let wrong_pins_today = self.wrong_pins_today();
        let now = self.now();
        let Invitation {
            machine,
            code,
            by_handle,
        } = self.invitations.remove(&id).ok_or(Failure::InvitationUnknown)?;
        let mut rng = rand::rng();
        let step = machine.handle(
            input,
            &mut Env {
                now,
                rng: &mut rng,
                wrong_pins_today,
            },
        );
        self.invitations.insert(
            id,
            Invitation {
                machine: step.next,
                code,
                by_handle,
            },
        );
        Ok(step.outputs)
    }

    /// Does one output; the input that answers it, if it asks something.
    async fn do_inviter_output(
        &mut self,
        id: InvitationId,
        output: inviter::Output,
    ) -> Result<Option<inviter::Input>, Failure> {
        match output {
            inviter::Output::Save(record) => self.store(vec![save(&record)]).await?,
            inviter::Output::SaveWrongPin(record) => {
                let at = self.now();
                self.store(vec![save(&record), Change::CountWrongPin { at }]).await?;
                self.wrong_pins.push_back(at);
            }
            inviter::Output::Send { session, frame } => self.send_frame(LinkId(session.0), frame),
            inviter::Output::Close { session, closing } => {
                let link = LinkId(session.0);
                if closing.code == ErrorCode::UnknownInvitation.close_code() {
                    self.refuse_bad_proof(link);
                } else {
                    self.links.remove(&link);
                    self.close(link, closing);
                }
            }
            inviter::Output::Admit(request) => {
                let (session, result) = (request.session, self.admit(id, &request).await);
                return Ok(Some(inviter::Input::Admission { session, result }));
            }
            inviter::Output::FetchAdmission { session, op } => {
                let result = self.stored_admission(id, op);
                return Ok(Some(inviter::Input::Admission { session, result }));
            }
            inviter::Output::AlreadyAdmitted => return Err(Failure::AlreadyAdmitted),
            inviter::Output::NoMorePins => return Err(Failure::TooManyPins),
            inviter::Output::StageChanged => {
                self.publish_invitation(id).await;
                self.update_advertising();
                self.update_announcement();
            }
            inviter::Output::WakeAt(at) => self.timers.set(at, Timer::WakeInviter(id)),
        }
        Ok(None)
    }

    /// Lets somebody in: the op and the invitation's new record in one transaction.
    async fn admit(&mut self, id: InvitationId, request: &AdmissionRequest) -> Result<inviter::Admission, Refusal> {
        let invitation = self.invitations.get(&id).ok_or(Refusal::Storage)?;
        let record = invitation.machine.record();
        let party = record.party;
        // A further device of this person comes into all their parties.
        let (op, ops) = if self.is_home(party) {
            self.prepare_pairing(party, &request.join)?
        } else {
            let op = self.prepare_admission(record, &request.join)?;
            (op.id(), vec![(party, op)])
        };
        let mut changes = vec![save(&request.record_after(op))];
        changes.extend(ops.iter().map(|(party, op)| Change::AppendOps {
            party: *party,
            ops: vec![op.clone()],
        }));
        self.store_or_tell(changes).await.or(Err(Refusal::Storage))?;
        for (party, op) in ops {
            self.apply(party, op).await;
        }
        self.admission(party, op)
    }

    fn stored_admission(&self, id: InvitationId, op: crate::party::OpId) -> Result<inviter::Admission, Refusal> {
        let invitation = self.invitations.get(&id).ok_or(Refusal::Storage)?;
        self.admission(invitation.machine.record().party, op)
    }

    fn party_facts(&self, id: InvitationId) -> Option<PartyFacts> {
        let party = self.parties.get(&self.invitations.get(&id)?.machine.record().party)?;
        if self.is_home(party.id()) {
            return Some(self.pairing_facts());
        }
        Some(PartyFacts {
            tag: party.id().tag(),
            name: party.name().to_owned(),
            inviter_name: self.name.clone(),
            members: u32::try_from(party.membership().members().len()).unwrap_or(u32::MAX),
            inviter_endpoint: self.keys.endpoint.id(),
        })
    }

    /// The code of a record, with the addresses of now.
    fn code_of(&self, record: &Record) -> Result<InviteCode, CodeError> {
        let secret = Secret::from_bytes(*record.secret.as_bytes());
        let hints = self.code_hints();
        let (kind, tag) = if self.is_home(record.party) {
            (CodeKind::DevicePairing, PartyTag::NONE)
        } else {
            (CodeKind::Interactive, record.party.tag())
        };
        let flags = if record.max_uses > 1 {
            Flags::PIN.with(Flags::MULTI_USE)
        } else {
            Flags::PIN
        };
        InviteCode::new(
            kind,
            flags,
            secret,
            tag,
            self.keys.endpoint.id(),
            Some(record.expires),
            hints,
        )
    }

    /// This machine has other addresses: codes that are shown from now on carry them.
    pub(super) async fn addresses_changed(&mut self) {
        self.renew_delegated_codes().await;
        let open: Vec<InvitationId> = self.invitations.keys().copied().collect();
        for id in open {
            let Some(invitation) = self.invitations.get(&id) else {
                continue;
            };
            let Ok(code) = self.code_of(invitation.machine.record()) else {
                continue;
            };
            if *invitation.code != code
                && let Some(invitation) = self.invitations.get_mut(&id)
            {
                invitation.code = Arc::new(code);
                if matches!(invitation.machine.stage(), InvitationStage::Code { .. }) {
                    self.publish_invitation(id).await;
                }
            }
        }
    }

    async fn publish_invitation(&self, id: InvitationId) {
        if let Some(invitation) = self.invitations.get(&id) {
            let shown = invitation.is_shown_nearby().then(|| self.announcement(id)).flatten();
            let invitation = Arc::new(invitation.view(shown.map(Arc::new)));
            self.context.events.send(Event::InvitationChanged { invitation }).await;
        }
    }
}

impl Invitation {
    fn new(record: Record, code: InviteCode) -> Self {
        Self {
            by_handle: record.secret.handle().invitation_id(),
            machine: Inviter::new(record),
            code: Arc::new(code),
        }
    }

    pub(super) const fn record(&self) -> &Record {
        self.machine.record()
    }

    pub(super) const fn by_handle(&self) -> InvitationId {
        self.by_handle
    }

    /// Whether it is for other people, rather than for a further device of this person.
    pub(super) fn lets_people_in(&self) -> bool {
        self.code.kind() == CodeKind::Interactive
    }

    pub(super) const fn is_shown_nearby(&self) -> bool {
        self.machine.shown_nearby().is_some()
    }

    fn view(&self, nearby: Option<Arc<NearbyInvitation>>) -> InvitationView {
        let record = self.machine.record();
        InvitationView {
            id: record.id(),
            party: record.party,
            label: record.label.clone(),
            role: record.role,
            kind: InvitationKind::Interactive,
            code: Arc::clone(&self.code),
            created: record.created,
            expires: record.expires,
            max_uses: record.max_uses,
            wrong_pins: record.wrong_total,
            admitted: record.admitted.iter().map(AdmittedView::of).collect(),
            stage: self.machine.stage(),
            nearby,
            mail: None,
        }
    }
}

impl AdmittedView {
    fn of(admitted: &inviter::Admitted) -> Self {
        Self {
            member: admitted.identity,
            name: admitted.name.clone(),
        }
    }
}

fn save(record: &Record) -> Change {
    Change::SaveInvitation {
        id: record.id(),
        party: record.party,
        bytes: record.encode(),
    }
}

//! Writing an act: check, sign, apply. No IO.

use rand::CryptoRng;

use super::have::Chain;
use super::log::chain_of;
use super::op::Body;
use super::resolver::check;
use super::validity::is_valid;
use super::{Act, ItemId, Op, Party, Role, WriteError, check_file_name, check_message, check_name, check_title};
use crate::identity::{DeviceId, Keys};
use crate::time::Timestamp;

impl Party {
    /// Founds a party. The ops are its genesis and the founder's name.
    ///
    /// # Errors
    /// [`WriteError::NameInvalid`] if one of the names is not one.
    pub fn found(
        keys: &Keys,
        founder_name: &str,
        name: &str,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Vec<Op>), WriteError> {
        let mut nonce = [0; 16];
        rng.fill_bytes(&mut nonce);
        Self::found_with(keys, (founder_name, name), nonce, now)
    }

    /// The same, with the names of the founder and the party, and what makes the party's id its own.
    pub(super) fn found_with(
        keys: &Keys,
        (founder_name, name): (&str, &str),
        nonce: [u8; 16],
        now: Timestamp,
    ) -> Result<(Self, Vec<Op>), WriteError> {
        let name = check_name(name).map_err(WriteError::NameInvalid)?.to_owned();
        let founder_name = check_name(founder_name).map_err(WriteError::NameInvalid)?.to_owned();
        let certificate = keys.certificate.signature;
        let act = Act::Genesis {
            nonce,
            name,
            endpoint: keys.endpoint.id(),
            certificate,
        };
        let body = Body {
            version: Body::VERSION,
            party: [0; 32],
            author: keys.identity.id(),
            device: keys.device.id(),
            seq: 0,
            deps: Vec::new(),
            time: now,
            act,
        };
        let genesis = Op::sign(body, &keys.device).or(Err(WriteError::Unsupported))?;
        let mut party = Self::load([genesis.clone()]).or(Err(WriteError::ProofInvalid))?;
        let named = party.write(keys, Act::Named { name: founder_name }, now)?;
        Ok((party, vec![genesis, named]))
    }

    /// Writes an act and applies it.
    ///
    /// # Errors
    /// [`WriteError`] says why not; then nothing has changed.
    pub fn write(&mut self, keys: &Keys, act: Act, now: Timestamp) -> Result<Op, WriteError> {
        let op = self.prepare(keys, act, now)?;
        self.receive(op.clone()).or(Err(WriteError::Unsupported))?;
        Ok(op)
    }

    /// The same without applying it: store the op first, then [`Party::receive`] it. Names and titles are trimmed, and a
    /// place becomes the device's own.
    ///
    /// # Errors
    /// [`WriteError`] says why not.
    pub fn prepare(&self, keys: &Keys, act: Act, now: Timestamp) -> Result<Op, WriteError> {
        if self.is_incomplete() {
            return Err(WriteError::Incomplete);
        }
        let act = self.tidy(act, keys.device.id())?;
        let chain = if act.is_membership() {
            Chain::Membership
        } else {
            Chain::Data
        };
        let device = keys.device.id();
        let needed = || {
            let member = self.resolved.state.member(keys.identity.id());
            let grounds = member.and_then(|member| member.grounds(device));
            let grounds = grounds
                .into_iter()
                .flat_map(|grounds| grounds.iter().collect::<Vec<_>>());
            grounds.chain(self.resolved.removals()).collect()
        };
        let body = Body {
            version: Body::VERSION,
            party: *self.id.as_bytes(),
            author: keys.identity.id(),
            device,
            seq: self.log.next_seq(device, chain),
            deps: self.log.deps(device, chain, needed),
            time: now,
            act,
        };
        let op = Op::sign(body, &keys.device).or(Err(WriteError::Unsupported))?;
        self.authorise(&op)?;
        Ok(op)
    }

    /// Trims the texts of an act, makes places the device's own, notes what removals know, and refuses what nobody writes.
    fn tidy(&self, act: Act, device: DeviceId) -> Result<Act, WriteError> {
        if act.is_membership() {
            return self.tidy_membership(act);
        }
        let file_named = |name: String| {
            let name = check_file_name(&name).map(str::to_owned);
            name.map_err(WriteError::FileNameInvalid)
        };
        let titled = |title: String| check_title(&title).map(str::to_owned).map_err(WriteError::TitleInvalid);
        let is_task = |task| self.content.tasks.get(task).map(drop).ok_or(WriteError::TaskUnknown);
        let is_known = |item| self.content.is_known(item).then_some(()).ok_or(WriteError::ItemUnknown);
        match act {
            Act::Unknown { .. } => Err(WriteError::Unsupported),
            Act::TaskAdded { task, title, place } => {
                let (title, place) = (titled(title)?, place.of(device));
                Ok(Act::TaskAdded { task, title, place })
            }
            Act::TaskRetitled { task, title } => {
                is_task(task)?;
                let title = titled(title)?;
                Ok(Act::TaskRetitled { task, title })
            }
            Act::TaskMoved { task, place } => {
                is_task(task)?;
                let place = place.of(device);
                Ok(Act::TaskMoved { task, place })
            }
            Act::TaskDone { task, .. } | Act::TaskAssigned { task, .. } | Act::TaskDue { task, .. } => {
                is_task(task).map(|()| act)
            }
            Act::NoteAdded { note, title } => {
                let title = titled(title)?;
                Ok(Act::NoteAdded { note, title })
            }
            Act::NoteRetitled { note, title } => {
                is_known(ItemId::Note(note))?;
                let title = titled(title)?;
                Ok(Act::NoteRetitled { note, title })
            }
            Act::NoteEdited { note, .. } => {
                is_known(ItemId::Note(note))?;
                if is_valid(&act) {
                    Ok(act)
                } else {
                    Err(WriteError::TextInvalid)
                }
            }
            Act::MessageSent {
                message,
                text,
                reply_to,
            } => {
                let text = check_message(&text).map_err(WriteError::MessageInvalid)?.to_owned();
                Ok(Act::MessageSent {
                    message,
                    text,
                    reply_to,
                })
            }
            Act::FileAdded {
                file,
                name,
                length,
                content,
            } => {
                let name = file_named(name)?;
                Ok(Act::FileAdded {
                    file,
                    name,
                    length,
                    content,
                })
            }
            Act::FileRenamed { file, name } => {
                is_known(ItemId::File(file))?;
                file_named(name).map(|name| Act::FileRenamed { file, name })
            }
            Act::ItemDeleted { item, .. } => is_known(item).map(|()| act),
            _ => Ok(act),
        }
    }

    fn tidy_membership(&self, act: Act) -> Result<Act, WriteError> {
        let named = |name: String| check_name(&name).map(str::to_owned).map_err(WriteError::NameInvalid);
        match act {
            Act::Genesis { .. } | Act::Unknown { .. } => Err(WriteError::Unsupported),
            Act::RoleChanged { member, role, .. } => {
                let known = self.log.known_data(|author, _| author == member && role < Role::Editor);
                Ok(Act::RoleChanged { member, role, known })
            }
            Act::MemberRemoved { member, .. } => {
                let known = self.log.known_data(|author, _| author == member);
                Ok(Act::MemberRemoved { member, known })
            }
            Act::DeviceRemoved { device, .. } => {
                let known = self.log.known_data(|_, other| other == device);
                Ok(Act::DeviceRemoved { device, known })
            }
            Act::Renamed { name } => Ok(Act::Renamed { name: named(name)? }),
            Act::Named { name } => Ok(Act::Named { name: named(name)? }),
            Act::DeviceNamed { device, name } => named(name).map(|name| Act::DeviceNamed { device, name }),
            _ => Ok(act),
        }
    }

    /// Whether an op of one's own would take effect.
    fn authorise(&self, op: &Op) -> Result<(), WriteError> {
        let device = op.device();
        let is_forked = self.resolved.forks.contains_key(&device);
        if chain_of(op) == Chain::Membership {
            let node = self.log.graph.node(op.clone(), &self.log.places(op.deps()));
            check(&self.log.answer(&node.past).state, &node)?;
            return if is_forked { Err(WriteError::Forked) } else { Ok(()) };
        }
        let deps = self.log.deps_of(op).or(Err(WriteError::Unsupported))?;
        let resolved = self.log.answer(&self.log.view(&deps));
        let member = resolved.state.member(op.author()).ok_or(WriteError::NotAMember)?;
        member.grounds(device).ok_or(WriteError::NotAMember)?;
        let may = match op.act() {
            Act::ItemDeleted { item, .. } => self.content.may_delete(*item, op.author(), member.role),
            _ => member.role >= Role::Editor,
        };
        if !may {
            return Err(WriteError::NotAllowed);
        }
        if is_forked || self.log.data_forks().contains_key(&device) {
            Err(WriteError::Forked)
        } else {
            Ok(())
        }
    }
}

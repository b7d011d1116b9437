//! What an op does: the closed list of kinds, and their place on the wire. No IO.

use minicbor::{Decoder, Encoder};

use super::cbor::{self, Field, Written};
use super::{Edits, FileId, How, ItemId, KnownData, MessageId, NoteId, Place, Role, TaskId};
use crate::identity::{DeviceId, EndpointId, IdentityId};

/// Acts of this kind number and above are data; below, membership.
pub(super) const FIRST_DATA_KIND: u32 = 16;

/// Defines the act enum and its encoding `[kind, [fields…]]` from one table.
macro_rules! acts {
    ($($(#[$doc:meta])* $kind:literal $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)+ })+) => {
        /// What an op does. Fields are written in the order in which they stand here, and none is optional.
        #[derive(Clone, PartialEq, Eq)]
        pub enum Act {
            $($(#[$doc])* $name { $($(#[$field_doc])* $field: $type,)+ },)+
            /// An act of a newer version: kept and passed on, without effect.
            Unknown {
                /// Its kind number.
                kind: u32,
                /// Its fields: deterministic CBOR, one array.
                raw: Vec<u8>,
            },
        }

        impl Act {
            /// The number on the wire.
            #[must_use]
            pub fn kind(&self) -> u32 {
                match self {
                    $(Self::$name { .. } => $kind,)+
                    Self::Unknown { kind, .. } => *kind,
                }
            }

            /// The kind's name, for logs.
            pub(super) fn label(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => stringify!($name),)+
                    Self::Unknown { .. } => "Unknown",
                }
            }

            /// Writes `[kind, [fields…]]`.
            pub(super) fn write(&self, to: &mut Encoder<Vec<u8>>) -> Written {
                to.array(2)?.u32(self.kind())?;
                match self {
                    $(Self::$name { $($field),+ } => {
                        to.array([$(stringify!($field)),+].len() as u64)?;
                        $($field.write(to)?;)+
                    })+
                    Self::Unknown { raw, .. } => to.writer_mut().extend_from_slice(raw),
                }
                Ok(())
            }

            /// Reads `[kind, [fields…]]`. `known` is false in an op of another version, whose kinds mean nothing here.
            pub(super) fn read(from: &mut Decoder<'_>, known: bool) -> Result<Self, minicbor::decode::Error> {
                cbor::array_of(from, 2)?;
                let kind = from.u32()?;
                match kind {
                    $($kind if known => {
                        cbor::array_of(from, [$(stringify!($field)),+].len() as u64)?;
                        Ok(Self::$name { $($field: Field::read(from)?,)+ })
                    })+
                    _ => Ok(Self::Unknown { kind, raw: cbor::copy_array(from)? }),
                }
            }
        }
    };
}

acts! {
    /// The first op: founds the party, makes its author the first Owner.
    0 Genesis {
        /// Makes each party's id its own.
        nonce: [u8; 16],
        /// The party's name.
        name: String,
        /// The founder's endpoint.
        endpoint: EndpointId,
        /// The founder's device certificate.
        certificate: [u8; 64],
    }
    /// Somebody is in.
    1 MemberAdmitted {
        /// Who.
        member: IdentityId,
        /// As what.
        role: Role,
        /// The first device.
        device: DeviceId,
        /// The first device's endpoint.
        endpoint: EndpointId,
        /// The device's certificate.
        certificate: [u8; 64],
        /// The invitation's id; zeros for none.
        invitation: [u8; 16],
        /// How they came in.
        how: How,
        /// The invitation's signature over who was admitted; zeros for none.
        evidence: [u8; 64],
    }
    /// Others may admit by this invitation while its author is away.
    2 InvitationDelegated {
        /// The public half of the invitation's key.
        key: [u8; 32],
        /// The role it gives.
        role: Role,
        /// How many people it may admit.
        max_uses: u32,
        /// When it ends, milliseconds since 1970.
        not_after: u64,
        /// 0 bearer link, 1 known key, 2 e-mail, 3 approval.
        method: u8,
        /// What the method compares with.
        bind: [u8; 32],
        /// The least role of who may admit by it.
        min_admitter_role: Role,
    }
    /// An invitation admits nobody any more.
    3 InvitationRevoked {
        /// The invitation's id.
        invitation: [u8; 16],
    }
    /// A member's role becomes another.
    4 RoleChanged {
        /// Whose.
        member: IdentityId,
        /// The new role.
        role: Role,
        /// What the author holds of the member's data. Filled in by [`super::Party::prepare`], as in the next two.
        known: KnownData,
    }
    /// A member is out, or leaves.
    5 MemberRemoved {
        /// Who.
        member: IdentityId,
        /// What the author holds of the member's data.
        known: KnownData,
    }
    /// The author has a further device.
    6 DeviceAdded {
        /// The device.
        device: DeviceId,
        /// Its endpoint.
        endpoint: EndpointId,
        /// The key that signed the certificate: the identity's, or a certified device's.
        signer: [u8; 32],
        /// The device's certificate.
        certificate: [u8; 64],
    }
    /// A device is lost or retired.
    7 DeviceRemoved {
        /// Which.
        device: DeviceId,
        /// What the author holds of the device's data.
        known: KnownData,
    }
    /// Somebody asks to come in by an invitation that needs approval. No effect of its own.
    8 JoinRequested {
        /// Who.
        member: IdentityId,
        /// The first device.
        device: DeviceId,
        /// The first device's endpoint.
        endpoint: EndpointId,
        /// The device's certificate.
        certificate: [u8; 64],
        /// The invitation's id.
        invitation: [u8; 16],
        /// The invitation's signature over who asks.
        evidence: [u8; 64],
        /// The name they give.
        name: String,
    }
    /// The party has another name.
    9 Renamed {
        /// The name.
        name: String,
    }
    /// The author goes by this name in the party.
    10 Named {
        /// The name.
        name: String,
    }
    /// Somebody who asked to come in does not, by this invitation.
    11 RequestDenied {
        /// The invitation's id.
        invitation: [u8; 16],
        /// Who asked.
        member: IdentityId,
    }
    /// One of the author's devices goes by this name. Written where the person's own devices meet, and nowhere else.
    12 DeviceNamed {
        /// Which.
        device: DeviceId,
        /// The name.
        name: String,
    }
    /// There is a new task.
    16 TaskAdded {
        /// Which.
        task: TaskId,
        /// What is to be done.
        title: String,
        /// Where it stands among the others.
        place: Place,
    }
    /// A task has another title.
    17 TaskRetitled {
        /// Which.
        task: TaskId,
        /// The title.
        title: String,
    }
    /// A task is done, or not done after all.
    18 TaskDone {
        /// Which.
        task: TaskId,
        /// Whether it is done.
        done: bool,
    }
    /// A thing is deleted, or restored.
    19 ItemDeleted {
        /// Which.
        item: ItemId,
        /// Whether it is deleted now.
        deleted: bool,
    }
    /// A task is somebody's, or nobody's.
    20 TaskAssigned {
        /// Which.
        task: TaskId,
        /// Whose; zeros for nobody.
        member: IdentityId,
    }
    /// A task is due on a day, or on none.
    21 TaskDue {
        /// Which.
        task: TaskId,
        /// Days since 1970-01-01; 0 for none.
        day: u32,
    }
    /// A task stands elsewhere among the others.
    22 TaskMoved {
        /// Which.
        task: TaskId,
        /// Where.
        place: Place,
    }
    /// There is a new note.
    24 NoteAdded {
        /// Which.
        note: NoteId,
        /// Its title.
        title: String,
    }
    /// A note has another title.
    25 NoteRetitled {
        /// Which.
        note: NoteId,
        /// The title.
        title: String,
    }
    /// The text of a note is changed.
    26 NoteEdited {
        /// Which.
        note: NoteId,
        /// What is written and deleted.
        edits: Edits,
    }
    /// Somebody says something.
    28 MessageSent {
        /// Which message this is.
        message: MessageId,
        /// What it says.
        text: String,
        /// The message that it answers; zeros for none.
        reply_to: MessageId,
    }
    /// There is a new file.
    32 FileAdded {
        /// Which.
        file: FileId,
        /// Its name.
        name: String,
        /// How long its content is, in bytes.
        length: u64,
        /// The BLAKE3 hash of its content.
        content: [u8; 32],
    }
    /// A file has another name.
    33 FileRenamed {
        /// Which.
        file: FileId,
        /// The name.
        name: String,
    }
}

impl Act {
    /// Whether the act is about who is in the party, rather than about what is in it.
    #[must_use]
    pub fn is_membership(&self) -> bool {
        self.kind() < FIRST_DATA_KIND
    }
}

/// The kind only: what a party holds is not for logs.
impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}(<redacted>)", self.label())
    }
}

//! What the inviter has chosen so far, and what of it goes together. No drawing.

use std::time::Duration;

use crate::identity::IdentityId;
use crate::invitation::inviter::MAX_USES;
use crate::invitation::{DelegationMethod, InvitationKind};
use crate::party::Role;
use crate::worker::{InvitationOptions, InvitationView};

/// How many people a code admits at most that works while its maker is away.
const MAX_AWAY: u32 = 100;

/// The options of an invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) role: Role,
    pub(super) people: u32,
    pub(super) lifetime: Lifetime,
    pub(super) label: String,
    way: Way,
    /// The key of the person who is meant, as it was typed.
    pub(super) key: String,
}

/// How somebody comes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// The inviter is there and tells a PIN.
    #[default]
    There,
    /// While the inviter is away, in one of these ways.
    Away(Method),
    /// With the link of a mail, which a service sends.
    Mail,
}

/// Who may come in while the inviter is away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Method {
    /// Whom an admin approves.
    #[default]
    Approval,
    /// The person with the key that was typed.
    KnownKey,
    /// Whoever is first.
    Link,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lifetime {
    TenMinutes,
    Hour,
    Day,
    ThreeDays,
    Week,
    Month,
}

impl Lifetime {
    pub(super) const fn duration(self) -> Duration {
        const HOUR: u64 = 3600;
        Duration::from_secs(match self {
            Self::TenMinutes => 600,
            Self::Hour => HOUR,
            Self::Day => 24 * HOUR,
            Self::ThreeDays => 3 * 24 * HOUR,
            Self::Week => 7 * 24 * HOUR,
            Self::Month => 30 * 24 * HOUR,
        })
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            role: Role::Editor,
            people: 1,
            lifetime: Lifetime::Day,
            label: String::new(),
            way: Way::There,
            key: String::new(),
        }
    }
}

impl Options {
    /// The options to begin the next invitation with: the same role and way, other people.
    pub(super) fn like(invitation: &InvitationView) -> Self {
        let mut options = Self {
            role: invitation.role,
            ..Self::default()
        };
        options.choose(match invitation.kind {
            InvitationKind::Interactive => Way::There,
            InvitationKind::Delegated(DelegationMethod::Mailbox(_) | DelegationMethod::ApprovedMailbox(_)) => Way::Mail,
            InvitationKind::Delegated(DelegationMethod::Approval) => Way::Away(Method::Approval),
            InvitationKind::Delegated(DelegationMethod::KnownKey(_)) => Way::Away(Method::KnownKey),
            InvitationKind::Delegated(DelegationMethod::Link) => Way::Away(Method::Link),
        });
        options
    }

    pub(super) const fn way(&self) -> Way {
        self.way
    }

    /// Another way begins with what is usual for it.
    pub(super) fn choose(&mut self, way: Way) {
        if self.way == way {
            return;
        }
        let usual = |way| match way {
            Way::There => Lifetime::Day,
            Way::Away(_) | Way::Mail => Lifetime::ThreeDays,
        };
        if usual(self.way) != usual(way) {
            self.lifetime = usual(way);
        }
        if matches!(way, Way::Away(Method::Link | Method::KnownKey) | Way::Mail) {
            self.people = 1;
        }
        self.way = way;
        self.fit(Role::Owner);
    }

    /// Gives way where something does not go together: nobody gives more than they have, and a code for whoever is first
    /// makes no admins.
    pub(super) fn fit(&mut self, own: Role) {
        self.role = self.role.min(self.highest_role(own));
        self.people = self.people.clamp(1, self.most_people());
    }

    /// The highest role that can be given by somebody of this role.
    pub(super) fn highest_role(&self, own: Role) -> Role {
        match self.way {
            Way::Away(Method::Link) => own.min(Role::Editor),
            Way::There | Way::Away(Method::Approval | Method::KnownKey) | Way::Mail => own,
        }
    }

    pub(super) const fn most_people(&self) -> u32 {
        match self.way {
            Way::There => MAX_USES,
            Way::Away(Method::KnownKey) | Way::Mail => 1,
            Way::Away(Method::Approval | Method::Link) => MAX_AWAY,
        }
    }

    /// What is sent to the engine for a code; none while a key is wanted and not there, and for mails, which have options of
    /// their own.
    pub(super) fn to_engine(&self) -> Option<InvitationOptions> {
        let kind = match self.way {
            Way::There => InvitationKind::Interactive,
            Way::Away(Method::Approval) => InvitationKind::Delegated(DelegationMethod::Approval),
            Way::Away(Method::KnownKey) => {
                let person: IdentityId = self.key.trim().parse().ok()?;
                InvitationKind::Delegated(DelegationMethod::KnownKey(person))
            }
            Way::Away(Method::Link) => InvitationKind::Delegated(DelegationMethod::Link),
            Way::Mail => return None,
        };
        Some(InvitationOptions {
            role: self.role,
            max_uses: self.people,
            lifetime: self.lifetime.duration(),
            label: self.label.trim().to_owned(),
            kind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_for_whoever_is_first_is_for_one_editor_unless_more_are_wanted() {
        let mut options = Options {
            role: Role::Admin,
            people: 12,
            ..Options::default()
        };
        options.choose(Way::Away(Method::Link));
        assert_eq!((options.role, options.people), (Role::Editor, 1));
        options.people = 500;
        options.fit(Role::Owner);
        assert_eq!(options.people, MAX_AWAY);
    }

    #[test]
    fn each_way_has_its_usual_time() {
        let mut options = Options::default();
        options.choose(Way::Away(Method::Approval));
        assert_eq!(options.lifetime, Lifetime::ThreeDays);
        options.lifetime = Lifetime::Month;
        options.choose(Way::Away(Method::Link));
        assert_eq!(options.lifetime, Lifetime::Month, "what was chosen stays");
        options.choose(Way::There);
        assert_eq!(options.lifetime, Lifetime::Day);
    }

    #[test]
    fn a_known_person_needs_their_key() {
        let mut options = Options::default();
        options.choose(Way::Away(Method::KnownKey));
        assert!(options.to_engine().is_none());
        options.key = "nonsense".to_owned();
        assert!(options.to_engine().is_none());
        let person = IdentityId::from_bytes([0xab; 32]);
        options.key = format!("  {person}\n");
        let kind = options.to_engine().map(|options| options.kind);
        assert_eq!(
            kind,
            Some(InvitationKind::Delegated(DelegationMethod::KnownKey(person)))
        );
    }
}

//! What a member may do. No IO.

/// What a member may do; each role may do what the ones below it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads.
    Reader = 1,
    /// Writes data.
    Editor = 2,
    /// Admits and removes members up to its own role.
    Admin = 3,
    /// Cannot be removed by others. A party always has one.
    Owner = 4,
}

/// A number that is not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a role")]
pub struct RoleUnknown(pub u8);

impl From<Role> for u8 {
    fn from(role: Role) -> Self {
        match role {
            Role::Reader => 1,
            Role::Editor => 2,
            Role::Admin => 3,
            Role::Owner => 4,
        }
    }
}

impl TryFrom<u8> for Role {
    type Error = RoleUnknown;

    fn try_from(number: u8) -> Result<Self, RoleUnknown> {
        match number {
            1 => Ok(Self::Reader),
            2 => Ok(Self::Editor),
            3 => Ok(Self::Admin),
            4 => Ok(Self::Owner),
            other => Err(RoleUnknown(other)),
        }
    }
}

/// How a member came in, as the admission says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// The admitter simply said so.
    Direct = 0,
    /// By an invite code and a PIN told by voice. The admitter is the authority; the evidence is kept for the record.
    Pin = 1,
    /// By a link that anybody could use.
    Link = 2,
    /// By a key that the inviter knew already.
    KnownKey = 3,
    /// By an e-mail address that the invitation service attested.
    Email = 4,
    /// By a link, and then an admin's approval.
    Approved = 5,
}

/// A number that is not a way to come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a way to come in")]
pub struct HowUnknown(pub u8);

impl From<How> for u8 {
    fn from(how: How) -> Self {
        match how {
            How::Direct => 0,
            How::Pin => 1,
            How::Link => 2,
            How::KnownKey => 3,
            How::Email => 4,
            How::Approved => 5,
        }
    }
}

impl TryFrom<u8> for How {
    type Error = HowUnknown;

    fn try_from(number: u8) -> Result<Self, HowUnknown> {
        match number {
            0 => Ok(Self::Direct),
            1 => Ok(Self::Pin),
            2 => Ok(Self::Link),
            3 => Ok(Self::KnownKey),
            4 => Ok(Self::Email),
            5 => Ok(Self::Approved),
            other => Err(HowUnknown(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_roles_correspond_and_the_order_is_the_power() {
        for number in 0..=u8::MAX {
            match Role::try_from(number) {
                Ok(role) => assert_eq!(u8::from(role), number),
                Err(error) => assert_eq!(error, RoleUnknown(number)),
            }
            match How::try_from(number) {
                Ok(how) => assert_eq!(u8::from(how), number),
                Err(error) => assert_eq!(error, HowUnknown(number)),
            }
        }
        assert!(Role::Owner > Role::Admin && Role::Admin > Role::Editor && Role::Editor > Role::Reader);
    }
}

//! What can go wrong between this machine and an invitation service. No IO.

/// Why something by e-mail did not come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTrouble {
    /// The service does not answer, or cannot do it now. Nothing was lost.
    Unreachable,
    /// What answers is no invitation service, or none that can let people into a party.
    NotAService,
    /// The service is not reached over HTTPS.
    Insecure,
    /// Nobody is signed in at this service here.
    NoAccount,
    /// The service does not know this person any more: they have to sign in again.
    SignedOut,
    /// The service does not know the client id that was typed, or its secret is another one.
    WrongClient,
    /// The service does not let this person send invitations.
    NotAllowed,
    /// The service is asked too often, or this address is.
    TooMany,
    /// The service does not do it, and says nothing more that could be told.
    Refused,
    /// What was shown to the service does not work any more: a code that was typed, or a sign-in.
    Over,
    /// What was typed is not an address that mail can be sent to.
    NotAnAddress,
    /// What was pasted is neither a link of an invitation mail nor a code of its page.
    NotALink,
    /// No port of this machine could be opened for the browser to come back to.
    NoDoor,
    /// Nobody came back from the browser in time.
    TimedOut,
    /// In the browser, the person did not agree.
    Declined,
    /// The person has stopped it here.
    Stopped,
    /// The link of the mail is too old.
    LinkExpired,
    /// The link of the mail has been used.
    LinkUsed,
    /// The inviter has taken the invitation back.
    LinkRevoked,
    /// Whoever reads the mailbox has said no to the invitation.
    LinkDeclined,
    /// The invitation leads into no party.
    NoParty,
}

impl MailTrouble {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::Unreachable,
        Self::NotAService,
        Self::Insecure,
        Self::NoAccount,
        Self::SignedOut,
        Self::WrongClient,
        Self::NotAllowed,
        Self::TooMany,
        Self::Refused,
        Self::Over,
        Self::NotAnAddress,
        Self::NotALink,
        Self::NoDoor,
        Self::TimedOut,
        Self::Declined,
        Self::Stopped,
        Self::LinkExpired,
        Self::LinkUsed,
        Self::LinkRevoked,
        Self::LinkDeclined,
        Self::NoParty,
    ];
}

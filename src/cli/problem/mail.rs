//! The words for troubles with invitation services.

use crate::failure::MailTrouble;

/// The stable word for one.
pub(super) const fn word(trouble: MailTrouble) -> &'static str {
    match trouble {
        MailTrouble::Unreachable => "mail_unreachable",
        MailTrouble::NotAService => "mail_not_a_service",
        MailTrouble::Insecure => "mail_insecure",
        MailTrouble::NoAccount => "mail_no_account",
        MailTrouble::SignedOut => "mail_signed_out",
        MailTrouble::WrongClient => "mail_wrong_client",
        MailTrouble::NotAllowed => "mail_not_allowed",
        MailTrouble::TooMany => "mail_too_many",
        MailTrouble::Refused => "mail_refused",
        MailTrouble::Over => "mail_over",
        MailTrouble::NotAnAddress => "mail_not_an_address",
        MailTrouble::NotALink => "mail_not_a_link",
        MailTrouble::NoDoor => "mail_no_door",
        MailTrouble::TimedOut => "mail_timed_out",
        MailTrouble::Declined => "mail_declined",
        MailTrouble::Stopped => "mail_stopped",
        MailTrouble::LinkExpired => "mail_link_expired",
        MailTrouble::LinkUsed => "mail_link_used",
        MailTrouble::LinkRevoked => "mail_link_revoked",
        MailTrouble::LinkDeclined => "mail_link_declined",
        MailTrouble::NoParty => "mail_no_party",
    }
}

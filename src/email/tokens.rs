//! What a service gives for a code: tokens for this machine, and the word about a mailbox.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use crate::failure::MailTrouble;
use crate::invitation::InviteCode;
use crate::invitation::mailbox::{Attestation, MAX_TOKEN, MailProof};
use crate::time::Timestamp;

use super::Service;

/// How long an access token is used before its end: what is on its way must still be good when it arrives.
const SPARE: Duration = Duration::from_secs(60);

/// How long an admission token is good for, from when it has come.
const ADMISSION_LIFE: Duration = Duration::from_secs(600);

/// Tokens for this machine.
#[derive(Clone)]
pub struct Tokens {
    /// Opens the management API for a while.
    pub(super) access: Zeroizing<String>,
    /// Until when it is used, by this machine's clock.
    pub(super) until: Timestamp,
    /// Makes the next ones.
    pub refresh: Option<Zeroizing<String>>,
    /// The address that the service knows this person by.
    pub address: Option<String>,
    /// Who the service says this is.
    pub(super) id_token: Option<String>,
    /// What an invitation to a party has brought.
    pub admission: Option<Admission>,
}

/// What opens a party to whoever reads a mailbox.
#[derive(Clone)]
pub struct Admission {
    /// The invite code, as the inviter's device has handed it to the service. None when a proof is only made anew.
    pub code: Option<Zeroizing<String>>,
    token: String,
}

#[derive(Deserialize)]
struct Answer {
    access_token: String,
    #[serde(default)]
    expires_in: u64,
    refresh_token: Option<String>,
    id_token: Option<String>,
    userinfo: Option<UserInfo>,
    admission_token: Option<String>,
    app_data: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    email: Option<String>,
}

impl Tokens {
    /// Reads an answer of the token endpoint.
    pub(super) fn read(answer: &super::http::Answer, now: Timestamp) -> Result<Self, MailTrouble> {
        let answer: Answer = answer.json()?;
        let life = Duration::from_secs(answer.expires_in.min(24 * 3600));
        let token = answer.admission_token.filter(|token| token.len() <= MAX_TOKEN);
        Ok(Self {
            access: Zeroizing::new(answer.access_token),
            until: now.plus(life.saturating_sub(SPARE)),
            refresh: answer.refresh_token.map(Zeroizing::new),
            id_token: answer.id_token,
            address: answer
                .userinfo
                .and_then(|info| info.email)
                .filter(|email| email.len() <= 254),
            admission: token.map(|token| Admission {
                code: answer.app_data.map(Zeroizing::new),
                token,
            }),
        })
    }

    /// Proof of the mailbox, for an invitation with this code.
    ///
    /// # Errors
    /// [`MailTrouble::NoParty`] if the service has given none.
    pub fn proof(&self, service: &Service, code: &InviteCode, now: Timestamp) -> Result<MailProof, MailTrouble> {
        let admission = self.admission.as_ref().ok_or(MailTrouble::NoParty)?;
        Ok(MailProof {
            attestation: Attestation {
                key: code.secret().mail_key(),
                issuer: service.issuer.as_str().to_owned(),
                service: service.key_of(&admission.token),
                token: admission.token.clone(),
            },
            expires: now.plus(ADMISSION_LIFE),
            renewal: self.refresh.clone(),
        })
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(<redacted>)")
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admission(<redacted>)")
    }
}

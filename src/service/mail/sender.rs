//! Who our mail is from, and its signature: DKIM, RFC 6376.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use lettre::message::dkim::{
    DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey, dkim_sign,
};
use lettre::message::header::HeaderName;
use lettre::message::{Mailbox, Message};
use rsa::RsaPrivateKey;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPrivateKey as _, LineEnding};
use rsa::pkcs8::DecodePrivateKey as _;
use zeroize::Zeroizing;

use crate::service::config::{Config, Dkim};

/// The headers that are signed. From, To, Subject and Reply-To are named once more than a mail has them, so that nobody can add
/// another beside the signature (RFC 6376, 8.15). `Content-Type` is not among them: lettre does not see it when it signs a mail of several parts.
const SIGNED: [&str; 14] = [
    "From",
    "From",
    "To",
    "To",
    "Subject",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Reply-To",
    "Reply-To",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
];

/// Why no mail can be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// The address that mail is from.
    #[error("mail.from is no address like Partyline <invites@example.org>")]
    From,
    /// The issuer has no host.
    #[error("the issuer is no address of a host")]
    Issuer,
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key of the signature.
    #[error("{} holds no RSA key in PEM (openssl genrsa -out dkim.pem 2048)", path.display())]
    DkimKey {
        /// Which file.
        path: PathBuf,
    },
    /// A certificate to trust.
    #[error("{} holds no certificate in PEM", path.display())]
    Root {
        /// Which file.
        path: PathBuf,
    },
    /// TLS to the mail server cannot be set up.
    #[error("TLS to the mail server {host}: {reason}")]
    Tls {
        /// Which server.
        host: String,
        /// Why.
        reason: String,
    },
    /// Unencrypted mail to another machine.
    #[error("mail to {host} goes unencrypted, which is only allowed to this machine: use starttls or tls")]
    Unencrypted {
        /// Which server.
        host: String,
    },
}

/// Who our mail is from.
pub struct Sender {
    pub(super) mailbox: Mailbox,
    /// The service's public address, without a slash at its end.
    pub(super) issuer: String,
    /// Its host.
    pub(super) host: String,
    pub(super) contact: Option<String>,
    dkim: Option<DkimConfig>,
}

impl Sender {
    /// Reads what the configuration says of it, and the key of the signature.
    ///
    /// # Errors
    ///
    /// [`MailSetupError`], which names what is wrong.
    pub fn of(config: &Config) -> Result<Self, MailSetupError> {
        let mailbox: Mailbox = config.mail.from.parse().map_err(|_refused| MailSetupError::From)?;
        let issuer = url::Url::parse(&config.issuer).map_err(|_refused| MailSetupError::Issuer)?;
        let host = issuer.host_str().ok_or(MailSetupError::Issuer)?.to_owned();
        Ok(Self {
            mailbox,
            issuer: config.issuer.trim_end_matches('/').to_owned(),
            host,
            contact: config.mail.contact.clone(),
            dkim: config.mail.dkim.as_ref().map(signature).transpose()?,
        })
    }

    /// The domain that our mail is from.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.mailbox.email.domain()
    }

    /// Signs a mail, if the configuration says so.
    pub(super) fn sign(&self, message: &mut Message) {
        if let Some(dkim) = &self.dkim {
            dkim_sign(message, dkim);
        }
    }
}

/// lettre's default does not verify: with `simple` headers it signs its own header in another spelling than it writes. Relaxed on both sides does, and
/// survives servers that fold lines anew.
fn signature(dkim: &Dkim) -> Result<DkimConfig, MailSetupError> {
    let path = &dkim.key;
    let pem = fs::read_to_string(path).map(Zeroizing::new);
    let pem = pem.map_err(|source| MailSetupError::File {
        path: path.clone(),
        source,
    })?;
    let not_a_key = || MailSetupError::DkimKey { path: path.clone() };
    // lettre reads the traditional form only; openssl writes the other.
    let key = RsaPrivateKey::from_pkcs8_pem(&pem)
        .or_else(|_other_form| RsaPrivateKey::from_pkcs1_pem(&pem))
        .map_err(|_unread| not_a_key())?;
    let traditional = key.to_pkcs1_pem(LineEnding::LF).map_err(|_refused| not_a_key())?;
    let key = DkimSigningKey::new(&traditional, DkimSigningAlgorithm::Rsa).map_err(|_unread| not_a_key())?;
    Ok(DkimConfig::new(
        dkim.selector.clone(),
        dkim.domain.clone(),
        key,
        SIGNED.map(HeaderName::new_from_ascii_str).to_vec(),
        DkimCanonicalization {
            header: DkimCanonicalizationType::Relaxed,
            body: DkimCanonicalizationType::Relaxed,
        },
    ))
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sender({})", self.domain())
    }
}

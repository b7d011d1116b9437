//! A service's API about invitations: hand one over, see how far it is, send it again, take it back.

use std::fmt;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use super::Issuer;
use super::post::{Key, Post};
use crate::failure::MailTrouble;
use crate::identity::{EmailAddress, reads_like_an_address};
use crate::invitation::InvitationId;
use crate::invitation::mailbox::{MAX_SERVICE_ID, MailKey, MailStage, Told};

/// Where a service sends the browser of somebody whom the desktop app has invited, before the app says so itself.
const REDIRECT_URI: &str = "http://127.0.0.1/callback";

/// An invitation for a service to send.
pub struct Order {
    /// Its id in the party's log.
    pub invitation: InvitationId,
    /// What the party calls itself towards services.
    pub party: String,
    /// What the log pins of the mailbox, and opens it.
    pub pinned: ([u8; 32], MailKey),
    /// To whom.
    pub address: EmailAddress,
    /// The invite code.
    pub code: Zeroizing<String>,
    /// How long it works, from its making on: the same however often it is handed over, so that the service knows a repeat.
    pub lifetime: Duration,
    /// What the mail may say beside the link.
    pub told: Told,
}

/// Codes and addresses are not for logs.
impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Order({:?})", self.invitation)
    }
}

/// An invitation that a service has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// What it calls it.
    pub service_id: String,
    /// How far it is.
    pub stage: MailStage,
}

#[derive(Deserialize)]
struct Object {
    id: String,
    status: String,
    party: Option<Party>,
}

#[derive(Deserialize)]
struct Party {
    invitation: String,
}

#[derive(Deserialize)]
struct Page {
    invitations: Vec<Object>,
}

impl Post {
    /// Hands an invitation over. Asked again for the same one, the service makes no second one of it.
    ///
    /// # Errors
    /// [`MailTrouble`].
    pub async fn hand_over(&self, issuer: &Issuer, key: &Key, order: &Order) -> Result<Handed, MailTrouble> {
        let told = &order.told;
        // A name that a program could make a link of is left out: for it the service would refuse all of it.
        let data: serde_json::Map<String, serde_json::Value> = [
            ("inviter_name", &told.inviter),
            ("party_name", &told.party),
            ("message", &told.message),
        ]
        .into_iter()
        .filter(|(name, text)| !text.is_empty() && (*name == "message" || !reads_like_an_address(text)))
        .map(|(name, text)| (name.to_owned(), json!(text)))
        .collect();
        let service = self.meet(issuer).await?;
        let body = json!({
            "redirect_uri": REDIRECT_URI,
            "email_address": order.address.to_string(),
            "template_data": data,
            "ttl_sec": order.lifetime.as_secs(),
            "party": {
                "invitation": order.invitation.to_string(),
                "party_ref": order.party,
                "key": service.name_of_pinned(&order.pinned, &order.address)?,
            },
            "app_data": order.code.as_str(),
        });
        let once = format!("partyline-{}", order.invitation);
        let answer = self
            .call(issuer, key, Method::POST, "/api/invitations", |request| {
                request.header("Idempotency-Key", &once).json(&body)
            })
            .await?;
        // It has it from an earlier time, whose answer was lost, and the code was another one then: this machine's addresses have changed.
        if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
            return self.find(issuer, key, order).await;
        }
        handed(answer.json()?)
    }

    /// The invitation that the service has under another name.
    async fn find(&self, issuer: &Issuer, key: &Key, order: &Order) -> Result<Handed, MailTrouble> {
        let mut asked = issuer.at("/api/invitations")?;
        asked.query_pairs_mut().append_pair("email", &order.address.to_string());
        let path = format!("/api/invitations?{}", asked.query().unwrap_or_default());
        let answer = self.call(issuer, key, Method::GET, &path, |request| request).await?;
        let page: Page = answer.json()?;
        let name = order.invitation.to_string();
        let is_this = |object: &Object| object.party.as_ref().is_some_and(|party| party.invitation == name);
        let found = page.invitations.into_iter().find(is_this);
        handed(found.ok_or(MailTrouble::Refused)?)
    }

    /// How far an invitation is.
    ///
    /// # Errors
    /// [`MailTrouble`].
    pub async fn look(&self, issuer: &Issuer, key: &Key, service_id: &str) -> Result<Handed, MailTrouble> {
        let path = path_of(service_id)?;
        handed(
            self.call(issuer, key, Method::GET, &path, |request| request)
                .await?
                .json()?,
        )
    }

    /// Sends the mail of an invitation again, with the same link.
    ///
    /// # Errors
    /// [`MailTrouble`].
    pub async fn send_again(&self, issuer: &Issuer, key: &Key, service_id: &str) -> Result<(), MailTrouble> {
        let path = format!("{}/resend", path_of(service_id)?);
        let body = json!({ "rotate": false });
        let answer = self
            .call(issuer, key, Method::POST, &path, |request| request.json(&body))
            .await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(answer.trouble())
        }
    }

    /// Takes an invitation back: its link works no more.
    ///
    /// # Errors
    /// [`MailTrouble`].
    pub async fn take_back(&self, issuer: &Issuer, key: &Key, service_id: &str) -> Result<(), MailTrouble> {
        let path = format!("{}/revoke", path_of(service_id)?);
        let answer = self
            .call(issuer, key, Method::POST, &path, |request| request.json(&json!({})))
            .await?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(answer.trouble())
        }
    }
}

fn path_of(service_id: &str) -> Result<String, MailTrouble> {
    if is_id(service_id) {
        Ok(format!("/api/invitations/{service_id}"))
    } else {
        Err(MailTrouble::NotAService)
    }
}

/// A service names its invitations as it likes, but it does not choose which of its doors is knocked at.
fn is_id(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    (1..=MAX_SERVICE_ID).contains(&text.len()) && text.chars().all(is_plain)
}

fn handed(object: Object) -> Result<Handed, MailTrouble> {
    if !is_id(&object.id) {
        return Err(MailTrouble::NotAService);
    }
    Ok(Handed {
        stage: stage_of(&object.status).ok_or(MailTrouble::NotAService)?,
        service_id: object.id,
    })
}

/// The stage of a service's word.
fn stage_of(word: &str) -> Option<MailStage> {
    Some(match word {
        "created" | "queued" => MailStage::Queued,
        "sent" => MailStage::Sent,
        "opened" => MailStage::Opened,
        "accepted" => MailStage::Accepted,
        "declined" => MailStage::Declined,
        "bounced" => MailStage::Bounced,
        "failed" => MailStage::Failed,
        "suppressed" => MailStage::Suppressed,
        "revoked" => MailStage::Revoked,
        "expired" => MailStage::Expired,
        _ => return None,
    })
}

//! Writes one mail: its template with the values in it, its headers, its envelope, its signature.
//!
//! The same row of the outbox gives the same `Message-ID` each time, so that whoever gets it twice after a crash can
//! tell.

use std::fmt;
use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, message::MessageBuilder};

use super::sender::Sender;
use super::sign_in::SignInMail;
use super::tag::primary;
use super::template::{BuiltIn, Rendered, Template, TemplateError, Variables, built_in};
use super::verp;
use crate::identity::EmailAddress;
use crate::service::client::OAuthClient;
use crate::service::clock::moment;
use crate::service::database::{Connection, DatabaseError, templates};
use crate::service::invitation::Invitation;
use crate::service::keys::Keys;
use crate::service::locales::Language;
use crate::service::token::{Purpose, make_link};
use crate::time::Timestamp;

/// A mail, ready to be handed over.
pub struct Letter {
    /// Who it goes to and where reports of it go.
    pub envelope: Envelope,
    /// The mail as it is sent.
    pub bytes: Vec<u8>,
    /// What stands between the angle brackets of its `Message-ID`.
    pub message_id: String,
    /// How it reads.
    pub rendered: Rendered,
}

/// Why a mail cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CannotCompose {
    /// Its template.
    #[error("the template: {0}")]
    Template(#[from] TemplateError),
    /// The address.
    #[error("mail cannot be sent to this address")]
    Address,
    /// What lettre refuses.
    #[error("the mail: {0}")]
    Message(#[from] lettre::error::Error),
}

/// What the mail of an invitation is made of.
pub struct InvitationMail<'a> {
    /// The row of the outbox.
    pub outbox_id: &'a str,
    /// The invitation.
    pub invitation: &'a Invitation,
    /// Whose it is.
    pub client: &'a OAuthClient,
    /// Its template.
    pub template: &'a Template,
    /// The address of the person who invites, if they proved it here.
    pub inviter_email: Option<&'a str>,
}

impl fmt::Debug for InvitationMail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvitationMail({}, <redacted>)", self.outbox_id)
    }
}

/// The template for a mail.
///
/// In this order: the client's own in this language, in its language without the region, in the client's language, in English, in any
/// language; then ours of the same alias; then our invitation.
///
/// # Errors
///
/// [`DatabaseError::Failed`].
pub async fn template_for(
    connection: &mut Connection,
    client: &OAuthClient,
    alias: &str,
    locale: &str,
) -> Result<Template, DatabaseError> {
    let there = templates::newest(connection, &client.id, alias).await?;
    let wanted = [locale, primary(locale), &client.locale, primary(&client.locale), "en"];
    let named = |tag: &&str| there.iter().find(|own| own.locale.eq_ignore_ascii_case(tag));
    if let Some(own) = wanted.iter().find_map(named).or(there.first()) {
        return Ok(Template {
            subject: own.subject.clone(),
            text: own.text.clone(),
            html: own.html.clone(),
        });
    }
    let language = Language::of_tag(locale).or_else(|| Language::of_tag(&client.locale));
    Ok(built_in(
        BuiltIn::of_alias(alias).unwrap_or(BuiltIn::Invite),
        language.unwrap_or(Language::En),
    ))
}

/// Writes the mail of an invitation.
///
/// # Errors
///
/// [`CannotCompose`]: trying again does not help.
pub fn invitation(
    sender: &Sender,
    keys: &Keys,
    mail: &InvitationMail<'_>,
    now: Timestamp,
) -> Result<Letter, CannotCompose> {
    let InvitationMail {
        outbox_id,
        invitation,
        client,
        template,
        inviter_email,
    } = mail;
    let to = invitation.email.as_ref().ok_or(CannotCompose::Address)?;
    let link = make_link(&keys.links, Purpose::Invitation(invitation.generation), &invitation.id);
    let unsubscribe = make_link(&keys.links, Purpose::Unsubscribe, &invitation.id);
    let unsubscribe_url = format!("{}/u/{unsubscribe}", sender.issuer);
    let rendered = template.render(&Variables {
        action_url: format!("{}/i/{link}", sender.issuer),
        unsubscribe_url: Some(unsubscribe_url.clone()),
        email: to.to_string(),
        app_name: &client.name,
        inviter_email: inviter_email.map(str::to_owned),
        expires_at: invitation.expires_at,
        locale: &invitation.locale,
        service: &sender.host,
        contact: sender.contact.as_deref(),
        is_party: invitation.party.is_some(),
        data: &invitation.template_data,
        is_trusted: client.is_trusted,
    })?;
    let mut headers = vec![
        ("List-Unsubscribe", format!("<{unsubscribe_url}>")),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()),
        ("Feedback-ID", format!("invite:{}:{}", client.id, sender.domain())),
    ];
    if let Some(inviter) = inviter_email.and_then(|email| email.parse::<Address>().ok()) {
        headers.push(("Reply-To", inviter.to_string()));
    }
    let message_id = format!("{outbox_id}.{}@{}", invitation.generation, sender.domain());
    let bounce_id = &invitation.id;
    write(
        sender,
        keys,
        Writing {
            to,
            rendered,
            headers,
            message_id,
            bounce_id,
        },
        now,
    )
}

/// Writes the mail of a sign-in.
///
/// # Errors
///
/// [`CannotCompose`]: trying again does not help.
pub fn sign_in(
    sender: &Sender,
    keys: &Keys,
    outbox_id: &str,
    mail: &SignInMail,
    client: &OAuthClient,
    template: &Template,
    now: Timestamp,
) -> Result<Letter, CannotCompose> {
    let to = EmailAddress::parse(&mail.email).map_err(|_refused| CannotCompose::Address)?;
    let rendered = template.render(&Variables {
        action_url: mail.action_url.clone(),
        unsubscribe_url: None,
        email: to.to_string(),
        app_name: &client.name,
        inviter_email: None,
        expires_at: moment(i64::try_from(mail.expires_at).unwrap_or(i64::MAX)),
        locale: &mail.locale,
        service: &sender.host,
        contact: sender.contact.as_deref(),
        is_party: false,
        data: "{}",
        is_trusted: client.is_trusted,
    })?;
    let headers = vec![("Feedback-ID", format!("sign-in:{}:{}", client.id, sender.domain()))];
    let message_id = format!("{outbox_id}.0@{}", sender.domain());
    write(
        sender,
        keys,
        Writing {
            to: &to,
            rendered,
            headers,
            message_id,
            bounce_id: outbox_id,
        },
        now,
    )
}

/// What every mail is put together of.
struct Writing<'a> {
    to: &'a EmailAddress,
    rendered: Rendered,
    headers: Vec<(&'static str, String)>,
    message_id: String,
    /// What a report of a mail server is about.
    bounce_id: &'a str,
}

fn write(sender: &Sender, keys: &Keys, mail: Writing<'_>, now: Timestamp) -> Result<Letter, CannotCompose> {
    let address = |text: String| text.parse::<Address>().map_err(|_refused| CannotCompose::Address);
    let to = address(mail.to.to_string())?;
    let bounce = verp::local_part(&keys.links, mail.bounce_id);
    let bounce = address(format!("{bounce}@{}", sender.domain()))?;
    let envelope = Envelope::new(Some(bounce), vec![to.clone()])?;
    let builder = Message::builder()
        .envelope(envelope.clone())
        .from(sender.mailbox.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.rendered.subject.clone())
        .date(UNIX_EPOCH + Duration::from_secs(now.as_secs()))
        .message_id(Some(format!("<{}>", mail.message_id)));
    let builder = with(builder, "Auto-Submitted", "auto-generated".to_owned());
    let builder = with(builder, "X-Auto-Response-Suppress", "All".to_owned());
    let headers = mail.headers.into_iter();
    let builder = headers.fold(builder, |builder, (name, value)| with(builder, name, value));
    let text = part(ContentType::TEXT_PLAIN, mail.rendered.text.clone());
    let mut message = match &mail.rendered.html {
        Some(html) => {
            let html = part(ContentType::TEXT_HTML, html.clone());
            builder.multipart(MultiPart::alternative().singlepart(text).singlepart(html))?
        }
        None => builder.singlepart(text)?,
    };
    sender.sign(&mut message);
    Ok(Letter {
        envelope,
        bytes: message.formatted(),
        message_id: mail.message_id,
        rendered: mail.rendered,
    })
}

/// One more header, in a form that no value breaks out of.
fn with(builder: MessageBuilder, name: &'static str, value: String) -> MessageBuilder {
    builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value))
}

/// Quoted-printable whatever is in it: no server on the way has a reason to write it anew, which would break the signature.
fn part(kind: ContentType, text: String) -> SinglePart {
    SinglePart::builder()
        .header(kind)
        .header(ContentTransferEncoding::QuotedPrintable)
        .body(text)
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({} bytes)", self.bytes.len())
    }
}

#[cfg(test)]
mod tests;

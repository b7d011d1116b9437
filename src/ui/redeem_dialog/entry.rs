//! What is typed or pasted in the first step, and what it means. No drawing.

use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Intent;
use crate::desktop::ScanError;
use crate::email::{Issuer, MailCode, MailLink};
use crate::failure::{Failure, MailTrouble};
use crate::invitation::{CodeError, InviteCode};
use crate::worker::RequestId;

/// With this every invite code begins.
const PREFIX: &str = "party1";

/// How many letters and digits the code of an invitation page has.
const PAGE_CODE: usize = 8;

/// What has been typed, and what it means.
#[derive(Default)]
pub(super) struct CodeEntry {
    pub(super) text: Zeroizing<String>,
    pub(super) check: Check,
    /// Why the worker would not begin with it.
    pub(super) refused: Option<Failure>,
    /// The service whose page shows the code, as it is typed.
    pub(super) service: String,
}

/// What a text is.
#[derive(Default)]
pub(super) enum Check {
    /// Nothing yet, or just the beginning of a code.
    #[default]
    Nothing,
    Wrong(CodeError),
    Good(Arc<InviteCode>),
    /// The link of an invitation mail.
    Link(MailLink),
    NoLink(MailTrouble),
    /// The beginning of the code of an invitation page.
    PageBegun,
    /// The code of an invitation page.
    Page(MailCode),
    /// A picture is looked at.
    Scanning(RequestId),
    NotScanned(ScanError),
}

impl CodeEntry {
    pub(super) fn typed(text: &str) -> Self {
        let mut entry = Self {
            text: Zeroizing::new(text.to_owned()),
            ..Self::default()
        };
        entry.read();
        entry
    }

    /// The same with the service that is likely to be meant.
    pub(super) fn with_service(mut self, service: &str) -> Self {
        service.clone_into(&mut self.service);
        self
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn refuse(&mut self, failure: Failure) {
        self.read();
        self.refused = Some(failure);
    }

    pub(super) fn scan(&mut self, request: RequestId) {
        self.refused = None;
        self.check = Check::Scanning(request);
    }

    pub(super) fn take_scanned(&mut self, request: RequestId, code: Result<Option<Zeroizing<String>>, ScanError>) {
        if !matches!(self.check, Check::Scanning(asked) if asked == request) {
            return;
        }
        match code {
            Ok(code) => {
                if let Some(code) = code {
                    self.text = code;
                }
                self.read();
            }
            Err(error) => self.check = Check::NotScanned(error),
        }
    }

    pub(super) fn read(&mut self) {
        self.refused = None;
        let begun = self.text.trim().to_lowercase();
        self.check = if PREFIX.starts_with(&begun) {
            Check::Nothing
        } else if MailLink::is_meant_by(&self.text) {
            MailLink::parse(&self.text).map_or_else(Check::NoLink, Check::Link)
        } else if begun.starts_with(PREFIX) {
            self.read_invite_code()
        } else if let Ok(code) = MailCode::parse(&self.text) {
            Check::Page(code)
        } else if is_begun(&begun) {
            Check::PageBegun
        } else {
            self.read_invite_code()
        };
    }

    fn read_invite_code(&self) -> Check {
        InviteCode::parse(&self.text).map_or_else(Check::Wrong, |code| Check::Good(Arc::new(code)))
    }

    pub(super) const fn code(&self) -> Option<&Arc<InviteCode>> {
        match &self.check {
            Check::Good(code) => Some(code),
            Check::Nothing
            | Check::Wrong(_)
            | Check::Link(_)
            | Check::NoLink(_)
            | Check::PageBegun
            | Check::Page(_)
            | Check::Scanning(_)
            | Check::NotScanned(_) => None,
        }
    }

    /// Whether the code is one of an invitation page, so that its service has to be known.
    pub(super) const fn is_of_page(&self) -> bool {
        matches!(self.check, Check::Page(_))
    }

    /// Whether what is in the field came by e-mail, so that no PIN comes.
    pub(super) const fn is_by_mail(&self) -> bool {
        matches!(self.check, Check::Page(_) | Check::Link(_) | Check::NoLink(_))
    }

    /// Whether the text itself is at fault.
    pub(super) const fn is_wrong(&self) -> bool {
        match &self.check {
            Check::Wrong(_) | Check::NoLink(_) => true,
            Check::Good(_) => self.refused.is_some(),
            Check::Link(_) | Check::Page(_) => matches!(self.refused, Some(Failure::Mail(MailTrouble::Over))),
            Check::Nothing | Check::PageBegun | Check::Scanning(_) | Check::NotScanned(_) => false,
        }
    }

    /// What the button does.
    pub(super) fn intent(&self) -> Option<Intent> {
        match &self.check {
            Check::Link(link) => Some(Intent::OpenLink(link.clone())),
            Check::Page(code) => {
                let issuer = Issuer::parse(&self.service).ok()?;
                Some(Intent::RedeemPage(issuer, code.clone()))
            }
            _ => self.code().map(|code| Intent::Redeem(Arc::clone(code))),
        }
    }

    /// Which character to mark, in bytes of what was pasted.
    pub(super) fn mark(&self) -> Option<Range<usize>> {
        let Check::Wrong(CodeError::Character { at } | CodeError::Checksum { at: Some(at) }) = self.check else {
            return None;
        };
        let (start, c) = self.text.char_indices().nth(at)?;
        Some(start..start + c.len_utf8())
    }
}

/// Whether a text can become the code of a page.
fn is_begun(text: &str) -> bool {
    let letters = text.chars().filter(|c| *c != '-' && !c.is_whitespace());
    letters.clone().count() < PAGE_CODE && letters.clone().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_code_is_of_a_page_and_needs_its_service() {
        for text in ["7kq2-m4xv", " 7KQ2 M4XV\n"] {
            let mut entry = CodeEntry::typed(text);
            assert!(entry.is_of_page() && entry.intent().is_none(), "{text}");
            entry.service = "invite.example.org".to_owned();
            assert!(matches!(entry.intent(), Some(Intent::RedeemPage(..))), "{text}");
        }
        assert!(matches!(CodeEntry::typed("7kq2-m").check, Check::PageBegun));
        for text in ["party1ab", "7kq2-m4xv9", "7kq2_m4xv", "a whole message"] {
            assert!(!CodeEntry::typed(text).is_of_page(), "{text}");
        }
    }

    #[test]
    fn what_was_refused_can_be_tried_again_until_it_is_changed() {
        let mut entry = CodeEntry::typed("7kq2-m4xv").with_service("invite.example.org");
        entry.refuse(Failure::Mail(MailTrouble::Unreachable));
        assert!(entry.intent().is_some() && !entry.is_wrong());
        entry.refuse(Failure::Mail(MailTrouble::Over));
        assert!(entry.is_wrong());
        entry.read();
        assert!(entry.refused.is_none());
    }
}

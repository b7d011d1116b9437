//! What tokens are good for (RFC 6749, section 3.3).

use crate::service::client::{ClientKind, OAuthClient, SignUp};

/// What a request means that names no scope.
pub const DEFAULT: &str = "openid email";

/// An ID token.
pub const OPENID: &str = "openid";

/// The address.
pub const EMAIL: &str = "email";

/// Inviting others in the name of the person.
pub const INVITE: &str = "invite";

/// Every scope there is.
pub const ALL: [&str; 3] = [OPENID, EMAIL, INVITE];

/// What a client gets of what it asks for, in our order. Words that nobody knows count as not said (OpenID Connect Core, 3.1.2.1); none if
/// nothing is left.
///
/// `invite` is not for a public client that only the invited may use: there a person writes the request, and could let in whom they like.
#[must_use]
pub fn granted(asked: Option<&str>, client: &OAuthClient) -> Option<String> {
    let asked = asked.unwrap_or(DEFAULT);
    let may_invite = client.kind == ClientKind::Confidential || client.sign_up == SignUp::Open;
    let words: Vec<&str> = ALL
        .into_iter()
        .filter(|word| has(asked, word) && (*word != INVITE || may_invite))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether a scope has a word.
#[must_use]
pub fn has(scope: &str, word: &str) -> bool {
    scope.split(' ').any(|one| one == word)
}

/// The part of `held` that `asked` names; none if it names more than that (RFC 6749, section 6).
#[must_use]
pub fn narrowed(asked: &str, held: &str) -> Option<String> {
    let words: Vec<&str> = asked.split(' ').filter(|word| !word.is_empty()).collect();
    let within = !words.is_empty() && words.iter().all(|word| has(held, word));
    within.then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::client::{DeadLink, SigningAlgorithm, SubjectType};

    fn client(kind: ClientKind, sign_up: SignUp) -> OAuthClient {
        OAuthClient {
            id: "choir".to_owned(),
            name: "Choir".to_owned(),
            kind,
            redirect_uris: Vec::new(),
            initiate_login_uri: None,
            dead_link: DeadLink::Redirect,
            locale: "en".to_owned(),
            algorithm: SigningAlgorithm::Es256,
            subject_type: SubjectType::Public,
            is_trusted: false,
            sign_up,
            invites_per_minute: 1,
            invites_per_day: 1,
            webhook_url: None,
            is_disabled: false,
        }
    }

    #[test]
    fn a_client_gets_what_is_known_of_what_it_asks_for() {
        let server = client(ClientKind::Confidential, SignUp::InviteOnly);
        assert_eq!(granted(None, &server).as_deref(), Some("openid email"));
        assert_eq!(
            granted(Some("email  profile openid"), &server).as_deref(),
            Some("openid email")
        );
        assert_eq!(granted(Some("profile"), &server), None);
        assert_eq!(granted(Some("invite"), &server).as_deref(), Some("invite"));
        let page = client(ClientKind::Public, SignUp::InviteOnly);
        assert_eq!(granted(Some("openid invite"), &page).as_deref(), Some("openid"));
        let open = client(ClientKind::Public, SignUp::Open);
        assert_eq!(granted(Some("openid invite"), &open).as_deref(), Some("openid invite"));
    }

    #[test]
    fn a_scope_only_shrinks() {
        assert_eq!(narrowed("email", "openid email").as_deref(), Some("email"));
        assert_eq!(narrowed("email invite", "openid email"), None);
        assert_eq!(narrowed(" ", "openid email"), None);
    }
}

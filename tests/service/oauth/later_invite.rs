//! DID.app's later form of an invitation: a POST to the authorization endpoint by the client itself.

use super::REDIRECT;
use super::person::{BONNY, error_of};
use crate::support::{SECRET, Served, on_both};
use partyline::service::database::query;

const FORM: [(&str, &str); 7] = [
    ("client_id", "choir"),
    ("redirect_uri", REDIRECT),
    ("response_type", "code"),
    ("response_mode", "form_post"),
    ("login_hint", BONNY),
    ("template_alias", "invite"),
    ("data_inviter_name", "Ann"),
];

async fn invitations(served: &Served) -> Vec<(String, String)> {
    let read = served.service.database.read(|connection| {
        Box::pin(async move {
            let rows = query("SELECT email, template_data FROM invitations")
                .fetch_all(connection)
                .await?;
            let both = rows
                .iter()
                .map(|row| Ok((row.get("email")?, row.get("template_data")?)));
            both.collect()
        })
    });
    read.await.unwrap()
}

#[test]
fn a_client_that_proves_itself_invites_and_hears_nothing_back() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let form = [&FORM[..], &[("client_secret", SECRET)]].concat();
        let answer = served.post_form("/oauth/authorize", &form).await;
        assert_eq!(
            (answer.status().as_u16(), answer.text().await.unwrap()),
            (200, String::new())
        );
        let data = r#"{"inviter_name":"Ann"}"#.to_owned();
        assert_eq!(invitations(&served).await, [(BONNY.to_owned(), data)]);
    });
}

#[test]
fn anybody_else_invites_nobody() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let wrong = [&FORM[..], &[("client_secret", "pls_wrong")]].concat();
        let refused = served.post_form("/oauth/authorize", &wrong).await;
        assert_eq!(error_of(refused).await, (401, "invalid_client".to_owned()));
        // Without a proof it is a request like any other: a page asks for an address, and nothing is mailed.
        let page = served.post_form("/oauth/authorize", &FORM).await;
        assert!(page.status() == 200 && page.text().await.unwrap().contains("<form"));
        assert!(invitations(&served).await.is_empty());
    });
}

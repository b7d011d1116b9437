//! Invitations by e-mail, in both dialogs.

use partyline::failure::MailTrouble;
use partyline::invitation::mailbox::MailStage;

use super::*;

fn form(screen: &mut Screen) {
    alice(screen);
    click(screen, "Invite");
    click(screen, "They come in: By e-mail");
}

fn signed_in_form(screen: &mut Screen) {
    form(screen);
    tell(screen, services());
}

fn type_into(screen: &mut Screen, field: &str, text: &str) {
    screen.get_by_label(field).focus();
    settle(screen);
    screen.get_by_label(field).type_text(text);
    settle(screen);
}

fn list(screen: &mut Screen) {
    for invitation in mixed() {
        tell(screen, Event::InvitationChanged { invitation });
    }
}

#[test]
fn inviting_by_mail() {
    let mut album = Album::default();
    album.picture("invite_mail", form);
    album.picture_of(LOW, "invite_mail_low", form);
    album.picture("invite_mail_client", |screen| {
        form(screen);
        click(screen, "Use a client id instead");
    });
    album.picture("invite_mail_signing_in", |screen| {
        form(screen);
        type_into(screen, "Invitation service", "invite.example.org");
        click(screen, "Sign in");
    });
    album.picture("invite_mail_service", |screen| {
        signed_in_form(screen);
        click(screen, "Change the invitation service");
    });
    album.picture("invite_mail_signing_out", |screen| {
        signed_in_form(screen);
        click(screen, "Change the invitation service");
        click(screen, "Sign out here");
    });
    album.picture("invite_mail_words", |screen| {
        signed_in_form(screen);
        type_into(screen, "A few words of yours", "See you on Saturday.Bring tea");
    });
    album.picture("invite_mail_addresses", |screen| {
        signed_in_form(screen);
        let addresses = "bonny@example.org, Carl Lindqvist <carl.lindqvist@example.org>, dora(at)example.org";
        type_into(screen, "E-mail addresses", addresses);
        type_into(screen, "A few words of yours", "Come and sing with us!");
    });
    album.picture("invite_mail_approved", |screen| {
        signed_in_form(screen);
        let approve = "An admin compares four words with them before they come in";
        screen
            .get_by_role_and_label(egui::accesskit::Role::CheckBox, approve)
            .click();
        settle(screen);
    });
    album.picture("invite_mail_unsent", |screen| {
        signed_in_form(screen);
        type_into(screen, "E-mail addresses", "bonny@example.org carl@example.org");
        click(screen, "Send 2 invitations");
        for (request, _) in screen.state_mut().all_sent() {
            let failure = Failure::Mail(MailTrouble::Unreachable);
            let request = Some(request);
            tell(screen, Event::Failed { request, failure });
        }
    });
}

#[test]
fn invited_by_mail() {
    let mut album = Album::default();
    album.picture("invite_mail_list", |screen| {
        signed_in_form(screen);
        list(screen);
        let invitation = kept_back("gunnar", MailStage::Waiting, MailTrouble::Unreachable);
        tell(screen, Event::InvitationChanged { invitation });
        click(screen, "Invited so far (7)");
    });
    album.picture("invitations_mail", |screen| {
        alice(screen);
        list(screen);
        let invitation = invitation(InvitationStage::OfflineReady { devices: 2 });
        tell(screen, Event::InvitationChanged { invitation });
        click(screen, "Invitations (5)");
    });
    album.picture("invitations_mail_expired", |screen| {
        alice(screen);
        let ready = InvitationStage::OfflineReady { devices: 2 };
        let invitation = Arc::new(InvitationView {
            expires: NOW,
            ..InvitationView::clone(&mailed("bonny", ready, MailStage::Expired))
        });
        tell(screen, Event::InvitationChanged { invitation });
        click(screen, "Invitations (1)");
    });
}

#[test]
fn redeeming_what_came_by_mail() {
    let mut album = Album::default();
    album.picture("redeem_mail_browser", |screen| {
        redeem(screen);
        let link = "https://invite.example.org/i/abc.def";
        screen.get_by_label("Invite code or link").type_text(link);
        settle(screen);
        click(screen, "Continue");
    });
    album.picture("redeem_mail_connecting", |screen| {
        let stage = RedemptionStage::Connecting { failed_tries: 0 };
        applying(screen, CodeKind::Email, stage);
    });
    let page_code = |screen: &mut Screen| {
        redeem(screen);
        screen.get_by_label("Invite code or link").type_text("7KQ2-M4XV");
        settle(screen);
        type_into(screen, "Invitation service", "invite.example.org");
    };
    album.picture("redeem_page_code", page_code);
    album.picture_of(LOW, "redeem_page_code_low", page_code);
}

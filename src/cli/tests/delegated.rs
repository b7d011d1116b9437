//! The lines of delegated invitations and of who waits for approval.

use super::content::told as in_words;
use super::narration::{at, told};
use super::{INVITATION, invitation_report, problem};
use crate::cli::json::{InvitationReport, MailReport, MailStanding, Problem, Report, RequestReport};
use crate::cli::node::Status as NodeStatus;
use crate::invitation::InvitationStage;

const STANDING: &str = r#""address":"bonny@example.org","service":"https://invite.example.org","stage":"bounced""#;

fn standing(trouble: Option<Problem>) -> MailStanding {
    MailStanding {
        address: "bonny@example.org".into(),
        service: "https://invite.example.org".into(),
        stage: "bounced",
        trouble,
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn golden() -> Vec<(Report, String)> {
    let (invitation, party, request) = (|| "ii".to_owned(), || "cc".to_owned(), || "99".to_owned());
    let line = |text: &str| text.to_owned();
    vec![
        (
            Report::Key {
                identity: "aa".into(),
                fingerprint: "lusab".into(),
            },
            line(r#""event":"key","identity":"aa","fingerprint":"lusab""#),
        ),
        (
            Report::NodeStatus(NodeStatus {
                started_ms: 1,
                updated_ms: 2,
                parties: 3,
                peers: 4,
                invitations: 5,
                requests: 6,
                behind: 7,
            }),
            line(
                r#""event":"node_status","started_ms":1,"updated_ms":2,"parties":3,"peers":4,"invitations":5,"requests":6,"behind":7"#,
            ),
        ),
        (
            Report::Request(RequestReport {
                number: 1,
                party: party(),
                request: request(),
                invitation: invitation(),
                invited_by: "aa".into(),
                invited_by_name: Some("Alice".into()),
                member: "bb".into(),
                name: "Bob".into(),
                fingerprint: "lusab".into(),
                role: "editor",
                at_ms: 4,
            }),
            line(
                r#""event":"request","number":1,"party":"cc","request":"99","invitation":"ii","invited_by":"aa","invited_by_name":"Alice","member":"bb","name":"Bob","fingerprint":"lusab","role":"editor","at_ms":4"#,
            ),
        ),
        (
            Report::Invitation(InvitationReport {
                by: "email",
                mail: Some(standing(None)),
                ..invitation_report()
            }),
            format!(
                r#""event":"invitation",{},{STANDING},"trouble":null"#,
                INVITATION.replace(r#""by":"pin""#, r#""by":"email""#)
            ),
        ),
        (
            Report::MailInvitation(MailReport {
                invitation: invitation(),
                party: party(),
                by: "email",
                mail: standing(None),
            }),
            format!(
                r#""event":"mail_invitation","invitation":"ii","party":"cc","by":"email",{STANDING},"trouble":null"#
            ),
        ),
        (
            Report::MailChanged(MailReport {
                invitation: invitation(),
                party: party(),
                by: "email_approval",
                mail: standing(Some(problem(None))),
            }),
            format!(
                r#""event":"mail_changed","invitation":"ii","party":"cc","by":"email_approval",{STANDING},"trouble":{{"code":"c","sentence":"S.","next":"N."}}"#
            ),
        ),
        (
            Report::RequestApproved {
                party: party(),
                request: request(),
                name: "Bob".into(),
            },
            line(r#""event":"request_approved","party":"cc","request":"99","name":"Bob""#),
        ),
        (
            Report::RequestDenied {
                party: party(),
                request: request(),
                name: "Bob".into(),
            },
            line(r#""event":"request_denied","party":"cc","request":"99","name":"Bob""#),
        ),
        (
            Report::OfflineReady {
                invitation: invitation(),
                devices: 2,
            },
            line(r#""event":"offline_ready","invitation":"ii","devices":2"#),
        ),
        (
            Report::MembersOffline {
                invitation: invitation(),
                next_try_ms: 5,
            },
            line(r#""event":"members_offline","invitation":"ii","next_try_ms":5"#),
        ),
        (
            Report::WaitsForApproval {
                invitation: invitation(),
                fingerprint: "lusab".into(),
                next_poll_ms: 5,
            },
            line(r#""event":"waits_for_approval","invitation":"ii","fingerprint":"lusab","next_poll_ms":5"#),
        ),
    ]
}

#[test]
fn an_inviter_is_told_once_that_the_code_works_without_them() {
    let here = at(InvitationStage::OnlyHere, 0);
    let ready = |devices| at(InvitationStage::OfflineReady { devices }, 0);
    assert_eq!(told(&here, &ready(1)), ["offline_ready"]);
    assert!(told(&ready(1), &ready(2)).is_empty());
}

#[test]
fn who_is_to_be_approved_is_not_said_to_come_in_by_themselves() {
    let invited = |by| MailReport {
        invitation: "ii".into(),
        party: "cc".into(),
        by,
        mail: MailStanding {
            stage: "accepted",
            ..standing(None)
        },
    };
    let service = "https://invite.example.org is asked to send the mail.";
    for (by, may, accepted) in [
        ("email", "may come in", "the address is proved"),
        (
            "email_approval",
            "may ask to come in, and an admin approves",
            "the address is proved, and an admin lets them in once they have asked",
        ),
    ] {
        let text = in_words(&Report::MailInvitation(invited(by)));
        assert_eq!(text, format!("bonny@example.org {may}. {service}"));
        let text = in_words(&Report::MailChanged(invited(by)));
        assert_eq!(text, format!("bonny@example.org  accepted: {accepted}"));
    }
}

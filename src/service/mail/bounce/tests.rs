//! Reports as servers write them.

use super::*;

const REPORT: &str = "Return-Path: <>\r\nTo: <bounce+00.11@example.org>\r\nDelivered-To: bounce+aa.bb@example.org\r\n\
    MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
    --b\r\nContent-Type: text/plain\r\n\r\nIt failed. Action: failed\r\n\
    --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n\
    Final-Recipient: rfc822; bonny@example.org\r\nAction: ACTION\r\nStatus: 5.1.1\r\n\
    Diagnostic-Code: smtp; 550 5.1.1\r\n\u{20} no such user\r\n\r\n\
    --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Action: failed\r\n\r\nx\r\n--b--\r\n";

fn of(action: &str) -> Option<(String, String)> {
    let text = REPORT.replace("ACTION", action);
    let message = MessageParser::default().parse(text.as_bytes())?;
    failure(&message).map(|failure| (failure.status, failure.answer))
}

#[test]
fn only_a_failure_for_good_counts() {
    let failed = ("5.1.1".to_owned(), "smtp; 550 5.1.1 no such user".to_owned());
    assert_eq!(of("failed"), Some(failed.clone()));
    assert_eq!(of("Failed"), Some(failed));
    for other in ["delayed", "delivered", "relayed", "expanded", ""] {
        assert_eq!(of(other), None, "{other}");
    }
}

#[test]
fn a_report_about_an_address_beyond_ascii_counts() {
    // As Postfix 3.7 writes it.
    let report = "To: bounce+aa.bb@example.org\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"b\"\r\n\
        Content-Transfer-Encoding: 8bit\r\n\r\n--b\r\nContent-Description: Delivery report\r\n\
        Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
        Reporting-MTA: dns; mail.example.org\r\n\r\nFinal-Recipient: utf-8; b\u{f6}b@example.com\r\n\
        Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 <b\u{f6}b@example.com>: gone\r\n\r\n--b--\r\n";
    let message = MessageParser::default().parse(report.as_bytes()).unwrap();
    let failure = failure(&message).unwrap();
    assert_eq!(
        (failure.status.as_str(), failure.answer.as_str()),
        ("5.1.1", "smtp; 550 5.1.1 <b\u{f6}b@example.com>: gone")
    );
}

#[test]
fn every_address_that_it_may_have_come_to_is_asked() {
    let message = MessageParser::default().parse(REPORT.as_bytes()).unwrap();
    assert_eq!(
        recipients(&message),
        ["bounce+00.11@example.org", "bounce+aa.bb@example.org"]
    );
}

#[test]
fn anything_else_is_no_report() {
    for text in [
        "",
        "\r\n",
        "To: a@b\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n",
        "Content-Type: message/delivery-status\r\n\r\n",
    ] {
        let message = MessageParser::default().parse(text.as_bytes());
        assert!(message.is_none_or(|message| failure(&message).is_none()), "{text}");
    }
}

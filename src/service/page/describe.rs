//! What each page says: the words of the reader's language put on a sheet.

use super::sheet::{AddressField, Button, Mark, Part, Rank, Sheet, Text};
use super::{Destination, Ended, Form, Page, Purpose, SignInProblem, host};
use crate::service::locales::{Language, Words};
use crate::time::Timestamp;

/// The sheet of a page. `issuer` is the service's own address.
#[expect(clippy::too_many_lines, reason = "one line for each case")]
pub(super) fn sheet(page: &Page, language: Language, issuer: &str) -> Sheet {
    let words = language.words();
    match page {
        Page::Invitation {
            token,
            inviter,
            app,
            address,
            leads_to,
            ends,
        } => Sheet {
            mark: Mark::Tile(app.clone()),
            title: match inviter {
                Some(inviter) => Text::of(words.invited_by, "inviter", inviter).and("app", app),
                None => Text::of(words.invited, "app", app),
            },
            parts: vec![
                Part::Facts(facts(words, language, address, leads_to, *ends)),
                press(format!("/i/{token}"), words.accept, Rank::Primary),
                Part::Link(format!("/i/{token}/decline"), Text::plain(words.no_thanks), Rank::Quiet),
                Part::Note(Text::plain(words.unexpected)),
            ],
        },
        Page::Decline { token, app } => Sheet {
            mark: Mark::Tile(app.clone()),
            title: Text::of(words.invited, "app", app),
            parts: vec![
                Part::Sentence(Text::plain(words.no_is_final)),
                press(format!("/i/{token}/decline"), words.no_thanks, Rank::Primary),
                Part::Note(Text::plain(words.unexpected)),
            ],
        },
        Page::OpenApp { link, code } => Sheet {
            mark: Mark::Done,
            title: Text::plain(words.open_title),
            parts: vec![
                Part::Sentence(Text::plain(words.open_sentence)),
                Part::Link(link.clone(), Text::plain(words.open_button), Rank::Primary),
                Part::Rule,
                Part::Sentence(Text::plain(words.other_device)),
                Part::Code(words.code_label, code.clone()),
                Part::Facts(vec![(words.service_label, issuer.to_owned())]),
                Part::Note(Text::plain(words.code_life)),
            ],
        },
        Page::Ended { app, why, renewal } => ended(
            words,
            language,
            app,
            *why,
            renewal
                .as_ref()
                .map(|(token, address)| (format!("/i/{token}/renew"), address.as_str())),
        ),
        Page::Renewed { address } => said(
            Mark::Mail,
            Text::plain(words.check_mail_title),
            &[
                Text::of(words.renewed_sentence, "address", address),
                Text::plain(words.check_spam),
            ],
        ),
        Page::Declined { app } => said(
            Mark::Ended,
            Text::plain(words.declining_title),
            &[Text::of(words.declining_sentence, "app", app)],
        ),
        Page::Unsubscribe { token, app, address } => Sheet {
            mark: Mark::Mail,
            title: Text::plain(words.unsubscribe_title),
            parts: vec![
                Part::Sentence(Text::of(words.unsubscribe_sentence, "address", address).and("app", app)),
                press(format!("/u/{token}"), words.unsubscribe_button, Rank::Primary),
            ],
        },
        Page::Unsubscribed { app, address } => said(
            Mark::Done,
            Text::plain(words.unsubscribed_title),
            &[Text::of(words.unsubscribed_sentence, "address", address).and("app", app)],
        ),
        Page::NotFound => wrong(words.not_found_title, words.not_found_sentence),
        Page::FormPost { app, form } => Sheet {
            mark: Mark::Tile(app.clone()),
            title: Text::of(words.go_on_title, "app", app),
            parts: vec![
                Part::Sentence(Text::plain(words.go_on_sentence)),
                post(form, None, words.go_on, Rank::Primary),
                Part::PostsItself,
            ],
        },
        Page::SignIn {
            app,
            purpose,
            form,
            email,
            problem,
        } => Sheet {
            mark: Mark::Tile(app.clone()),
            title: match purpose {
                Purpose::SignIn => Text::of(words.sign_in_title, "app", app),
                Purpose::SignUp => Text::of(words.sign_up_title, "app", app),
            },
            parts: vec![
                Part::Sentence(Text::plain(words.sign_in_sentence)),
                Part::Address(AddressField {
                    action: form.action.clone(),
                    fields: form.hidden.clone(),
                    label: words.address_label,
                    value: email.clone(),
                    problem: problem.map(|problem| match problem {
                        SignInProblem::NoAddress => words.no_address,
                        SignInProblem::TooOften => words.mail_too_often,
                    }),
                    button: words.send_link,
                }),
            ],
        },
        Page::Confirm { app, address, form } => Sheet {
            mark: Mark::Tile(app.clone()),
            title: Text::of(words.confirm_title, "app", app),
            parts: vec![
                Part::Sentence(Text::of(words.confirm_sentence, "address", address)),
                post(form, Some("continue"), words.go_on, Rank::Primary),
                post(form, Some("cancel"), words.cancel, Rank::Quiet),
            ],
        },
        Page::CheckMail { app, address } => said(
            Mark::Mail,
            Text::plain(words.check_mail_title),
            &[
                Text::of(words.check_mail_sentence, "address", address).and("app", app),
                Text::plain(words.check_spam),
            ],
        ),
        Page::SignOut { form } => Sheet {
            mark: Mark::Ended,
            title: Text::plain(words.sign_out_title),
            parts: vec![
                Part::Sentence(Text::of(words.sign_out_sentence, "host", host(issuer))),
                post(form, None, words.sign_out, Rank::Primary),
            ],
        },
        Page::SignedOut { back } => {
            let mut sheet = said(
                Mark::Done,
                Text::plain(words.signed_out_title),
                &[Text::plain(words.signed_out_sentence)],
            );
            if let Some((app, address)) = back {
                let label = Text::of(words.back, "app", app);
                sheet.parts.push(Part::Link(address.clone(), label, Rank::Primary));
            }
            sheet
        }
        Page::Refused { error, description } => {
            let mut sheet = wrong(words.refused_title, words.refused_sentence);
            sheet.parts.push(Part::Facts(vec![(*error, description.clone())]));
            sheet
        }
        Page::Explained { error, meaning } => wrong(error, meaning),
        Page::TooMany { .. } => said(
            Mark::Clock,
            Text::plain(words.too_many_title),
            &[Text::plain(words.too_many_sentence)],
        ),
        Page::Elsewhere => wrong(words.elsewhere_title, words.elsewhere_sentence),
        Page::Unavailable => said(
            Mark::Clock,
            Text::plain(words.unavailable_title),
            &[Text::plain(words.unavailable_sentence)],
        ),
    }
}

fn facts(
    words: &Words,
    language: Language,
    address: &str,
    leads_to: &Destination,
    ends: Timestamp,
) -> Vec<(&'static str, String)> {
    let place = match leads_to {
        Destination::App => words.the_app.to_owned(),
        Destination::Site(addresses) => addresses.first().map_or("", |address| host(address)).to_owned(),
    };
    vec![
        (words.label_for, address.to_owned()),
        (words.label_leads_to, place),
        (words.label_until, language.moment(ends)),
    ]
}

fn ended(words: &Words, language: Language, app: &str, why: Ended, renewal: Option<(String, &str)>) -> Sheet {
    let plain = Text::plain;
    let mut sheet = match why {
        Ended::Expired(end) => said(
            Mark::Clock,
            plain(words.expired_title),
            &[Text::of(words.expired_sentence, "when", &language.moment(end))],
        ),
        Ended::Used => said(
            Mark::Done,
            plain(words.used_title),
            &[Text::of(words.used_sentence, "app", app)],
        ),
        Ended::Revoked => said(
            Mark::Ended,
            plain(words.revoked_title),
            &[plain(words.revoked_sentence)],
        ),
        Ended::Declined => said(
            Mark::Ended,
            plain(words.declined_title),
            &[plain(words.declined_sentence)],
        ),
        Ended::Replaced => said(
            Mark::Mail,
            plain(words.replaced_title),
            &[plain(words.replaced_sentence)],
        ),
        Ended::Closed => said(
            Mark::Ended,
            Text::of(words.closed_title, "app", app),
            &[plain(words.closed_sentence)],
        ),
    };
    if let Some((action, address)) = renewal {
        let offer = match why {
            Ended::Used => words.not_in_offer,
            _ => words.renew_offer,
        };
        sheet.parts.push(Part::Sentence(Text::of(offer, "address", address)));
        sheet.parts.push(press(action, words.renew_button, Rank::Primary));
    }
    sheet
}

/// A page that only says something.
fn said(mark: Mark, title: Text, sentences: &[Text]) -> Sheet {
    Sheet {
        mark,
        title,
        parts: sentences.iter().cloned().map(Part::Sentence).collect(),
    }
}

fn wrong(title: &'static str, sentence: &'static str) -> Sheet {
    said(Mark::Wrong, Text::plain(title), &[Text::plain(sentence)])
}

/// A button that posts to an address of this service.
fn press(action: String, label: &'static str, rank: Rank) -> Part {
    Part::Button(Button {
        action,
        fields: Vec::new(),
        label,
        rank,
    })
}

/// A button that posts a form, with an `answer` if there are several to choose from.
fn post(form: &Form, answer: Option<&str>, label: &'static str, rank: Rank) -> Part {
    let mut fields = form.hidden.clone();
    fields.extend(answer.map(|answer| ("answer".to_owned(), answer.to_owned())));
    Part::Button(Button {
        action: form.action.clone(),
        fields,
        label,
        rank,
    })
}

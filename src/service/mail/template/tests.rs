//! Templates as clients write them, and what people fill in.

use super::*;

const TEXT: &str = "Hello {{ data.name | default('friend') }}, {{ action_url }}";

#[expect(clippy::fn_params_excessive_bools, reason = "one yes or no, whose name says it")]
fn variables(data: &str, is_trusted: bool) -> Variables<'_> {
    Variables {
        action_url: "https://invite.test/i/abc".to_owned(),
        unsubscribe_url: None,
        email: "bonny@example.org".to_owned(),
        app_name: "Choir",
        inviter_email: None,
        expires_at: Timestamp::from_millis(1_772_355_900_000),
        locale: "en",
        service: "invite.test",
        contact: None,
        is_party: false,
        data,
        is_trusted,
    }
}

fn template(subject: &str, text: &str, html: Option<&str>) -> Template {
    Template {
        subject: subject.to_owned(),
        text: text.to_owned(),
        html: html.map(str::to_owned),
    }
}

#[test]
fn a_template_needs_the_link_in_every_part() {
    assert_eq!(check("Hi", TEXT, None), Ok(vec![Warning::NoHtml]));
    assert_eq!(
        check("Hi", "no link", None),
        Err(TemplateError::NoLink { part: Part::Text })
    );
    assert_eq!(
        check("Hi", TEXT, Some("<p>no link</p>")),
        Err(TemplateError::NoLink { part: Part::Html })
    );
    let hidden = "{% if data.never %}{{ action_url }}{% endif %}";
    assert_eq!(
        check("Hi", hidden, None),
        Err(TemplateError::NoLink { part: Part::Text })
    );
    for name in ["action_url", "sign_up_url", "sign_in_url"] {
        assert!(check("Hi", &format!("{{{{ {name} }}}}"), None).is_ok(), "{name}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    assert_eq!(
        check("Hi", &format!("{TEXT}\n\n{{{{ app_name | safe }}}}"), None),
        Err(TemplateError::NotAllowed {
            part: Part::Text,
            line: 3
        })
    );
    assert!(matches!(
        check("Hi", &format!("{TEXT}\n{{% if a %}}"), None),
        Err(TemplateError::Unreadable { part: Part::Text, .. })
    ));
    assert_eq!(
        check("", TEXT, None),
        Err(TemplateError::Length {
            part: Part::Subject,
            most: MAX_SUBJECT
        })
    );
    assert_eq!(check("a\nb", TEXT, None), Err(TemplateError::SubjectLines));
    let long = format!("{TEXT}{}", "x".repeat(MAX_PART));
    assert_eq!(
        check("Hi", &long, None),
        Err(TemplateError::Length {
            part: Part::Text,
            most: MAX_PART
        })
    );
    let work = format!("{TEXT}{}", "{{ email }}".repeat(2_700));
    assert!(matches!(
        check("Hi", &work, None),
        Ok(_) | Err(TemplateError::Work { part: Part::Text })
    ));
}

#[test]
fn unknown_names_and_data_in_the_subject_are_told() {
    let text = format!("{TEXT} {{{{ nam }}}} {{{{ data.anything }}}}");
    assert_eq!(
        check("{{ inviter_name }} invites you", &text, None),
        Ok(vec![
            Warning::UnknownVariable("nam".to_owned()),
            Warning::NoHtml,
            Warning::SubjectShowsData
        ])
    );
}

#[test]
fn values_stay_text_whatever_is_in_them() {
    let data = r#"{"name":"<b onclick=\"x\">Ann</b>\r\nBcc: all@x"}"#;
    let template = template(
        "{{ data.name }}",
        TEXT,
        Some("<p title=\"{{ data.name }}\">{{ action_url }}</p>"),
    );
    let shown = template.render(&variables(data, true)).unwrap();
    assert_eq!(
        shown.html.unwrap(),
        "<p title=\"&lt;b onclick=&quot;x&quot;&gt;Ann&lt;&#x2f;b&gt; Bcc: all@x\">https://invite.test/i/abc</p>"
    );
    assert!(!shown.subject.contains(['\r', '\n']) && !shown.text.contains('\r'));
}

#[test]
fn a_client_that_is_not_trusted_writes_no_subject_and_no_address() {
    let data = r#"{"name":"see evil.com","inviter_name":"Ann"}"#;
    let template = template("{{ inviter_name }} {{ data.name }} {{ app_name }}", TEXT, None);
    let shown = template.render(&variables(data, false)).unwrap();
    assert_eq!(shown.subject, "Choir");
    assert_eq!(shown.text, "Hello friend, https://invite.test/i/abc");
    let trusted = template.render(&variables(data, true)).unwrap();
    assert_eq!(trusted.subject, "Ann see evil.com Choir");
}

#[test]
fn our_own_mails_say_who_to_what_and_until_when() {
    let data = r#"{"inviter_name":"Ann","message":"Come & sing","party_name":"The altos"}"#;
    for language in Language::ALL {
        let mut variables = variables(data, false);
        variables.locale = language.tag();
        variables.inviter_email = Some("ann@example.org".to_owned());
        variables.is_party = true;
        let shown = built_in(BuiltIn::Invite, language).render(&variables).unwrap();
        let html = shown.html.unwrap();
        for said in [
            "Ann (ann@example.org)",
            "Choir",
            "The altos",
            "bonny@example.org",
            "https://invite.test/i/abc",
            "Join with a code",
            "09:05",
        ] {
            assert!(shown.text.contains(said), "{language:?}: {said}");
            assert!(html.contains(said), "{language:?}: {said}");
        }
        assert!(shown.text.contains("Come & sing") && html.contains("Come &amp; sing"));
        assert!(shown.subject.contains("Choir") && !shown.subject.contains("Ann"));
        assert!(html.len() < MAX_PART && !shown.text.contains("  \n\n\n"));
    }
}

#[test]
fn the_work_of_a_template_is_bounded() {
    // What the grammar keeps out would be stopped here too.
    let loops = "{% for a in [1,2,3,4,5,6,7,8,9] %}".repeat(6);
    let ends = "{% endfor %}".repeat(6);
    let source = format!("{loops}x{ends}");
    assert_eq!(
        template("Hi", &source, None)
            .render(&variables("{}", true))
            .unwrap_err(),
        TemplateError::Work { part: Part::Text }
    );
}

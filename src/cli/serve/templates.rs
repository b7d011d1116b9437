//! `serve template`: what mails of an application say.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::clients::find;
use super::words;
use crate::cli::args::ServeTemplate;
use crate::cli::output::Output;
use crate::cli::problem::Ending;
use crate::service::api::operator;
use crate::service::database::templates::{self, Template};
use crate::service::mail::template;
use crate::service::state::Service;

#[expect(clippy::too_many_lines, reason = "one line for each case")]
pub(super) async fn template(service: &Service, command: ServeTemplate, output: &Output) -> Result<(), Ending> {
    match command {
        ServeTemplate::Put {
            client,
            alias,
            locale,
            subject,
            text,
            html,
        } => {
            let html = html.as_deref().map(read).transpose()?;
            let template = Template {
                alias,
                locale,
                version: 0,
                subject,
                text: read(&text)?,
                html,
                created_at: service.clock.now(),
            };
            put(service, client, template, output).await
        }
        ServeTemplate::List { client } => {
            find(service, &client).await?;
            let id = client.clone();
            let all = service.database.read(move |connection| {
                Box::pin(async move {
                    let mut all = Vec::new();
                    for alias in templates::aliases(connection, &id).await? {
                        all.extend(templates::newest(connection, &id, &alias).await?);
                    }
                    Ok(all)
                })
            });
            for one in all.await? {
                let text = format!(
                    "{}  {}  version {}: {}",
                    one.alias, one.locale, one.version, one.subject
                );
                output.told(&row(&client, &one, "template"), &text)?;
            }
            Ok(())
        }
        ServeTemplate::Show { client, alias, locale } => {
            let one = newest(service, &client, &alias, &locale).await?;
            let html = one.html.as_ref().map_or_else(String::new, |html| format!("\n\n{html}"));
            output.told(
                &row(&client, &one, "template"),
                &format!("{}\n\n{}{html}", one.subject, one.text),
            )
        }
        ServeTemplate::Preview {
            client,
            alias,
            locale,
            data,
        } => {
            let one = newest(service, &client, &alias, &locale).await?;
            let (named, _secrets) = find(service, &client).await?;
            let data = Value::Object(values(&data)?).to_string();
            let html = one.html.as_deref();
            let shown = template::preview(&one.subject, &one.text, html, &named.name, &locale, &data)
                .map_err(|error| words::template(&error))?;
            let event = json!({
                "event": "template_preview",
                "client": client,
                "alias": alias,
                "locale": locale,
                "subject": shown.subject,
                "text": shown.text,
                "html": shown.html,
            });
            output.told(&event, &format!("Subject: {}\n\n{}", shown.subject, shown.text))
        }
        ServeTemplate::Remove { client, alias, locale } => {
            let (found, _secrets) = find(service, &client).await?;
            if !operator::remove_template(service, found, alias.clone(), locale.clone()).await? {
                return Err(words::no_template(&client, &alias));
            }
            let event = json!({ "event": "template_removed", "client": client, "alias": alias, "locale": locale });
            output.told(&event, &format!("The template {alias} of {client} is gone."))
        }
    }
}

async fn put(service: &Service, client: String, template: Template, output: &Output) -> Result<(), Ending> {
    let (found, _secrets) = find(service, &client).await?;
    let (kept, warnings) = operator::put_template(service, found, template).await?;
    let mut event = row(&client, &kept, "template_put");
    if let Value::Object(fields) = &mut event {
        fields.insert("warnings".to_owned(), json!(warnings));
    }
    let mut text = format!("{} in {} is version {} now.", kept.alias, kept.locale, kept.version);
    for warning in &warnings {
        text += &format!("\n  look: {warning}");
    }
    output.told(&event, &text)
}

async fn newest(service: &Service, client: &str, alias: &str, locale: &str) -> Result<Template, Ending> {
    find(service, client).await?;
    let (id, name) = (client.to_owned(), alias.to_owned());
    let all = service
        .database
        .read(move |connection| Box::pin(async move { templates::newest(connection, &id, &name).await }));
    let found = all.await?.into_iter().find(|one| one.locale == locale);
    found.ok_or_else(|| words::no_template(client, alias))
}

fn row(client: &str, template: &Template, event: &str) -> Value {
    json!({
        "event": event,
        "client": client,
        "alias": template.alias,
        "locale": template.locale,
        "version": template.version,
        "subject": template.subject,
        "text": template.text,
        "html": template.html,
    })
}

/// What a template may use, of words NAME=VALUE.
pub(super) fn values(words: &[String]) -> Result<Map<String, Value>, Ending> {
    let mut values = Map::new();
    for word in words {
        let (name, value) = word.split_once('=').ok_or_else(|| words::not_a_value(word))?;
        values.insert(name.to_owned(), json!(value));
    }
    Ok(values)
}

fn read(path: &Path) -> Result<String, Ending> {
    std::fs::read_to_string(path).map_err(|error| words::unreadable(path, &error))
}

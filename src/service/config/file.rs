//! The configuration file (TOML) and the variables that override it, read into one [`Config`].
//!
//! A key of the file is also a variable: `mail.smtp.host` is `PARTYLINE_SERVE_MAIL_SMTP_HOST`. Every mistake is told with its place, its key and what to write instead.

mod given;
mod parts;

use std::path::Path;

use self::given::Given;
use super::Config;

/// What the names of variables begin with.
pub const PREFIX: &str = "PARTYLINE_SERVE_";

/// The variable that names the configuration file.
pub const CONFIG_VARIABLE: &str = "PARTYLINE_SERVE_CONFIG";

/// Every key that there is, and what may stand behind it.
pub const KEYS: &[(&str, &str)] = &[
    ("issuer", "\"https://invite.example.org\""),
    ("listen", "\"127.0.0.1:8080\""),
    ("metrics", "\"127.0.0.1:9090\""),
    ("folder", "\"/var/lib/partyline-serve\""),
    ("behind_proxy", "true"),
    ("code_life_seconds", "60"),
    ("private_webhooks", "true"),
    ("database.url", "\"postgres://partyline@127.0.0.1/partyline\""),
    (
        "database.password_file",
        "\"/run/credentials/partyline-serve.service/database\"",
    ),
    ("mail.from", "\"Partyline <invites@example.org>\""),
    ("mail.contact", "\"Choir of Example, 1 Main Street, hello@example.org\""),
    ("mail.folder", "\"/var/lib/partyline-serve/mail\""),
    ("mail.smtp.host", "\"mail.example.org\""),
    ("mail.smtp.port", "587"),
    ("mail.smtp.encryption", "\"starttls\""),
    ("mail.smtp.user", "\"invites@example.org\""),
    (
        "mail.smtp.password_file",
        "\"/run/credentials/partyline-serve.service/smtp\"",
    ),
    ("mail.smtp.extra_root", "\"/etc/partyline/mail-ca.pem\""),
    ("mail.smtp.connections", "8"),
    ("mail.dkim.domain", "\"example.org\""),
    ("mail.dkim.selector", "\"partyline\""),
    ("mail.dkim.key", "\"/var/lib/partyline-serve/keys/dkim-partyline.pem\""),
    ("limits.address_per_minute", "1"),
    ("limits.address_per_day", "3"),
    ("limits.domain_per_hour", "500"),
    ("limits.inviter_per_hour", "20"),
    ("limits.inviter_per_day", "100"),
    ("limits.inviter_open", "100"),
    ("limits.pages_per_minute", "60"),
    ("limits.failures_per_minute", "20"),
    ("limits.sign_ins_per_hour", "20"),
    ("limits.requests_per_minute", "300"),
];

/// What is wrong with a configuration: where, which key, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {key} {problem}. Write: {instead}")]
pub struct ConfigError {
    /// `serve.toml, line 12`, or the variable.
    pub place: String,
    /// The key, as in `mail.smtp.port`.
    pub key: String,
    /// What is wrong with it, behind its name.
    pub problem: String,
    /// What to write instead.
    pub instead: String,
}

/// Reads a configuration. `name` is the file's, for what is told of mistakes; paths in it are seen from `base`; `variables` are those of the
/// environment, of which only [`PREFIX`] counts.
///
/// # Errors
///
/// [`ConfigError`], the first that is found.
pub fn read(
    name: &str,
    text: &str,
    base: &Path,
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let given = Given::read(name, text, variables)?;
    parts::config(&given, base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::config::{Encryption, MailWay, Tables};

    const SMALL: &str = "issuer = \"https://invite.example.org\"\nfolder = \"data\"\n[mail]\nfrom = \"a@example.org\"\nfolder = \"mail\"\n";

    fn of(text: &str) -> Result<Config, ConfigError> {
        read("serve.toml", text, Path::new("/srv"), [])
    }

    fn with(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let owned = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read("serve.toml", SMALL, Path::new("/srv"), owned)
    }

    #[test]
    fn the_least_that_is_needed() {
        let config = of(SMALL).unwrap();
        assert_eq!(config.folder, Path::new("/srv/data"));
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(matches!(config.mail.way, MailWay::Folder(folder) if folder == Path::new("/srv/mail")));
        assert_eq!((config.tables, config.metrics), (Tables::Sqlite, None));
    }

    /// The example that operators copy.
    const EXAMPLE: &str = include_str!("../../../assets/serve.toml");

    #[test]
    fn the_example_is_read_and_names_every_key() {
        let config = of(EXAMPLE).unwrap();
        assert!(config.behind_proxy && config.metrics.is_some());
        assert!(matches!(&config.mail.way, MailWay::Smtp(smtp) if smtp.encryption == Encryption::StartTls));

        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "secret").unwrap();
        // With every optional line, but for the two that stand for another way.
        let all: Vec<String> = EXAMPLE
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(line) if line.starts_with("folder") => format!("#{line}"),
                Some(line) if line.starts_with("password_file") => format!("password_file = \"{}\"", secret.display()),
                Some(line) if !line.starts_with(' ') => line.to_owned(),
                _ => line.to_owned(),
            })
            .collect();
        let config = of(&all.join("\n")).unwrap();
        assert!(config.mail.dkim.is_some() && matches!(config.tables, Tables::Postgres(_)));
        assert_eq!(config.limits, crate::service::config::Limits::default());
        for (key, _) in KEYS {
            let last = key.rsplit('.').next().unwrap();
            assert!(
                EXAMPLE
                    .lines()
                    .any(|line| line.trim_start_matches('#').starts_with(&format!("{last} = "))),
                "{key} is not in the example"
            );
        }
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_what_to_write() {
        for (text, told) in [
            (
                "issuer = \"https://a.example\"\nlisten = 8080\n",
                "serve.toml, line 2: listen is not a text in quotes. Write: listen = \"127.0.0.1:8080\"",
            ),
            (
                "isuer = \"x\"\n",
                "serve.toml, line 1: isuer is no key that there is. Write: issuer = \"https://invite.example.org\"",
            ),
            (
                "issuer = \"https://invite.example.org\"\nfolder = \"data\"\n[mail]\nfrom = \"a@example.org\"\n[mail.smtp]\nhost = \"mail.example.org\"\nport = \"many\"\n",
                "serve.toml, line 7: mail.smtp.port is not a whole number. Write: port = 587",
            ),
            (
                "issuer = \"http://invite.example.org\"\n",
                "serve.toml, line 1: issuer is not an https address, or http with 127.0.0.1 or [::1], without a path. Write: issuer = \"https://invite.example.org\"",
            ),
            (
                "folder = \"data\"\n",
                "serve.toml: issuer is missing. Write: issuer = \"https://invite.example.org\"",
            ),
            (
                "folder = data\n",
                "serve.toml, line 1: folder cannot be read as TOML: string values must be quoted, expected literal string. Write: folder = \"/var/lib/partyline-serve\"",
            ),
        ] {
            assert_eq!(of(text).unwrap_err().to_string(), told);
        }
    }

    #[test]
    fn a_variable_counts_more_than_the_file() {
        let config = with(&[
            ("PARTYLINE_SERVE_LISTEN", "[::1]:9000"),
            ("PARTYLINE_SERVE_BEHIND_PROXY", "true"),
            ("PARTYLINE_SERVE_LIMITS_INVITER_OPEN", "7"),
            ("PARTYLINE_SERVE_CONFIG", "elsewhere.toml"),
            ("PARTYLINE_LOG", "debug"),
        ])
        .unwrap();
        assert_eq!(
            (config.listen.to_string().as_str(), config.behind_proxy),
            ("[::1]:9000", true)
        );
        assert_eq!(config.limits.inviter_open, 7);
        let told = |variable: &str, value: &str| with(&[(variable, value)]).unwrap_err().to_string();
        assert_eq!(
            told("PARTYLINE_SERVE_LISTEM", "x"),
            "the variable PARTYLINE_SERVE_LISTEM: it is none that there is. Write: PARTYLINE_SERVE_LISTEN=127.0.0.1:8080"
        );
        assert_eq!(
            told("PARTYLINE_SERVE_CODE_LIFE_SECONDS", "5"),
            "the variable PARTYLINE_SERVE_CODE_LIFE_SECONDS: it is not between 30 and 600. Write: PARTYLINE_SERVE_CODE_LIFE_SECONDS=60"
        );
    }

    #[test]
    fn a_variable_names_another_way_for_mails_and_an_empty_one_takes_a_key_away() {
        let smtp = with(&[("PARTYLINE_SERVE_MAIL_SMTP_HOST", "mail.example.org")]).unwrap();
        assert!(matches!(smtp.mail.way, MailWay::Smtp(smtp) if smtp.host == "mail.example.org"));
        let text = SMALL.replace("folder = \"mail\"\n", "[mail.smtp]\nhost = \"mail.example.org\"\n");
        let variable = |name: &str, value: &str| {
            let given = [(name.to_owned(), value.to_owned())];
            read("serve.toml", &text, Path::new("/srv"), given)
        };
        let folder = variable("PARTYLINE_SERVE_MAIL_FOLDER", "outbox").unwrap();
        assert!(matches!(folder.mail.way, MailWay::Folder(folder) if folder == Path::new("/srv/outbox")));
        let none = variable("PARTYLINE_SERVE_MAIL_SMTP_HOST", "").unwrap_err();
        assert_eq!(
            none.to_string(),
            "serve.toml: mail.smtp.host is missing. Write: mail.smtp.host = \"mail.example.org\""
        );
        let both = SMALL.to_owned() + "[mail.smtp]\nhost = \"mail.example.org\"\n";
        assert!(of(&both).unwrap_err().to_string().contains("two ways"));
    }

    #[test]
    fn secrets_come_from_files_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let secret = folder.path().join("secret");
        std::fs::write(&secret, "p@ss word\n").unwrap();
        let path = secret.display();
        let text = SMALL.replace("folder = \"mail\"\n", "")
            + &format!(
                "[mail.smtp]\nhost = \"mail.example.org\"\nuser = \"u\"\npassword_file = \"{path}\"\n[database]\nurl = \"postgres://partyline@db/partyline\"\npassword_file = \"{path}\"\n"
            );
        let config = of(&text).unwrap();
        assert_eq!(
            config.tables,
            Tables::Postgres("postgres://partyline:p%40ss%20word@db/partyline".to_owned())
        );
        let MailWay::Smtp(smtp) = &config.mail.way else {
            panic!()
        };
        assert_eq!((smtp.port, smtp.encryption), (587, Encryption::StartTls));
        assert_eq!(smtp.login, Some(("u".to_owned(), "p@ss word".to_owned())));
        assert!(!format!("{config:?}").contains("p@ss") && !format!("{config:?}").contains("p%40ss"));
        let inside = text.replace("partyline@db", "partyline:secret@db");
        assert!(of(&inside).unwrap_err().to_string().contains("has a password in it"));
    }
}

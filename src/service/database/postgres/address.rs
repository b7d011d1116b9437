//! Where a PostgreSQL database is: `postgres://USER@HOST:PORT/NAME`, and behind a `?` what libpq knows by these names (PostgreSQL's documentation,
//! 32.1.2).

use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use url::Url;

use super::super::PATIENCE;
use super::trust::Trust;

/// What may stand behind the `?`.
const KNOWN: [&str; 11] = [
    "host",
    "port",
    "user",
    "password",
    "dbname",
    "application_name",
    "options",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
];

/// The port of PostgreSQL.
const PORT: u16 = 5432;

/// What counts where the address does not say it, by its variable.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("PGPASSWORD", "password"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLROOTCERT", "sslrootcert"),
];

/// After so long without a sign that anything arrives a connection is given up; one that is idle is asked for three signs then.
const SILENCE: Duration = Duration::from_secs(20);

/// How long each of the three is waited for.
const BETWEEN_SIGNS: Duration = Duration::from_secs(5);

/// Where it is, and whom one believes there.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) trust: Trust,
}

/// Why an address is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL.
    #[error("the address is not like postgres://USER@HOST/NAME")]
    NotLikeOne,
    /// It says something that nobody knows.
    #[error("the address says {0:?}, which is none of: {known}", known = KNOWN.join(", "))]
    Unknown(String),
    /// It says something that is not possible.
    #[error("the address says {0}={1}, which is not possible")]
    Impossible(&'static str, String),
    /// Any authority of this machine would vouch for anybody.
    #[error(
        "sslmode=verify-ca needs the file of an authority (sslrootcert); with those that this machine knows use verify-full"
    )]
    NoAuthority,
    /// It names a file that cannot be read, or holds nothing of use.
    #[error("the file of {0} does not hold a certificate or key in PEM that can be read")]
    File(&'static str),
}

impl Address {
    /// Reads an address. What the environment says counts where the address does not.
    pub(super) fn read(url: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, AddressError> {
        let url = Url::parse(url).map_err(|_unread| AddressError::NotLikeOne)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(AddressError::NotLikeOne);
        }
        let mut parts = Parts::default();
        for (variable, name) in ENVIRONMENT {
            if let Some(value) = environment(variable) {
                parts.set(name, &value)?;
            }
        }
        parts.read(&url)?;
        for (name, value) in url.query_pairs() {
            let known = KNOWN.into_iter().find(|known| *known == name);
            parts.set(known.ok_or_else(|| AddressError::Unknown(name.into_owned()))?, &value)?;
        }
        parts.address()
    }
}

/// What an address says.
#[derive(Default)]
struct Parts {
    config: Config,
    host: Option<String>,
    port: Option<u16>,
    trust: Trust,
}

impl Parts {
    /// What stands before the `?`.
    fn read(&mut self, url: &Url) -> Result<(), AddressError> {
        self.port = url.port();
        let decoded = |text: &str| {
            let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
            decoded
                .map(|text| text.into_owned())
                .map_err(|_not_utf8| AddressError::NotLikeOne)
        };
        if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
            // As libpq writes an address of IPv6, and not as one connects to it.
            self.host = Some(decoded(host.trim_matches(['[', ']']))?);
        }
        if !url.username().is_empty() {
            self.config.user(decoded(url.username())?);
        }
        if let Some(password) = url.password() {
            self.config.password(decoded(password)?);
        }
        let name = decoded(url.path().trim_start_matches('/'))?;
        if !name.is_empty() {
            self.config.dbname(name);
        }
        Ok(())
    }

    fn set(&mut self, name: &'static str, value: &str) -> Result<(), AddressError> {
        let impossible = || AddressError::Impossible(name, value.to_owned());
        match name {
            "host" => self.host = Some(value.to_owned()),
            "port" => self.port = Some(value.parse().map_err(|_no_number| impossible())?),
            "user" => drop(self.config.user(value)),
            "password" => drop(self.config.password(value)),
            "dbname" => drop(self.config.dbname(value)),
            "application_name" => drop(self.config.application_name(value)),
            "options" => drop(self.config.options(value)),
            "sslrootcert" => self.trust.roots = Some(value.into()),
            "sslcert" => self.trust.certificate = Some(value.into()),
            "sslkey" => self.trust.key = Some(value.into()),
            _ => {
                let (mode, check) = Trust::of_mode(value).ok_or_else(impossible)?;
                self.config.ssl_mode(mode);
                self.trust.check = check;
            }
        }
        Ok(())
    }

    fn address(mut self) -> Result<Address, AddressError> {
        let host = self.host.as_deref().unwrap_or("localhost");
        if host.starts_with('/') {
            // A socket of this machine: nobody stands between.
            self.config.ssl_mode(SslMode::Disable);
        }
        self.config
            .host(host)
            .port(self.port.unwrap_or(PORT))
            .connect_timeout(PATIENCE);
        self.config.tcp_user_timeout(SILENCE).keepalives_idle(SILENCE);
        self.config.keepalives_interval(BETWEEN_SIGNS).keepalives_retries(3);
        if self.config.get_ssl_mode() == SslMode::Require {
            self.trust.check_named_roots()?;
        }
        Ok(Address {
            config: self.config,
            trust: self.trust,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};
    use std::path::PathBuf;

    use tokio_postgres::config::Host;

    use super::super::trust::Check;
    use super::*;

    fn config(url: &str) -> Config {
        read(url).unwrap().config
    }

    fn read(url: &str) -> Result<Address, AddressError> {
        Address::read(url, |_variable| None)
    }

    #[test]
    fn an_address_says_where_and_who() {
        let config = config("postgres://a%40b:p%3Aw@db.example:6543/choir?application_name=x");
        assert_eq!(config.get_hosts(), [Host::Tcp("db.example".to_owned())]);
        assert_eq!(config.get_ports(), [6543]);
        assert_eq!((config.get_user(), config.get_dbname()), (Some("a@b"), Some("choir")));
        assert_eq!(config.get_password(), Some(&b"p:w"[..]));
        assert_eq!(config.get_application_name(), Some("x"));
        assert_eq!(config.get_ssl_mode(), SslMode::Prefer);
    }

    #[test]
    fn a_socket_has_one_place() {
        for url in [
            "postgres://partyline@localhost/choir?host=/run/postgresql",
            "postgres://partyline@%2Frun%2Fpostgresql/choir",
            "postgresql:///choir?host=/run/postgresql&user=partyline&sslmode=require",
        ] {
            let config = config(url);
            assert_eq!(config.get_hosts(), [Host::Unix("/run/postgresql".into())], "{url}");
            assert_eq!(config.get_ports(), [PORT], "{url}");
            assert_eq!(config.get_user(), Some("partyline"), "{url}");
            assert_eq!(config.get_ssl_mode(), SslMode::Disable, "{url}");
        }
    }

    #[test]
    fn what_is_left_out_is_the_usual() {
        let config = config("postgres://[::1]");
        let host = IpAddr::V6(Ipv6Addr::LOCALHOST).to_string();
        assert_eq!(config.get_hosts(), [Host::Tcp(host)]);
        assert_eq!((config.get_ports(), config.get_dbname()), (&[PORT][..], None));
        let environment = |variable: &str| match variable {
            "PGPASSWORD" => Some("of the environment".to_owned()),
            "PGSSLMODE" => Some("verify-full".to_owned()),
            _ => None,
        };
        let given = Address::read("postgres://db", environment).unwrap();
        assert_eq!(given.config.get_password(), Some(&b"of the environment"[..]));
        assert_eq!(given.trust.check, Check::Host);
        let own = Address::read("postgres://a:own@db?sslmode=disable", environment).unwrap();
        assert_eq!(own.config.get_password(), Some(&b"own"[..]));
        assert_eq!(own.config.get_ssl_mode(), SslMode::Disable);
    }

    #[test]
    fn a_mode_is_what_libpq_understands_by_it() {
        for (words, mode, check) in [
            ("sslmode=disable", SslMode::Disable, Check::Nothing),
            ("sslmode=prefer", SslMode::Prefer, Check::Nothing),
            ("sslmode=require", SslMode::Require, Check::Nothing),
            (
                "sslmode=require&sslrootcert=/ca.pem",
                SslMode::Require,
                Check::Authority,
            ),
            (
                "sslmode=verify-ca&sslrootcert=/ca.pem",
                SslMode::Require,
                Check::Authority,
            ),
            ("sslmode=verify-full", SslMode::Require, Check::Host),
            ("sslrootcert=/ca.pem&sslmode=verify-full", SslMode::Require, Check::Host),
        ] {
            let address = read(&format!("postgres://db/a?{words}")).unwrap();
            assert_eq!(
                (address.config.get_ssl_mode(), address.trust.check),
                (mode, check),
                "{words}"
            );
            let roots = words.contains("sslrootcert").then(|| PathBuf::from("/ca.pem"));
            assert_eq!(address.trust.roots, roots, "{words}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_by_name() {
        let refused = |url| read(url).unwrap_err();
        for url in ["", "db", "mysql://db", "postgres", "postgres://%ff/a"] {
            assert_eq!(refused(url), AddressError::NotLikeOne, "{url}");
        }
        assert_eq!(refused("postgres://db?sslmode=verify-ca"), AddressError::NoAuthority);
        let unknown = AddressError::Unknown("sslmodus".to_owned());
        assert_eq!(refused("postgres://db?sslmodus=require"), unknown);
        for (url, name, value) in [
            ("postgres://db?port=x", "port", "x"),
            ("postgres://db?sslmode=strict", "sslmode", "strict"),
        ] {
            assert_eq!(refused(url), AddressError::Impossible(name, value.to_owned()), "{url}");
        }
    }
}

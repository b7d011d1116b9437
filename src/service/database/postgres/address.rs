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

/// After so long without an answer to what was sent, or to a sign of life, a connection is given up.
const SILENCE: Duration = Duration::from_secs(20);

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
    /// It names a file that cannot be read, or holds nothing of use.
    #[error("the file of {0} does not hold a certificate or key in PEM that can be read")]
    File(&'static str),
}

impl Address {
    /// Reads an address. `password` counts if it has none of its own.
    pub(super) fn read(url: &str, password: Option<&str>) -> Result<Self, AddressError> {
        let url = Url::parse(url).map_err(|_unread| AddressError::NotLikeOne)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(AddressError::NotLikeOne);
        }
        let mut parts = Parts::of(&url)?;
        for (name, value) in url.query_pairs() {
            let known = KNOWN.into_iter().find(|known| *known == name);
            parts.set(known.ok_or_else(|| AddressError::Unknown(name.into_owned()))?, &value)?;
        }
        Ok(parts.address(password))
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
    fn of(url: &Url) -> Result<Self, AddressError> {
        let mut parts = Self {
            port: url.port(),
            ..Self::default()
        };
        let decoded = |text: &str| {
            let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
            decoded
                .map(|text| text.into_owned())
                .map_err(|_not_utf8| AddressError::NotLikeOne)
        };
        if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
            // As libpq writes an address of IPv6, and not as one connects to it.
            parts.host = Some(decoded(host.trim_matches(['[', ']']))?);
        }
        if !url.username().is_empty() {
            parts.config.user(decoded(url.username())?);
        }
        if let Some(password) = url.password() {
            parts.config.password(decoded(password)?);
        }
        let name = decoded(url.path().trim_start_matches('/'))?;
        if !name.is_empty() {
            parts.config.dbname(name);
        }
        Ok(parts)
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

    fn address(mut self, password: Option<&str>) -> Address {
        if let (None, Some(password)) = (self.config.get_password(), password) {
            self.config.password(password);
        }
        self.config.host(self.host.as_deref().unwrap_or("localhost"));
        self.config.port(self.port.unwrap_or(PORT));
        self.config
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(SILENCE);
        if self.config.get_ssl_mode() == SslMode::Require {
            self.trust.check_named_roots();
        }
        Address {
            config: self.config,
            trust: self.trust,
        }
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
        Address::read(url, None).unwrap().config
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
            "postgresql:///choir?host=/run/postgresql&user=partyline",
        ] {
            let config = config(url);
            assert_eq!(config.get_hosts(), [Host::Unix("/run/postgresql".into())], "{url}");
            assert_eq!(config.get_ports(), [PORT], "{url}");
            assert_eq!(config.get_user(), Some("partyline"), "{url}");
        }
    }

    #[test]
    fn what_is_left_out_is_the_usual() {
        let config = config("postgres://[::1]");
        let host = IpAddr::V6(Ipv6Addr::LOCALHOST).to_string();
        assert_eq!(config.get_hosts(), [Host::Tcp(host)]);
        assert_eq!((config.get_ports(), config.get_dbname()), (&[PORT][..], None));
        let read = |url| Address::read(url, Some("of the environment")).unwrap().config;
        let given = read("postgres://db");
        assert_eq!(given.get_password(), Some(&b"of the environment"[..]));
        let own = read("postgres://a:own@db");
        assert_eq!(own.get_password(), Some(&b"own"[..]));
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
            ("sslmode=verify-ca", SslMode::Require, Check::Authority),
            ("sslrootcert=/ca.pem&sslmode=verify-full", SslMode::Require, Check::Host),
        ] {
            let address = Address::read(&format!("postgres://db/a?{words}"), None).unwrap();
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
        let refused = |url| Address::read(url, None).unwrap_err();
        for url in ["", "db", "mysql://db", "postgres", "postgres://%ff/a"] {
            assert_eq!(refused(url), AddressError::NotLikeOne, "{url}");
        }
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

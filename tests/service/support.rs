//! A service on a free port of this machine, with a clock that the test moves.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use partyline::service::client::{ClientKind, DeadLink, OAuthClient, SignUp, SigningAlgorithm, SubjectType};
use partyline::service::clock::Clock;
use partyline::service::config::{Config, Limits, Mail, MailWay, Tables};
use partyline::service::database::clients;
use partyline::service::database::clients::SecretCodes;
use partyline::service::run;
use partyline::service::state::Service;
use partyline::time::Timestamp;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

/// Where the tests' PostgreSQL is, like `postgres://partyline@127.0.0.1:5433/postgres`.
const POSTGRES: &str = "PARTYLINE_TEST_POSTGRES";

/// 2026-01-01T00:00:00Z, when every test begins.
const BEGIN: u64 = 1_767_225_600_000;

/// The secret of every confidential client that a test registers.
pub(crate) const SECRET: &str = "pls_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

/// The kinds of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A running service.
pub(crate) struct Served {
    pub kind: Kind,
    pub service: Service,
    /// Its address on this machine, which is its issuer too.
    pub issuer: String,
    /// Follows no redirect.
    pub http: reqwest::Client,
    now: Arc<AtomicU64>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinSet<()>,
    pub folder: Arc<TempDir>,
}

/// Runs a story once with SQLite and, where there is one, once with PostgreSQL.
pub(crate) fn on_both<F: Future<Output = ()>>(story: impl Fn(Served) -> F) {
    on_both_with(|_config| (), story);
}

/// As [`on_both`], after `change` to the configuration.
pub(crate) fn on_both_with<F: Future<Output = ()>>(change: impl Fn(&mut Config), story: impl Fn(Served) -> F) {
    let runtime = runtime();
    runtime.block_on(async { story(Served::start(Kind::Sqlite, Tables::Sqlite, &change).await).await });
    match std::env::var(POSTGRES) {
        Err(_unset) => println!("SKIPPED with PostgreSQL: {POSTGRES} is not set"),
        Ok(server) => runtime.block_on(async {
            let database = new_database(&server).await;
            let url = with_database(&server, &database);
            story(Served::start(Kind::Postgres, Tables::Postgres(url), &change).await).await;
            drop_database(&server, &database).await;
        }),
    }
}

/// Runs a story that no database has a part in.
pub(crate) fn on_sqlite<F: Future<Output = ()>>(story: impl Fn(Served) -> F) {
    let nothing = |_config: &mut Config| ();
    runtime().block_on(async { story(Served::start(Kind::Sqlite, Tables::Sqlite, &nothing).await).await });
}

pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

impl Served {
    async fn start(kind: Kind, tables: Tables, change: &impl Fn(&mut Config)) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        put_keys(&folder.path().join("keys"));
        let now = Arc::new(AtomicU64::new(BEGIN));
        Self::start_in(kind, tables, folder, now, change).await
    }

    async fn start_in(
        kind: Kind,
        tables: Tables,
        folder: Arc<TempDir>,
        now: Arc<AtomicU64>,
        change: &impl Fn(&mut Config),
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = format!("http://{address}");
        let mut config = Config {
            issuer: issuer.clone(),
            listen: address,
            metrics: None,
            folder: folder.path().to_owned(),
            tables,
            mail: Mail {
                from: "Partyline <invites@example.org>".to_owned(),
                contact: None,
                way: MailWay::Folder(folder.path().join("mail")),
                dkim: None,
            },
            behind_proxy: false,
            limits: Limits::default(),
            code_life: Duration::from_secs(60),
            private_webhooks: false,
        };
        change(&mut config);
        let told = Arc::clone(&now);
        let clock = Clock::new(move || Timestamp::from_millis(told.load(Ordering::SeqCst)));
        let ready = run::open(config, clock)
            .await
            .unwrap()
            .with_desktop_app()
            .await
            .unwrap();
        let service = ready.service.clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let mut task = JoinSet::new();
        task.spawn(async move {
            ready.serve(listener, async move { drop(stopped.await) }).await.unwrap();
        });
        let http = http();
        Self {
            kind,
            service,
            issuer,
            http,
            now,
            stop: Some(stop),
            task,
            folder,
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, duration: Duration) {
        self.now
            .fetch_add(u64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the clock back.
    pub(crate) fn go_back(&self, duration: Duration) {
        self.now
            .fetch_sub(u64::try_from(duration.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// The moment it is.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }

    /// The whole address of a path.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Gets a path.
    pub(crate) async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(self.at(path)).send().await.unwrap()
    }

    /// Registers a confidential client with [`SECRET`] that is answered at `redirect`.
    pub(crate) async fn register(&self, id: &str, redirect: &str) -> OAuthClient {
        self.register_as(client(id, ClientKind::Confidential), redirect).await
    }

    /// Registers a client that is answered at `redirect`.
    pub(crate) async fn register_as(&self, client: OAuthClient, redirect: &str) -> OAuthClient {
        let code = self.service.keys.pepper.code_of_secret(SECRET);
        let current = (client.kind == ClientKind::Confidential).then_some(code);
        let (added, redirect, now) = (client.clone(), redirect.to_owned(), self.now());
        let written = self.service.database.write(move |connection| {
            Box::pin(async move {
                clients::add(connection, &added, &SecretCodes { current, next: None }, now).await?;
                clients::add_redirect(connection, &added.id, &redirect).await
            })
        });
        written.await.unwrap();
        client
    }

    /// Stops it as an operator does, and waits until it has.
    pub(crate) async fn stop(&mut self) {
        drop(self.stop.take());
        while let Some(ended) = self.task.join_next().await {
            ended.unwrap();
        }
    }

    /// Stops it and starts it again on the same folder and tables, at another port.
    pub(crate) async fn restart(mut self) -> Self {
        self.stop().await;
        let tables = self.service.config.tables.clone();
        let (kind, folder, now) = (self.kind, Arc::clone(&self.folder), Arc::clone(&self.now));
        drop(self);
        Self::start_in(kind, tables, folder, now, &|_config| ()).await
    }
}

/// A client that a test registers.
pub(crate) fn client(id: &str, kind: ClientKind) -> OAuthClient {
    OAuthClient {
        id: id.to_owned(),
        name: "Choir".to_owned(),
        kind,
        redirect_uris: Vec::new(),
        initiate_login_uri: None,
        dead_link: DeadLink::Redirect,
        locale: "en".to_owned(),
        algorithm: SigningAlgorithm::Es256,
        subject_type: SubjectType::Public,
        is_trusted: false,
        sign_up: SignUp::InviteOnly,
        invites_per_minute: 1_000_000,
        invites_per_day: 1_000_000,
        webhook_url: None,
        is_disabled: false,
    }
}

/// The tests' RSA key, as making one takes seconds in a build without optimisation.
pub(crate) fn put_keys(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join("sign-RS256-0000.p8");
    std::fs::write(&path, include_bytes!("rs256.p8")).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// Asks without following redirects.
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .tls_backend_preconfigured(no_tls())
        .build()
        .unwrap()
}

/// These tests speak no TLS; reqwest asks for a configuration all the same.
fn no_tls() -> rustls::ClientConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    config
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// A new, empty database of the tests' PostgreSQL.
pub(crate) struct FreshPostgres {
    server: String,
    name: String,
    pub url: String,
}

impl FreshPostgres {
    /// None, with a word about it, where there is no PostgreSQL.
    pub(crate) async fn make() -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES) else {
            println!("SKIPPED with PostgreSQL: {POSTGRES} is not set");
            return None;
        };
        let name = new_database(&server).await;
        let url = with_database(&server, &name);
        Some(Self { server, name, url })
    }

    pub(crate) async fn drop(self) {
        drop_database(&self.server, &self.name).await;
    }
}

async fn new_database(server: &str) -> String {
    let name = format!("t_{:016x}", rand::random::<u64>());
    on_server(server, format!("CREATE DATABASE {name}")).await;
    name
}

async fn drop_database(server: &str, name: &str) {
    on_server(server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

async fn on_server(server: &str, statement: String) {
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.unwrap();
    let talking = tokio::spawn(connection);
    client.batch_execute(&statement).await.unwrap();
    drop(client);
    talking.await.unwrap().unwrap();
}

fn with_database(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.to_string()
}

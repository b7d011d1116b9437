//! Whom the service believes to be its PostgreSQL, by `sslmode`, with a server that shows a certificate of an authority of its own.

use partyline::service::database::{Database, DatabaseError, query_scalar};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::own_postgres::OwnPostgres;
use crate::support::runtime;

/// An authority, and a certificate of it for `localhost`: all in PEM.
struct Certificates {
    authority: String,
    certificate: String,
    key: String,
}

fn certificates() -> Certificates {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    Certificates {
        authority: authority.pem(),
        certificate: certificate.pem(),
        key: key.serialize_pem(),
    }
}

/// Whether the connection is encrypted.
async fn speaks_tls(url: &str) -> Result<bool, DatabaseError> {
    let database = Database::postgres(url).await?;
    let read = database.read(|connection| {
        Box::pin(async move {
            let found = query_scalar::<i64>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
            Ok(found.fetch_one(connection).await?)
        })
    });
    let speaks = read.await;
    database.close().await;
    Ok(speaks? == 1)
}

#[test]
fn each_mode_believes_whom_it_should() {
    let (right, wrong) = (certificates(), certificates());
    let Some(postgres) = OwnPostgres::start_with_tls(&right.certificate, &right.key) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, pem: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path.display().to_string()
    };
    let (right, wrong) = (file("right.pem", &right.authority), file("wrong.pem", &wrong.authority));
    runtime().block_on(async {
        for (host, words, expected) in [
            ("127.0.0.1", String::new(), Some(true)),
            ("127.0.0.1", "?sslmode=disable".to_owned(), Some(false)),
            ("127.0.0.1", "?sslmode=require".to_owned(), Some(true)),
            ("127.0.0.1", format!("?sslmode=require&sslrootcert={wrong}"), None),
            (
                "127.0.0.1",
                format!("?sslmode=verify-ca&sslrootcert={right}"),
                Some(true),
            ),
            ("127.0.0.1", format!("?sslmode=verify-ca&sslrootcert={wrong}"), None),
            ("127.0.0.1", format!("?sslmode=verify-full&sslrootcert={right}"), None),
            (
                "localhost",
                format!("?sslmode=verify-full&sslrootcert={right}"),
                Some(true),
            ),
            ("localhost", format!("?sslmode=verify-full&sslrootcert={wrong}"), None),
            ("localhost", "?sslmode=verify-full".to_owned(), None),
        ] {
            let url = postgres.url_at(host) + &words;
            match (speaks_tls(&url).await, expected) {
                (Ok(found), Some(expected)) => assert_eq!(found, expected, "{url}"),
                (Err(DatabaseError::Open { .. }), None) => {}
                (found, _) => panic!("{url}: {found:?}"),
            }
        }
    });
}

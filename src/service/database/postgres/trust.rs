//! Which server PostgreSQL's `sslmode` believes to be the right one (PostgreSQL's documentation, 32.19.3).

use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;

use super::AddressError;

/// Whom one believes.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust {
    pub(super) check: Check,
    /// PEM of the authorities that count; those of this machine if there is none.
    pub(super) roots: Option<PathBuf>,
    /// What the client shows of itself.
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

/// What is looked at of a server's certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing: what is sent is hidden from who only listens.
    #[default]
    Nothing,
    /// Who has signed it.
    Authority,
    /// That, and that it names this host.
    Host,
}

impl Trust {
    /// What libpq understands by a word of `sslmode`.
    pub(super) fn of_mode(word: &str) -> Option<(SslMode, Check)> {
        Some(match word {
            "disable" => (SslMode::Disable, Check::Nothing),
            "allow" | "prefer" => (SslMode::Prefer, Check::Nothing),
            "require" => (SslMode::Require, Check::Nothing),
            "verify-ca" => (SslMode::Require, Check::Authority),
            "verify-full" => (SslMode::Require, Check::Host),
            _ => return None,
        })
    }

    /// `require` with a file of authorities is `verify-ca`, as with libpq; and that is worth nothing without one.
    pub(super) const fn check_named_roots(&mut self) -> Result<(), AddressError> {
        match (self.check, &self.roots) {
            (Check::Nothing, Some(_)) => self.check = Check::Authority,
            (Check::Authority, None) => return Err(AddressError::NoAuthority),
            _ => {}
        }
        Ok(())
    }

    /// TLS as this wants it.
    pub(super) fn tls(&self) -> Result<ClientConfig, AddressError> {
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier {
            algorithms: provider.signature_verification_algorithms,
            authorities: self.authorities(&provider)?,
            check: self.check,
        };
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_none| AddressError::File("sslmode"))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let Some(path) = &self.certificate else {
            return Ok(config.with_no_client_auth());
        };
        let chain = certificates(path).ok_or(AddressError::File("sslcert"))?;
        let key = PrivateKeyDer::from_pem_file(self.key.as_ref().unwrap_or(path));
        let key = key.map_err(|_unread| AddressError::File("sslkey"))?;
        let config = config.with_client_auth_cert(chain, key);
        config.map_err(|_not_its_key| AddressError::File("sslkey"))
    }

    fn authorities(&self, provider: &Arc<CryptoProvider>) -> Result<Option<Arc<WebPkiServerVerifier>>, AddressError> {
        if self.check == Check::Nothing {
            return Ok(None);
        }
        let found = match &self.roots {
            Some(path) => certificates(path).ok_or(AddressError::File("sslrootcert"))?,
            None => rustls_native_certs::load_native_certs().certs,
        };
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found);
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
        // There is no certificate among them.
        verifier.map(Some).map_err(|_empty| AddressError::File("sslrootcert"))
    }
}

fn certificates(path: &PathBuf) -> Option<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).ok()?.collect();
    found.ok().filter(|found| !found.is_empty())
}

#[derive(Debug)]
struct Verifier {
    algorithms: WebPkiSupportedAlgorithms,
    authorities: Option<Arc<WebPkiServerVerifier>>,
    check: Check,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(authorities) = &self.authorities else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified = authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            // The name comes last: all before it was right.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Authority => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

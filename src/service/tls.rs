//! Whose cryptography TLS uses.

use rustls::crypto::{CryptoProvider, ring};

/// Makes it ring's for this process, unless it is somebody's already.
pub(super) fn provide() {
    if CryptoProvider::get_default().is_none() {
        // Whoever was faster has installed the same.
        drop(ring::default_provider().install_default());
    }
}

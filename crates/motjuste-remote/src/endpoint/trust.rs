//! Which certificates are trusted besides the machine's own.

use std::path::Path;
use std::sync::Arc;

use motjuste::error::Setting;
use motjuste::{Error, Result};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// A configuration that trusts the certificates in a file (PEM) as well: those of authorities, and a server's own
/// that it signed itself.
pub(super) fn with_file(path: &Path) -> Result<ClientConfig> {
    let refuse = |why: String| {
        let message = format!("the certificates in {} cannot be used: {why}", path.display());
        Error::configuration(message)
            .with_help("give a file of certificates in PEM form (-----BEGIN CERTIFICATE-----)")
            .with_setting(Setting::CaFile)
    };
    let text = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let given: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|error| refuse(error.to_string()))?;
    if given.is_empty() {
        return Err(refuse("it holds none".to_owned()));
    }
    config(given).map_err(|error| refuse(error.to_string()))
}

fn config(given: Vec<CertificateDer<'static>>) -> Result<ClientConfig, Box<dyn std::error::Error>> {
    let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots.add_parsable_certificates(given.iter().cloned());
    let others =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build()?;
    let verifier = Arc::new(Given { certificates: given, others });
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

/// Trusts a server whose certificate is one of the given ones, byte for byte, and else those that a trusted
/// authority has signed. Most certificates that a server signed itself are marked as an authority's, and no
/// verification of chains takes such a one for a server's. That the server holds its key is verified in any case.
#[derive(Debug)]
struct Given {
    certificates: Vec<CertificateDer<'static>>,
    others: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for Given {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.certificates.iter().any(|given| given.as_ref() == certificate.as_ref()) {
            return Ok(ServerCertVerified::assertion());
        }
        self.others.verify_server_cert(certificate, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.others.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.others.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.others.supported_verify_schemes()
    }
}

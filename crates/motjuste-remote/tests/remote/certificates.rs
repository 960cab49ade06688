//! Servers behind certificates that this machine does not trust, until it is told to.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use motjuste::Error;
use motjuste::error::Setting;
use motjuste::model::Model;
use motjuste_remote::{Address, Endpoint, Environment, RemoteModel, Settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::server::request;

const HI: &str = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#;

struct Secured {
    base: String,
    connections: Arc<AtomicUsize>,
    folder: TempDir,
}

impl Secured {
    /// A server with this certificate; `trusted` is written to a file.
    async fn start(certificate: CertificateDer<'static>, key: &KeyPair, trusted: &str) -> Self {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://{}/v1", listener.local_addr().unwrap());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("trusted.pem"), trusted).unwrap();
        let (connections, acceptor) =
            (Arc::<AtomicUsize>::default(), TlsAcceptor::from(Arc::new(config)));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answer(acceptor.clone(), stream));
            }
        });
        Self { base, connections, folder }
    }

    /// A server that signed its certificate itself, as `openssl req -x509` does: marked as an authority's.
    async fn self_signed() -> Self {
        let key = KeyPair::generate().unwrap();
        let certificate = authority().self_signed(&key).unwrap();
        Self::start(certificate.der().clone(), &key, &certificate.pem()).await
    }

    /// A server whose certificate an authority has signed.
    async fn signed() -> Self {
        let authority =
            CertifiedIssuer::self_signed(authority(), KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority).unwrap();
        Self::start(certificate.der().clone(), &key, &authority.pem()).await
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("trusted.pem")
    }

    async fn ask(&self, settings: Settings) -> Result<String, Error> {
        let address = Address::new("ollama/m").at(&self.base);
        let model = RemoteModel::at(Endpoint::open(&address, &settings)?, &address)?;
        Ok(model.answer(&request()).await?.text)
    }
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

async fn answer(acceptor: TlsAcceptor, stream: tokio::net::TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut buffer = Vec::new();
    while !buffer.ends_with(b"}") {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
    let head =
        format!("HTTP/1.1 200 x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", HI.len());
    stream.write_all((head + HI).as_bytes()).await?;
    stream.shutdown().await
}

fn trusting(environment: Environment, ca_file: Option<PathBuf>) -> Settings {
    Settings { environment, ca_file, ..Settings::default() }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_one_attempt_with_the_right_advice() {
    for server in [Secured::self_signed().await, Secured::signed().await] {
        let error = server.ask(trusting(Environment::of([]), None)).await.unwrap_err();
        assert!(!error.is_transient() && !error.may_be_billed(), "{error}");
        assert_eq!(error.setting(), Some(&Setting::CaFile), "{error}");
        assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_given_certificate_is_trusted_an_authoritys_or_the_servers_own() {
    for server in [Secured::self_signed().await, Secured::signed().await] {
        let given = trusting(Environment::of([]), Some(server.file()));
        assert_eq!(server.ask(given).await.unwrap(), "hi");
        let file = server.file();
        let variables = Environment::of([("SSL_CERT_FILE", file.to_str().unwrap())]);
        assert_eq!(server.ask(trusting(variables, None)).await.unwrap(), "hi");
    }
    let (one, other) = (Secured::self_signed().await, Secured::self_signed().await);
    let given = trusting(Environment::of([]), Some(other.file()));
    assert!(one.ask(given).await.is_err(), "another server's certificate");
}

#[tokio::test]
async fn a_file_without_certificates_is_refused() {
    let server = Secured::self_signed().await;
    std::fs::write(server.file(), "nothing").unwrap();
    for file in [server.file(), server.folder.path().join("absent")] {
        let error = server.ask(trusting(Environment::of([]), Some(file))).await.unwrap_err();
        assert!(error.is_configuration() && error.setting() == Some(&Setting::CaFile), "{error}");
    }
}

#[tokio::test]
async fn https_to_a_server_without_tls_is_told_as_that() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let address = Address::new("ollama/m").at(address);
    let endpoint = Endpoint::open(&address, &trusting(Environment::of([]), None)).unwrap();
    let error = RemoteModel::at(endpoint, &address).unwrap().answer(&request()).await.unwrap_err();
    assert!(error.help().unwrap().contains("speak no TLS"), "{error}: {:?}", error.help());
    assert!(!error.is_transient(), "{error}");
}

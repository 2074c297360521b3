//! TLS for both roles.

use crate::{Deviation, Deviations};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

/// What stands for the path of certificates that come from no file.
const GIVEN: &str = "(the text given)";

/// Something about TLS went wrong.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not PEM.
    #[error("{} is not PEM: {reason}", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file holds no certificate.
    #[error("{} holds no certificate", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file holds no private key.
    #[error("{} holds no private key", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// A certificate to be trusted cannot be used.
    #[error("a certificate in {} cannot be trusted: {source}", path.display())]
    UnusableRoot {
        /// The file.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// The system has no certificates to trust, or none that can be read.
    #[error("the system has no certificates to trust{}", reasons(.errors))]
    NoSystemRoots {
        /// What was tried, and why it failed.
        errors: Vec<String>,
    },
    /// Certificate and private key cannot be used together.
    #[error("certificate and private key cannot be used: {source}")]
    UnusableIdentity {
        /// Why.
        source: rustls::Error,
    },
    /// No throw-away certificate can be made for these names.
    #[error("no certificate can be made: {reason}")]
    NotIssued {
        /// Why.
        reason: String,
    },
    /// This is no name of a server.
    #[error("{name:?} is no host name or address that a certificate can have")]
    InvalidServerName {
        /// The name.
        name: String,
    },
    /// The TLS handshake failed: the peer's certificate is not trusted, or it does not speak TLS.
    #[error("the TLS handshake failed: {source}")]
    Handshake {
        /// Why.
        source: io::Error,
    },
}

impl TlsError {
    /// Whether the peer's certificate was not accepted: it is not trusted, or for another name.
    pub fn is_about_trust(&self) -> bool {
        let Self::Handshake { source } = self else {
            return false;
        };
        let inner = source.get_ref().and_then(|error| error.downcast_ref());
        matches!(inner, Some(rustls::Error::InvalidCertificate(_)))
    }
}

fn reasons(errors: &[String]) -> String {
    match errors {
        [] => String::new(),
        _ => format!(": {}", errors.join("; ")),
    }
}

/// A certificate chain and the private key that belongs to it.
#[derive(Debug)]
pub struct Identity {
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pem: Option<(String, String)>,
}

impl Identity {
    /// Reads a chain, the server's own certificate first, and its key from PEM files.
    ///
    /// # Errors
    /// [`TlsError::Unreadable`], [`TlsError::NotPem`], [`TlsError::NoCertificate`],
    /// [`TlsError::NoKey`].
    pub fn from_files(certificates: &Path, key: &Path) -> Result<Self, TlsError> {
        let chain = read_certificates(certificates)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
            pem::Error::NoItemsFound => TlsError::NoKey {
                path: key.to_owned(),
            },
            error => unreadable(key, error),
        })?;
        Ok(Self {
            certificates: chain,
            key,
            pem: None,
        })
    }

    /// Makes a certificate for `names`, host names or addresses, that nobody has reason to trust.
    ///
    /// # Errors
    /// [`TlsError::NotIssued`].
    pub fn throw_away(names: &[String]) -> Result<Self, TlsError> {
        let issued = rcgen::generate_simple_self_signed(names).map_err(|error| {
            let reason = error.to_string();
            TlsError::NotIssued { reason }
        })?;
        let pem = (issued.cert.pem(), issued.signing_key.serialize_pem());
        Ok(Self {
            certificates: vec![issued.cert.der().clone()],
            key: PrivateKeyDer::Pkcs8(issued.signing_key.serialize_der().into()),
            pem: Some(pem),
        })
    }

    /// Makes a certificate for `names`, host names or addresses, and an authority that has issued
    /// it and is known to nobody: strict clients take no certificate that has issued itself. Gives
    /// the authority's certificate too, as PEM, for clients to trust.
    ///
    /// # Errors
    /// [`TlsError::NotIssued`].
    pub fn issued_by_nobody(names: &[String]) -> Result<(Self, String), TlsError> {
        let authority = Authority::throw_away()?;
        Ok((authority.issue(names)?, authority.pem()))
    }

    /// Certificate and key of a throw-away certificate as PEM, for saving them.
    pub fn pem(&self) -> Option<(&str, &str)> {
        let (certificate, key) = self.pem.as_ref()?;
        Some((certificate, key))
    }
}

/// An authority that is known to nobody, and issues certificates for tests.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// Makes one.
    ///
    /// # Errors
    /// [`TlsError::NotIssued`].
    pub fn throw_away() -> Result<Self, TlsError> {
        let made = || {
            let key = KeyPair::generate()?;
            // Two of them have two names, lest the one be looked for under the other's.
            let number = key.public_key_raw().iter().rev().take(4);
            let number: String = number.map(|octet| format!("{octet:02x}")).collect();
            let mut authority = CertificateParams::new(Vec::new())?;
            authority.distinguished_name = common_name(&format!("throw-away authority {number}"));
            authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
            authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            CertifiedIssuer::self_signed(authority, key)
        };
        let issuer = made().map_err(not_issued)?;
        Ok(Self { issuer })
    }

    /// Its certificate as PEM, for clients to trust.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Issues a certificate for `names`, host names or addresses.
    ///
    /// # Errors
    /// [`TlsError::NotIssued`].
    pub fn issue(&self, names: &[String]) -> Result<Identity, TlsError> {
        self.sign(names, |_| {}).map_err(not_issued)
    }

    /// Issues a certificate that was good for the year 2001.
    ///
    /// # Errors
    /// [`TlsError::NotIssued`].
    pub fn issue_expired(&self, names: &[String]) -> Result<Identity, TlsError> {
        let in_the_past = |server: &mut CertificateParams| {
            server.not_before = rcgen::date_time_ymd(2001, 1, 1);
            server.not_after = rcgen::date_time_ymd(2001, 12, 31);
        };
        self.sign(names, in_the_past).map_err(not_issued)
    }

    fn sign(
        &self,
        names: &[String],
        alter: impl FnOnce(&mut CertificateParams),
    ) -> Result<Identity, rcgen::Error> {
        let mut server = CertificateParams::new(names)?;
        server.distinguished_name = common_name("throw-away server");
        server.use_authority_key_identifier_extension = true;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        alter(&mut server);
        let key = KeyPair::generate()?;
        let certificate = server.signed_by(&key, &self.issuer)?;
        Ok(Identity {
            certificates: vec![certificate.der().clone()],
            key: PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            pem: Some((certificate.pem(), key.serialize_pem())),
        })
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

fn common_name(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

#[expect(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn not_issued(error: rcgen::Error) -> TlsError {
    let reason = error.to_string();
    TlsError::NotIssued { reason }
}

/// Which certificates a client trusts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Trust {
    /// Those that the system trusts.
    #[default]
    System,
    /// Those in this PEM file, and no others.
    File(PathBuf),
    /// Those in this PEM text, and no others.
    Pem(String),
    /// Any, for whatever name: there is no telling who answers.
    Anything,
}

/// How a client speaks TLS.
#[derive(Clone)]
pub struct TlsClient {
    connector: TlsConnector,
}

impl TlsClient {
    /// A client that trusts these certificates.
    ///
    /// # Errors
    /// [`TlsError::Unreadable`], [`TlsError::NotPem`], [`TlsError::NoCertificate`],
    /// [`TlsError::UnusableRoot`], [`TlsError::NoSystemRoots`].
    pub fn new(trust: &Trust) -> Result<Self, TlsError> {
        Self::deviating(trust, Deviations::NONE)
    }

    /// The same, departing from the RFC.
    ///
    /// # Errors
    /// As [`TlsClient::new`].
    pub fn deviating(trust: &Trust, deviations: Deviations) -> Result<Self, TlsError> {
        let sends_name = !deviations.include(Deviation::OmitServerName);
        let trust = match deviations.include(Deviation::TrustAnyCertificate) {
            true => &Trust::Anything,
            false => trust,
        };
        let roots = match trust {
            Trust::System => system_roots()?,
            Trust::File(path) => roots_of(read_certificates(path)?, path)?,
            Trust::Pem(text) => roots_of(parse_certificates(text.as_bytes())?, Path::new(GIVEN))?,
            Trust::Anything => {
                return Ok(Self::trusting(Arc::new(TrustAnything::new()), sends_name));
            }
        };
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .expect("there are roots and no revocation lists");
        Ok(Self::trusting(verifier, sends_name))
    }

    fn trusting(verifier: Arc<dyn ServerCertVerifier>, sends_name: bool) -> Self {
        let mut config = rustls::ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        config.enable_sni = sends_name;
        Self {
            connector: TlsConnector::from(Arc::new(config)),
        }
    }

    /// Speaks TLS over `stream` with the server called `name`, a host name or an address, which
    /// is also sent to it if it is a host name (SNI, RFC 6455 §4.1).
    ///
    /// # Errors
    /// [`TlsError::InvalidServerName`], [`TlsError::Handshake`].
    pub async fn connect(
        &self,
        stream: TcpStream,
        name: &str,
    ) -> Result<TlsStream<TcpStream>, TlsError> {
        let server_name = ServerName::try_from(name.to_owned()).map_err(|_| {
            let name = name.to_owned();
            TlsError::InvalidServerName { name }
        })?;
        match self.connector.connect(server_name, stream).await {
            Ok(stream) => Ok(TlsStream::Client(stream)),
            Err(source) => Err(TlsError::Handshake { source }),
        }
    }
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsClient").finish_non_exhaustive()
    }
}

/// How a server speaks TLS.
#[derive(Clone)]
pub struct TlsServer {
    acceptor: TlsAcceptor,
}

impl TlsServer {
    /// A server that shows this identity and asks its clients for none.
    ///
    /// # Errors
    /// [`TlsError::UnusableIdentity`].
    pub fn new(identity: Identity) -> Result<Self, TlsError> {
        let config = rustls::ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_single_cert(identity.certificates, identity.key)
            .map_err(|source| TlsError::UnusableIdentity { source })?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    /// Speaks TLS over `stream`, as it was accepted.
    ///
    /// # Errors
    /// [`TlsError::Handshake`].
    pub async fn accept(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, TlsError> {
        let accepted = self.accept_or_keep(stream).await;
        accepted.map_err(|(error, _)| error)
    }

    /// The same; where the handshake fails, what it was tried over is left.
    pub(super) async fn accept_or_keep(
        &self,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, (TlsError, TcpStream)> {
        match self.acceptor.accept(stream).into_fallible().await {
            Ok(stream) => Ok(TlsStream::Server(stream)),
            Err((source, stream)) => Err((TlsError::Handshake { source }, stream)),
        }
    }
}

impl fmt::Debug for TlsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsServer").finish_non_exhaustive()
    }
}

impl PartialEq for TlsServer {
    /// Whether both are copies of one.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(self.acceptor.config(), other.acceptor.config())
    }
}

impl Eq for TlsServer {}

/// The names under which a server on `listen` can be reached from this machine, for a throw-away
/// certificate.
pub fn local_names(listen: &str) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    let host = listen.rsplit_once(':').map_or(listen, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_wildcard = host
        .parse()
        .is_ok_and(|address: IpAddr| address.is_unspecified());
    if !host.is_empty() && !is_wildcard && !names.iter().any(|name| name == host) {
        names.push(host.to_owned());
    }
    names
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn system_roots() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let errors = found.errors.iter().map(ToString::to_string).collect();
        return Err(TlsError::NoSystemRoots { errors });
    }
    Ok(roots)
}

fn roots_of(
    certificates: Vec<CertificateDer<'static>>,
    path: &Path,
) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate).map_err(|source| {
            let path = path.to_owned();
            TlsError::UnusableRoot { path, source }
        })?;
    }
    Ok(roots)
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(path, error))?;
    if certificates.is_empty() {
        let path = path.to_owned();
        return Err(TlsError::NoCertificate { path });
    }
    Ok(certificates)
}

fn parse_certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let path = Path::new(GIVEN);
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| unreadable(path, error))?;
    if certificates.is_empty() {
        let path = path.to_owned();
        return Err(TlsError::NoCertificate { path });
    }
    Ok(certificates)
}

fn unreadable(path: &Path, error: pem::Error) -> TlsError {
    let path = path.to_owned();
    match error {
        pem::Error::Io(source) => TlsError::Unreadable { path, source },
        error => TlsError::NotPem {
            path,
            reason: error.to_string(),
        },
    }
}

/// Takes any certificate. That the server has the key which belongs to it is still checked.
#[derive(Debug)]
struct TrustAnything {
    provider: Arc<CryptoProvider>,
}

impl TrustAnything {
    fn new() -> Self {
        Self {
            provider: provider(),
        }
    }
}

impl ServerCertVerifier for TrustAnything {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

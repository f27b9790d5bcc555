//! A certificate authority of one use, and the serving pair it signed.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use x509_cert::Certificate;
use x509_cert::der::{DecodePem, EncodePem, pem::LineEnding};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// Clocks of a cluster differ; a pair is valid from this long before it is issued.
const SKEW: Duration = Duration::from_secs(3600);

/// What the Secret holds, each in PEM. The authority's key is thrown away once it has signed: each pair has an authority
/// of its own, and nobody can sign another in its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// The certificate of the authority: what a client must trust.
    pub(super) authority: String,
    /// The serving certificate.
    pub(super) certificate: String,
    /// Its private key.
    pub(super) key: String,
}

impl Pair {
    /// A new pair for these DNS names and addresses, valid from `now` on.
    pub(super) fn issue(names: &[String], now: SystemTime, valid: Duration) -> Result<Self, rcgen::Error> {
        let mut authority = CertificateParams::default();
        // Authorities that follow each other differ in name, so that a verifier picks the right one at once.
        let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        authority.distinguished_name.push(DnType::CommonName, format!("seaworthy webhook authority {seconds}"));
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let mut serving = CertificateParams::new(names)?;
        serving.distinguished_name.push(DnType::CommonName, "seaworthy webhook");
        serving.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        serving.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        serving.use_authority_key_identifier_extension = true;
        for params in [&mut authority, &mut serving] {
            params.not_before = (now - SKEW).into();
            params.not_after = (now + valid).into();
        }
        let authority_key = KeyPair::generate()?;
        let key = KeyPair::generate()?;
        let signed = authority.self_signed(&authority_key)?.pem();
        let certificate = serving.signed_by(&key, &Issuer::new(authority, authority_key))?.pem();
        Ok(Self { authority: signed, certificate, key: key.serialize_pem() })
    }

    /// When it ceases to be valid; none if it cannot be read.
    pub(super) fn ends(&self) -> Option<SystemTime> {
        Some(read(&self.certificate)?.tbs_certificate.validity.not_after.to_system_time())
    }

    /// Since when it is in use; none if it cannot be read.
    pub(super) fn issued(&self) -> Option<SystemTime> {
        Some(read(&self.certificate)?.tbs_certificate.validity.not_before.to_system_time() + SKEW)
    }

    /// Why it must be replaced by the time `until`; none if it need not be.
    pub(super) fn fault(&self, names: &[String], until: SystemTime) -> Option<&'static str> {
        let (Some(certificate), Some(_)) = (read(&self.certificate), read(&self.authority)) else {
            return Some("it cannot be read");
        };
        let certificate = certificate.tbs_certificate;
        let public = certificate.subject_public_key_info.subject_public_key.raw_bytes();
        if KeyPair::from_pem(&self.key).map_or(true, |key| key.public_key_raw() != public) {
            return Some("its key is not that of its certificate");
        }
        let named = match certificate.get::<SubjectAltName>() {
            Ok(Some((_, SubjectAltName(named)))) => named,
            _ => Vec::new(),
        };
        if !names.iter().all(|name| named.iter().any(|it| is(it, name))) {
            return Some("it does not carry every name");
        }
        (certificate.validity.not_after.to_system_time() <= until).then_some("it ends soon")
    }
}

fn is(named: &GeneralName, name: &str) -> bool {
    match (named, name.parse::<IpAddr>()) {
        (GeneralName::DnsName(named), Err(_)) => named.as_str() == name,
        (GeneralName::IpAddress(named), Ok(address)) => match address {
            IpAddr::V4(address) => named.as_bytes() == address.octets(),
            IpAddr::V6(address) => named.as_bytes() == address.octets(),
        },
        _ => false,
    }
}

fn read(pem: &str) -> Option<Certificate> {
    Certificate::from_pem(pem).ok()
}

/// The authorities of a bundle that hold at `now`, each in PEM as it is written here. What cannot be read is left out:
/// `x509_cert` has a reader of whole chains, which gives up at the first fault and panics on short ones.
pub(super) fn authorities(bundle: &[u8], now: SystemTime) -> Vec<String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let text = String::from_utf8_lossy(bundle);
    let blocks = text.split_inclusive(END).filter_map(|it| it.split_once(BEGIN));
    let certificates = blocks.filter_map(|(_, block)| read(&format!("{BEGIN}{block}")));
    let holding = certificates.filter(|it| it.tbs_certificate.validity.not_after.to_system_time() > now);
    holding.filter_map(|it| it.to_pem(LineEnding::LF).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn names() -> Vec<String> {
        vec!["seaworthy.seaworthy.svc".to_owned(), "127.0.0.1".to_owned()]
    }

    fn pair() -> Pair {
        Pair::issue(&names(), SystemTime::now(), 90 * DAY).unwrap()
    }

    #[test]
    fn a_new_pair_is_kept_until_it_ends_soon() {
        let (now, pair) = (SystemTime::now(), pair());
        assert_eq!(pair.fault(&names(), now + 89 * DAY), None);
        assert_eq!(pair.fault(&names(), now + 91 * DAY), Some("it ends soon"));
        let left = pair.ends().unwrap().duration_since(now).unwrap();
        assert!(left > 89 * DAY && left <= 90 * DAY, "{left:?}");
        let age = now.duration_since(pair.issued().unwrap()).unwrap();
        assert!(age < Duration::from_secs(60), "{age:?}");
    }

    #[test]
    fn a_pair_that_does_not_serve_is_replaced() {
        let (now, good) = (SystemTime::now(), pair());
        let more = [names(), vec!["other.seaworthy.svc".to_owned()]].concat();
        assert_eq!(good.fault(&more, now), Some("it does not carry every name"));
        assert_eq!(good.fault(&["::1".to_owned()], now), Some("it does not carry every name"));
        let mixed = Pair { key: pair().key, ..good.clone() };
        assert_eq!(mixed.fault(&names(), now), Some("its key is not that of its certificate"));
        let empty = Pair { certificate: String::new(), ..good };
        assert_eq!(empty.fault(&names(), now), Some("it cannot be read"));
    }

    #[test]
    fn a_bundle_loses_what_has_ended() {
        let now = SystemTime::now();
        let old = Pair::issue(&names(), now - 91 * DAY, 90 * DAY).unwrap().authority;
        let new = pair().authority;
        assert_eq!(authorities(format!("{old}{new}").as_bytes(), now).concat(), new);
        assert_eq!(authorities(b"no certificate", now), [""; 0]);
        assert_eq!(authorities(format!("-----BEGIN CERTIFICATE-----\nAA{new}").as_bytes(), now), [""; 0]);
        assert_eq!(authorities(format!("{new}\n# a comment\n{}", new.trim_end()).as_bytes(), now).len(), 2);
    }
}

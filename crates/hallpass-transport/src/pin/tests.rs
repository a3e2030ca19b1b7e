use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::*;

fn pin_of(pem: &str) -> String {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    KeyPin::of_certificate(&certificate).unwrap().to_string()
}

/// The expected pins are openssl's: `openssl x509 -pubkey | openssl pkey -pubin -outform DER | sha256sum`.
#[test]
fn the_pin_is_that_of_openssl_for_version_1_too() {
    assert_eq!(pin_of(include_str!("../tls/data/ec_v1.pem")), EC);
    assert_eq!(pin_of(include_str!("../tls/data/rsa_v1.pem")), RSA);
}

#[test]
fn a_pin_is_parsed_as_it_is_printed() {
    let pin: KeyPin = EC.parse().unwrap();
    assert_eq!(pin.to_string(), EC);
    assert_eq!(EC.to_uppercase().replace("SHA256", "sha256").parse::<KeyPin>().unwrap(), pin);
    for bad in ["", "sha256:", "sha1:00", &EC[..60], &format!("{EC}00"), &EC.replace('a', "g")] {
        assert!(bad.parse::<KeyPin>().is_err(), "{bad}");
    }
}

#[test]
fn no_bytes_panic() {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../tls/data/ec_v1.pem"));
    let certificate = certificate.unwrap();
    for end in 0..certificate.len() {
        assert!(KeyPin::of_certificate(&certificate[..end]).is_err(), "cut at {end}");
    }
    for at in 0..certificate.len() {
        let mut broken = certificate.to_vec();
        broken[at] ^= 0x55;
        let _ = KeyPin::of_certificate(&broken);
    }
}

const EC: &str = "sha256:1cfa70553105f835c5839f58907f25428b167a005f207b1a7c2801d95a171db0";
const RSA: &str = "sha256:9df81eeedc317e2d30720b494c2ef911c306a912d33756911e00bb36fab210fb";

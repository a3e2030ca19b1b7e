use super::*;
use crate::firmware::Firmware;

#[test]
fn computed_passwords_are_those_of_the_vectors() {
    let check = |serial: &str, user: &str, expect: &str| {
        assert_eq!(computed_password(user, serial), expect, "{serial}")
    };
    check("122038015273", "installer", "a942f4C6");
    check("122038015273", "envoy", "f9dg3A47");
    check("121621012167", "installer", "2eDhg4Ce");
    check("1234", "installer", "5c4D5b2C");
    check("122302045041", "installer", "63e22668");
    check("121426016034", "installer", "B285db82");
    check("122112123456", "installer", "d525d2jh");
    check("202439990001", "installer", "959ahD5b");
    check("121430030548", "installer", "34Be4859");
    check("122100001613", "installer", "6kjC4h8B");
    check("122100011164", "installer", "aEhDcgCf");
    check("122100011874", "installer", "h2DgCcfc");
}

#[test]
fn the_envoy_user_has_the_last_six() {
    let check = |serial: &str, expect: &str| assert_eq!(User::Envoy.password(serial), expect);
    check("121426016034", "016034");
    check("1234", "1234");
    check("envoyserial", "serial");
}

const SERIAL: &str = "121426016034";

struct Exchange {
    nonces: Nonces,
    nonce: String,
    oddity: Option<DigestOddity>,
}

impl Exchange {
    fn begin(version: &str, oddity: Option<DigestOddity>) -> Self {
        let mut nonces = Nonces::default();
        let now = Timestamp::from_second(1_703_033_831).unwrap();
        let challenge = nonces.challenge(
            &Profile::of(&Firmware::new(version)),
            now,
            [7; 20],
            oddity,
            Stale::No,
        );
        let nonce = fields(challenge.strip_prefix("Digest ").unwrap())["nonce"].clone();
        Self { nonces, nonce, oddity }
    }

    fn send(&mut self, user: &str, password: &str, path: &str, nc: u32) -> Judged {
        let (nc, nonce) = (format!("{nc:08x}"), &self.nonce);
        let ha1 = md5_hex(&format!("{user}:{REALM}:{password}"));
        let ha2 = md5_hex(&format!("GET:{path}"));
        let response = md5_hex(&format!("{ha1}:{nonce}:{nc}:abc:auth:{ha2}"));
        let sent = format!(
            "username=\"{user}\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"{path}\", qop=auth, nc={nc}, cnonce=\"abc\", response=\"{response}\""
        );
        let request = http::Request::get("/home?x=1").body(Default::default()).unwrap();
        self.nonces.judge(&sent, &request, SERIAL, self.oddity)
    }
}

#[test]
fn nonces_look_as_recorded() {
    assert_eq!(Exchange::begin("3.9.36", None).nonce, "1703033831");
    let later = STANDARD.decode(Exchange::begin("5.0.62", None).nonce).unwrap();
    assert_eq!((later.len(), &later[..4]), (20, 1_703_033_831_u32.to_le_bytes().as_slice()));
}

#[test]
fn only_the_right_response_is_right() {
    let mut exchange = Exchange::begin("4.10.35", None);
    assert_eq!(exchange.send("envoy", "016034", "/home?x=1", 1), Judged::Right(User::Envoy));
    assert_eq!(
        exchange.send("installer", "B285db82", "/home?x=1", 2),
        Judged::Right(User::Installer)
    );
    assert_eq!(exchange.send("envoy", "016035", "/home?x=1", 3), Judged::Wrong);
    assert_eq!(exchange.send("envoy", "016034", "/other", 4), Judged::Wrong);
    assert_eq!(exchange.send("root", "016034", "/home?x=1", 5), Judged::Wrong);
    exchange.nonce = "forged".to_owned();
    assert_eq!(exchange.send("envoy", "016034", "/home?x=1", 1), Judged::Wrong);
}

#[test]
fn oddities_use_nonces_up() {
    let check = |oddity, counters: [u32; 2], expect: [Judged; 2]| {
        let mut exchange = Exchange::begin("4.10.35", Some(oddity));
        assert_eq!(
            counters.map(|nc| exchange.send("envoy", "016034", "/home?x=1", nc)),
            expect,
            "{oddity:?}"
        );
    };
    let right = Judged::Right(User::Envoy);
    check(DigestOddity::Stale, [1, 2], [Judged::Stale, right]);
    check(DigestOddity::NoncePerRequest, [1, 2], [right, Judged::Stale]);
    check(DigestOddity::NcReplay, [1, 1], [right, Judged::Stale]);
    check(DigestOddity::NcReplay, [1, 2], [right, right]);
}

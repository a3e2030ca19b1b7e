use proptest::prelude::*;

use super::*;

fn sealer() -> Sealer {
    Sealer::new(&SealingKey::generate().expect("random numbers"))
}

proptest! {
    #[test]
    fn what_was_sealed_opens(plain: Vec<u8>, space in "[a-z]{1,8}", name: String) {
        let sealer = sealer();
        let sealed = sealer.seal(&space, &name, &plain)?;
        prop_assert_eq!(&*sealer.open(&space, &name, &sealed).expect("our own seal"), &plain);
    }

    #[test]
    fn any_flipped_bit_is_refused(plain: Vec<u8>, at: prop::sample::Index) {
        let sealer = sealer();
        let mut sealed = sealer.seal("credential", "one", &plain)?;
        let bit = at.index(sealed.len() * 8);
        sealed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(sealer.open("credential", "one", &sealed).is_err());
    }

    #[test]
    fn any_cut_is_refused(plain: Vec<u8>, at: prop::sample::Index) {
        let sealer = sealer();
        let sealed = sealer.seal("credential", "one", &plain)?;
        let cut = &sealed[..at.index(sealed.len())];
        prop_assert_eq!(sealer.open("credential", "one", cut), Err(UnsealError::Refused));
    }
}

#[test]
fn a_body_opens_only_in_its_place_and_with_its_key() {
    let key = sealer();
    let sealed = key.seal("credential", "one", b"plain").expect("sealed");
    let refused = Err(UnsealError::Refused);
    assert_eq!(key.open("credential", "two", &sealed), refused);
    assert_eq!(key.open("device", "one", &sealed), refused);
    assert_eq!(key.open("cred", "ential\0one", &sealed), refused);
    assert_eq!(sealer().open("credential", "one", &sealed), refused);
}

#[test]
fn a_newer_form_is_told_from_damage() {
    let key = sealer();
    let mut sealed = key.seal("credential", "one", b"plain").expect("sealed");
    sealed[0] = VERSION + 1;
    assert_eq!(key.open("credential", "one", &sealed), Err(UnsealError::Version));
}

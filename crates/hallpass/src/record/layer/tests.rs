use super::*;

/// The texts that are meant by a part of `text`, and `text` when each is written again.
fn check(text: &str, meant: &str) {
    let found: Vec<_> = layers(text).filter(|layer| layer.text().contains(meant)).collect();
    assert!(!found.is_empty(), "{meant} is not found in {text}");
    for layer in found {
        let again = layer.written(layer.text());
        let again = format!("{}{again}{}", &text[..layer.place.start], &text[layer.place.end..]);
        let found = layers(&again).any(|layer| layer.text().contains(meant));
        assert!(found || again.contains(meant), "{meant} is not found in {again}");
    }
}

#[test]
fn texts_are_found_in_texts() {
    check("mail=jane%40example.org&x=1", "jane@example.org");
    check("%6a%61%6E%65 x", "jane");
    check("K%C3%BCche", "K\u{fc}che");
    check(r"jane\u0040example.org", "jane@example.org");
    check(r"http:\/\/attic\/x", "http://attic/x");
    check("x MTIyMDEyMzQ1Njc4 y", "122012345678");
    check("xMTIyMDEyMzQ1Njc4", "122012345678");
    check("/a/MTIyMDEyMzQ1Njc4==", "122012345678");
    check("a_-MTIyMDEyMzQ1Njc4", "122012345678");
    check("YToxMjIwMTIzNDU2Nzg", "122012345678");
}

#[test]
fn words_that_happen_to_be_base64_are_no_texts() {
    let texts = layers("multimode-ongrid ENCHG_STATE_READY production").filter(Layer::is_text);
    assert_eq!(texts.count(), 0);
}

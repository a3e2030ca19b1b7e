use super::*;

/// Writes passages as `label.key=value`.
fn told(document: &str) -> Vec<String> {
    Passages::of(document)
        .filter_map(|passage| match passage {
            Passage::Text { quoted, label } => {
                Some(format!("{}.{}={quoted}", label.within, label.key))
            }
            Passage::Number { digits, label } => {
                Some(format!("{}.{}={digits}", label.within, label.key))
            }
            Passage::Key { quoted, .. } => Some(quoted.to_owned()),
            Passage::Layout(_) => None,
        })
        .collect()
}

#[test]
fn values_have_the_label_of_their_member_and_of_its_object() {
    let check = |document: &str, expect: &[&str]| assert_eq!(told(document), expect, "{document}");
    check(r#"{"a": 1, "b": "x"}"#, &[r#""a""#, ".a=1", r#""b""#, r#".b="x""#]);
    check(
        r#"{"a": ["x", -2.5e3], "b": 0}"#,
        &[r#""a""#, r#"a.a="x""#, "a.a=-2.5e3", r#""b""#, ".b=0"],
    );
    check(
        r#"{"s": [{"id": "x"}, {"id": "y"}], "t": true}"#,
        &[r#""s""#, r#""id""#, r#"s.id="x""#, r#""id""#, r#"s.id="y""#, r#""t""#],
    );
    check(r#"{"m": {"1": {"k": 1}, "2": {}}}"#, &[r#""m""#, r#""1""#, r#""k""#, "1.k=1", r#""2""#]);
    check(r#"["a\"b", "c\\", "d" ]"#, &[r#".="a\"b""#, r#".="c\\""#, r#".="d""#]);
    check(r#"{"a" : "b" , "c":"d:"}"#, &[r#""a""#, r#".a="b""#, r#""c""#, r#".c="d:""#]);
    check("\"\u{fc}\"", &[".=\"\u{fc}\""]);
}

#[test]
fn the_passages_are_the_document() {
    let check = |document: &str| {
        let whole: String = Passages::of(document)
            .map(|passage| match passage {
                Passage::Text { quoted, .. } | Passage::Key { quoted, .. } => quoted,
                Passage::Number { digits, .. } => digits,
                Passage::Layout(layout) => layout,
            })
            .collect();
        assert_eq!(whole, document);
    };
    check(" {\n\t\"a\" : [ 1 ,null,true ] } \r\n");
    check(&("[".repeat(10_000) + &"]".repeat(10_000)));
    // Not JSON; nobody asks, and nothing breaks.
    for broken in ["", "\"", "\"\\", "]]}", "{\"a\"", "\u{fc}-", "1.2.3\"x"] {
        check(broken);
    }
}

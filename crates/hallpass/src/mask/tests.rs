use super::is_mask;

fn check(text: &str, expect: bool) {
    assert_eq!(is_mask(text), expect, "{text:?}");
}

#[test]
fn what_covers_a_secret_is_none() {
    check("*", true);
    check("********", true);
    check("••••••••", true);
    check("●●●", true);
    check("xxxxxxxx", true);
    check(" *** \n", true);
    check("(hidden)", true);
    check("[secret]", true);
    check("<Redacted>", true);
    check("REDACTED", true);
}

#[test]
fn what_looks_a_little_like_one_may_be_a_secret() {
    check("", false);
    check("*x*x*", false);
    check("***a", false);
    check("secret", false);
    check("hidden", false);
    check("(hidden", false);
    check("redacted1", false);
    check("(correct horse)", false);
    check("xkcd", false);
}

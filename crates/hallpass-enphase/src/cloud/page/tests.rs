use super::*;

fn check(page: &str, expect: Option<&str>) {
    assert_eq!(element_text(page, "JWT"), expect, "{page}");
}

#[test]
fn the_element_is_found_by_a_part_of_its_id() {
    let page = "<!DOCTYPE html>\n<p id=\"other\">x</p><textarea name=\"accessToken\" id=\"JWTToken\" \
        cols=\"30\" rows=\"10\" >\n a.b.c </textarea>";
    check(page, Some("a.b.c"));
    check("<div id='myJwt'>Error: no</div>", Some("Error: no"));
    check("<div id=jwt>a</div><div id=jwt>b</div>", Some("a"));
    check("<textarea id=\"JWTToken\"></textarea>", Some(""));
}

#[test]
fn anything_else_gives_nothing() {
    check("", None);
    check("a.b.c", None);
    check("<<<>>>", None);
    check("<textarea>a.b.c</textarea>", None);
    check("<textarea name=\"JWT\">a.b.c</textarea>", None);
    check("<textarea id=\"JWTToken\"", None);
}

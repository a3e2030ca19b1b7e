use std::collections::BTreeSet;

use super::*;

#[test]
fn nothing_is_asked_twice_and_the_first_question_is_who_the_gateway_is() {
    let all = Question::all();
    assert_eq!(all[0].path, "/info");
    let files: BTreeSet<_> = all.iter().map(|question| question.file_name()).collect();
    assert_eq!(files.len(), all.len());
    assert!(!files.contains("auth_check_jwt"));
    for question in all {
        let request = question.request();
        assert_eq!((request.method(), request.body().len()), (&http::Method::GET, 0));
    }
}

#[test]
fn files_are_named_by_path_and_query() {
    let check = |path: &'static str, expect: &str| {
        let question = Question { path, format: Format::JsonObject };
        assert_eq!(question.file_name(), expect);
    };
    check("/ivp/meters/readings", "ivp_meters_readings");
    check("/production.json?details=1", "production.json_details_1");
    check("/a b?c=1&d", "a_b_c_1_d");
}

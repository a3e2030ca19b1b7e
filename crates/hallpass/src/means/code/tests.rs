use super::*;

#[tokio::test]
async fn where_nobody_holds_the_terminal_there_is_no_code() {
    let (person, questions) = way();
    drop(questions);
    assert!(matches!(person.one_time_code(CodeWanted::Sent).await, CodeAnswer::GiveUp));
}

#[test]
fn an_empty_line_wants_another_code() {
    assert!(matches!(understand(None), CodeAnswer::GiveUp));
    assert!(matches!(understand(Some("".into())), CodeAnswer::SendAgain));
    assert!(matches!(understand(Some("123456".into())), CodeAnswer::Code(_)));
}

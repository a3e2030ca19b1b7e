use super::*;

const BOLD: Style = Style::new().bold();

/// A table of four wide lines, a summary of two, and a line.
fn forms() -> Vec<String> {
    let row = |letter: &str, width| format!("{BOLD}{}{BOLD:#}", letter.repeat(width));
    vec![vec![row("t", 60); 4].join("\n"), vec![row("s", 40); 2].join("\n"), row("l", 20)]
}

/// On a screen of this size, the picture begins so.
#[track_caller]
fn check(columns: usize, rows: usize, expect: char) {
    let picture = composed(&forms(), &["read at noon"], Screen { columns, rows });
    let picture = strip_str(&picture).to_string();
    assert!(picture.starts_with(expect), "{columns} x {rows}: {picture}");
    assert!(picture.ends_with("\n\n  read at noon"), "{picture}");
}

#[test]
fn the_fullest_form_that_fits_is_shown() {
    check(80, 24, 't');
    check(60, 7, 't');
    check(60, 6, 's');
    check(59, 24, 's');
    check(40, 5, 's');
    check(40, 4, 'l');
    check(39, 24, 'l');
    check(14, 2, 'l');
}

#[test]
fn before_the_first_reading_it_is_said_how_it_stands() {
    let picture = composed(&[], &["the sun is down"], Screen { columns: 80, rows: 24 });
    assert_eq!(strip_str(&picture).to_string(), "  the sun is down");
}

#[test]
fn long_words_are_wrapped_between_words() {
    let check = |columns, expect: &str| {
        let wrapped = wrapped("one two three four", columns);
        assert_eq!(strip_str(&wrapped).to_string(), expect);
    };
    check(80, "  one two three four");
    check(13, "  one two\n  three four");
    check(12, "  one two\n  three four");
    check(11, "  one two\n  three\n  four");
    check(1, "  one\n  two\n  three\n  four");
}

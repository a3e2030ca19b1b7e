use super::*;

#[test]
fn a_change_of_role_is_told_once() {
    let mut known = Known { update: None, role: None };
    assert_eq!(known.now(None, Some(&Role::Installer)), [], "the first one is none");
    assert_eq!(known.now(None, Some(&Role::Installer)), []);
    // Nobody knows it while nobody is logged in.
    assert_eq!(known.now(None, None), []);
    let dropped = Change::Role { from: Role::Installer, to: Role::Owner };
    assert_eq!(known.now(None, Some(&Role::Owner)), std::slice::from_ref(&dropped));
    assert_eq!(known.now(None, Some(&Role::Owner)), []);
    assert!(dropped.words("roof").starts_with("roof: the token has the role owner now"));
}

use super::*;

#[test]
fn the_form_is_for_clouds_that_have_no_other_way() {
    let check = |route: Route, misses: &[Cause], expect| {
        assert_eq!(route.helps_after(misses), expect, "{route} after {misses:?}");
    };
    check(Route::Tokens, &[], true);
    check(Route::EntrezForm, &[], true);
    for cause in [Cause::Moved, Cause::Session, Cause::NoToken] {
        check(Route::EntrezAuthToken, &[cause], true);
    }
    check(Route::EntrezAuthToken, &[Cause::Busy], false);
    check(Route::EntrezForm, &[Cause::Moved, Cause::Moved], true);
    for other in [Cause::Session, Cause::Busy, Cause::NoToken] {
        check(Route::EntrezForm, &[Cause::Moved, other], false);
        check(Route::EntrezForm, &[other, Cause::Moved], false);
    }
}

#[test]
fn a_role_chooses_its_routes() {
    let order = |routes: Routes| [&[routes.first()], routes.others()].concat();
    let owner = [Route::Tokens, Route::EntrezAuthToken];
    assert_eq!(order(Routes::to(&Role::Owner)), owner);
    assert_eq!(order(Routes::to(&Role::Installer)), [Route::EntrezForm]);
    assert_eq!(order(Routes::Any), [&owner[..], &[Route::EntrezForm]].concat());
}

#[test]
fn a_stored_choice_is_read_again() {
    for routes in [Routes::Any, Routes::OfOwners, Routes::Only(Route::EntrezForm)] {
        let stored = serde_json::to_string(&routes).unwrap();
        assert_eq!(serde_json::from_str::<Routes>(&stored).unwrap(), routes, "{stored}");
    }
}

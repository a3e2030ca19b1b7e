//! Documents that are made from the code.

#[path = "../../examples/endpoints.rs"]
#[expect(dead_code, reason = "its main is for regenerating")]
mod endpoints;

#[test]
fn the_table_of_endpoints_is_that_of_the_code() {
    let shipped = include_str!("../../../../docs/endpoints.md");
    assert_eq!(shipped, endpoints::document(), "run `cargo xtask docs`");
}

use super::*;
use crate::store::conformance;

#[test]
fn the_memory_store_conforms() {
    conformance::check(MemoryStore::default);
}

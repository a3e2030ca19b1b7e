use super::*;
use crate::exit::Exit;

fn files(names: &[&str]) -> BTreeMap<String, Vec<u8>> {
    names.iter().map(|name| ((*name).to_owned(), name.as_bytes().to_vec())).collect()
}

fn names(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn files_go_to_a_directory_that_is_new_or_empty() {
    let parent = tempfile::tempdir().unwrap();
    for path in [parent.path().join("new"), tempfile::tempdir_in(&parent).unwrap().keep()] {
        Folder::open(&path).unwrap().write(&files(&["a", "b"])).unwrap();
        assert_eq!(names(&path), ["a", "b"]);
        let error = Folder::open(&path).unwrap_err();
        assert_eq!(Exit::of(&error), Exit::Usage);
        assert_eq!(fs::read(path.join("a")).unwrap(), b"a");
    }
}

#[test]
fn what_is_no_directory_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    fs::write(parent.path().join("file"), "").unwrap();
    for path in ["file", "missing/new"] {
        let error = Folder::open(&parent.path().join(path)).unwrap_err();
        assert_eq!(Exit::of(&error), Exit::Usage, "{path}");
    }
}

#[test]
fn a_directory_that_is_not_used_goes_away_if_it_was_made() {
    let parent = tempfile::tempdir().unwrap();
    Folder::open(&parent.path().join("new")).unwrap().discard();
    assert_eq!(names(parent.path()).len(), 0);
    Folder::open(parent.path()).unwrap().discard();
    assert!(parent.path().exists());
}

#[test]
fn all_files_are_written_or_none() {
    let parent = tempfile::tempdir().unwrap();
    let folder = Folder::open(&parent.path().join("new")).unwrap();
    let error = folder.write(&files(&["a", "no/such/place"])).unwrap_err();
    assert!(format!("{error:#}").contains("no/such/place"), "{error:#}");
    assert_eq!(names(parent.path()).len(), 0);
}

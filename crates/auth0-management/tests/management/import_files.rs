//! Import files on disk.

use std::fs;
use std::path::Path;

use auth0_management::{
    ImportDraft, ImportFiles, ImportFilesError, ImportUser, MAX_IMPORT_FILE_BYTES, PasswordHash, check_import_file,
    import_files_in,
};
use serde_json::json;
use tempfile::{TempDir, tempdir};

fn directory() -> TempDir {
    tempdir().expect("a directory")
}

fn user(number: usize) -> ImportUser {
    let password = PasswordHash::recognise("$2b$10$LCnzdxd/66HtJxzg.YoSZ.qrGxPpGQT0U.US2ESxFB2DeHwj1UIIS");
    ImportUser::new(ImportDraft {
        email: Some(format!("user-{number}@example.test")),
        user_id: Some(number.to_string()),
        name: Some(format!("Üser \"{number}\"")),
        password: Some(password.expect("a hash").hash),
        ..ImportDraft::default()
    })
    .expect("a sound user")
}

fn with_metadata(bytes: usize) -> ImportUser {
    ImportUser::new(ImportDraft {
        email: Some("big@example.test".to_owned()),
        app_metadata: json!({ "x": "x".repeat(bytes) }).as_object().cloned(),
        ..ImportDraft::default()
    })
    .expect("a sound user")
}

fn write(directory: &Path, users: usize) -> Vec<auth0_management::ImportFile> {
    let mut files = ImportFiles::create(directory).expect("a directory for files");
    for number in 0..users {
        files.push(&user(number)).expect("a place in a file");
    }
    files.finish().expect("files")
}

#[test]
fn everybody_is_in_exactly_one_file_and_no_file_is_too_large() {
    let directory = directory();
    let written = write(directory.path(), 5000);
    assert!(written.len() > 1, "{written:?}");
    let mut ids = Vec::new();
    for file in &written {
        let text = fs::read(&file.path).expect("a file");
        assert!(text.len() == file.bytes && text.len() <= MAX_IMPORT_FILE_BYTES, "{file:?}");
        let checked = check_import_file(&text).expect("a sound file");
        assert_eq!(checked.users.len(), file.users);
        ids.extend(checked.users.into_iter().filter_map(|user| user.user_id));
    }
    assert_eq!(ids, (0..5000).map(|number| number.to_string()).collect::<Vec<_>>());
    // None but the last has room for another user.
    let full = &written[..written.len() - 1];
    assert!(full.iter().all(|file| file.bytes + 300 > MAX_IMPORT_FILE_BYTES), "{written:?}");
    let paths: Vec<_> = written.into_iter().map(|file| file.path).collect();
    assert_eq!(import_files_in(directory.path()).expect("the directory"), paths);
}

#[test]
fn the_same_users_make_the_same_bytes() {
    let (one, other) = (directory(), directory());
    let (one, other) = (write(one.path(), 3000), write(other.path(), 3000));
    assert_eq!(one.len(), other.len());
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(one.path.file_name(), other.path.file_name());
        assert_eq!(fs::metadata(&one.path).expect("a file").len(), u64::try_from(other.bytes).expect("a size"));
    }
    let (again, once_more) = (directory(), directory());
    let texts = [again, once_more].map(|directory| {
        let written = write(directory.path(), 100);
        fs::read(&written[0].path).expect("a file")
    });
    assert_eq!(texts[0], texts[1]);
}

#[test]
fn a_file_is_filled_to_the_last_byte_that_fits() {
    for (room, files_needed) in [(0, 1), (1, 2)] {
        let directory = directory();
        let whole = write(directory.path(), 10)[0].bytes;
        let mut files = ImportFiles::with_limit(directory.path(), whole - room).expect("a directory for files");
        for number in 0..10 {
            files.push(&user(number)).expect("a place in a file");
        }
        let written = files.finish().expect("files");
        assert_eq!(written.len(), files_needed, "{written:?}");
        assert_eq!(written.iter().map(|file| file.users).sum::<usize>(), 10);
    }
}

#[test]
fn a_user_who_fills_more_than_a_file_is_refused_and_the_others_are_written() {
    let directory = directory();
    let mut files = ImportFiles::create(directory.path()).expect("a directory for files");
    files.push(&user(1)).expect("a place in a file");
    let refused = files.push(&with_metadata(MAX_IMPORT_FILE_BYTES));
    assert!(matches!(refused, Err(ImportFilesError::UserTooLarge(_))), "{refused:?}");
    files.push(&user(2)).expect("a place in a file");
    let written = files.finish().expect("files");
    assert_eq!((written.len(), written[0].users), (1, 2));
}

#[test]
fn an_email_or_an_id_stands_once_in_a_file() {
    let directory = directory();
    let mut files = ImportFiles::create(directory.path()).expect("a directory for files");
    files.push(&user(1)).expect("a place in a file");
    for (email, id, member) in [("USER-1@Example.test", "2", "email"), ("user-2@example.test", "1", "user_id")] {
        let draft =
            ImportDraft { email: Some(email.to_owned()), user_id: Some(id.to_owned()), ..ImportDraft::default() };
        let refused = files.push(&ImportUser::new(draft).expect("a sound user"));
        assert!(matches!(refused, Err(ImportFilesError::Repeated(found)) if found == member), "{refused:?}");
    }
    assert_eq!(files.finish().expect("files")[0].users, 1);
}

#[test]
fn users_of_a_file_can_be_written_again_as_they_are() {
    let (one, other) = (directory(), directory());
    let written = write(one.path(), 20);
    let text = fs::read(&written[0].path).expect("a file");
    let mut again = ImportFiles::create(other.path()).expect("a directory for files");
    for user in &check_import_file(&text).expect("a sound file").users {
        again.push_again(user).expect("a place in a file");
    }
    assert_eq!(fs::read(&again.finish().expect("files")[0].path).expect("a file"), text);
}

#[test]
fn a_new_set_takes_the_place_of_an_earlier_one_and_of_nothing_else() {
    let directory = directory();
    let others = ["users-1.json", "users-0001.json.bak", "my-users-0001.json", "state.json"];
    for name in others {
        fs::write(directory.path().join(name), "mine").expect("a file");
    }
    fs::write(directory.path().join("users-0007.json"), "[]").expect("a file");
    // What a process that was killed left behind.
    fs::write(directory.path().join(".users-0001.json.part"), "[\n{\"ema").expect("a file");
    write(directory.path(), 1);
    let mut names: Vec<_> = fs::read_dir(directory.path())
        .expect("the directory")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    let mut expected = others.to_vec();
    expected.push("users-0001.json");
    expected.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn without_users_there_is_no_file() {
    let directory = directory();
    assert_eq!(write(directory.path(), 0), []);
    assert_eq!(fs::read_dir(directory.path()).expect("the directory").count(), 0);
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let directory = directory();
    let path = directory.path().join("file");
    fs::write(&path, "").expect("a file");
    let refused = ImportFiles::create(&path);
    assert!(matches!(&refused, Err(ImportFilesError::Io { path: named, .. }) if *named == path), "{refused:?}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = directory();
    let written = write(directory.path(), 1);
    assert_eq!(fs::metadata(&written[0].path).expect("a file").permissions().mode() & 0o777, 0o600);
}

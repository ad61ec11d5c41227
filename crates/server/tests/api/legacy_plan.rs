//! `authsync legacy plan` and `legacy export`: what is found in a table, and what of it goes to Auth0.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use scratch_database::ScratchDatabase;
use serde_json::Value;

use crate::import_login::logs_in;
use crate::legacy_passwords::PASSWORD;
use crate::legacy_table::{
    CLASH, INACTIVE, LOCAL_HOST, LegacyTable, NO_HASH, NO_MAPPING, NOBODYS, NONSENSE, UNUSABLE, email,
};
use crate::tenant_commands::on_both_scratch_databases;

on_both_scratch_databases! {
    a_plan_tells_everything_and_changes_nothing,
    an_obstacle_is_named_with_what_to_do_about_it,
    an_export_holds_everybody_whom_auth0_takes_with_a_hash_that_lets_them_in,
    an_export_again_writes_the_same_and_one_after_an_import_only_the_rest,
    an_export_takes_no_directory_that_holds_something_else,
    a_table_that_is_not_adopted_is_not_exported,
    migrate_up_adopts_and_says_what_comes_next,
}

/// Everything in a directory of an export, by name.
pub(crate) fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry"));
    let files = files.filter(|entry| entry.file_type().expect("a type").is_file());
    files
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("a file")))
        .collect()
}

/// The users of all import files of a directory, by their ids.
pub(crate) fn users_in(directory: &Path) -> BTreeMap<i64, Value> {
    let files = contents(directory).into_iter().filter(|(name, _)| name.starts_with("users-"));
    let users = files.flat_map(|(_, text)| serde_json::from_slice::<Vec<Value>>(&text).expect("an array"));
    users.map(|user| (user["user_id"].as_str().and_then(|id| id.parse().ok()).expect("an id"), user)).collect()
}

/// The lines of a list of ids and reasons.
fn list(directory: &Path, name: &str) -> Vec<Value> {
    serde_json::from_slice(&fs::read(directory.join(name)).expect("a list")).expect("an array")
}

fn ids(list: &[Value]) -> Vec<i64> {
    list.iter().map(|line| line["id"].as_i64().expect("an id")).collect()
}

fn a_plan_tells_everything_and_changes_nothing(database: ScratchDatabase) {
    let table = LegacyTable::make(database, 200);
    let before = table.fingerprint();
    let plan: Value = serde_json::from_str(&table.done(&["plan", "--format", "json"])).expect("JSON");
    assert_eq!((plan["rows"].as_u64(), plan["password_columns"][0].as_str()), (Some(200), Some("hashed_password")));
    assert_eq!(plan["references"][0]["table"], "orders");
    let hashes: BTreeMap<&str, u64> = plan["hashes"]
        .as_array()
        .expect("kinds")
        .iter()
        .map(|kind| (kind["format"].as_str().expect("a name"), kind["rows"].as_u64().expect("a number")))
        .collect();
    for format in [
        "bcrypt (cost 4)",
        "bcrypt (cost 10)",
        "argon2id",
        "pbkdf2-sha256 (Django)",
        "scrypt (Werkzeug)",
        "sha1 with salt (Django)",
    ] {
        assert!(hashes.get(format).is_some_and(|rows| *rows >= 10), "{format}: {hashes:?}");
    }
    let rows = |mapped: bool| {
        let kinds = plan["hashes"].as_array().expect("kinds").iter().filter(|kind| kind["reason"].is_null() == mapped);
        kinds.map(|kind| kind["rows"].as_u64().expect("a number")).sum::<u64>()
    };
    assert_eq!((rows(true), rows(false)), (197, 3));
    assert_eq!(plan["emails"]["shared"], 5);
    assert_eq!(plan["emails"]["first_shared"][0], serde_json::json!([CLASH - 1, CLASH]));
    assert_eq!(plan["emails"]["unkept"]["first_ids"], serde_json::json!([NOBODYS, NONSENSE]));
    let refused: Vec<_> = plan["refused"]
        .as_array()
        .expect("kinds")
        .iter()
        .flat_map(|kind| kind["first_ids"].as_array().expect("ids"))
        .collect();
    assert_eq!(refused.len(), 3, "{refused:?}");
    assert_eq!(plan["importable"].as_i64(), Some(table.exportable()));
    assert_eq!(plan["importable_with_password"].as_i64(), Some(table.exportable() - 3));
    assert_eq!(plan["deactivated"], serde_json::json!({"rows": 1, "first_ids": [INACTIVE]}));
    assert_eq!(plan["next"], "authsync legacy adopt");
    let shown = table.done(&["plan"]);
    assert!(shown.contains(&format!("have the application look at it itself (id {INACTIVE})")), "{shown}");
    assert!(shown.contains("orders.user_id → id") && shown.contains("next: authsync legacy adopt"), "{shown}");
    for secret in ["@", "$2b$", "argon2id$", "saltOf"] {
        assert!(!shown.contains(secret) && !plan.to_string().contains(secret), "{secret} in {shown}");
    }
    assert_eq!(table.fingerprint(), before);
    assert_eq!(table.done(&["plan"]), shown);
}

fn an_obstacle_is_named_with_what_to_do_about_it(database: ScratchDatabase) {
    let table = LegacyTable::make(database, 20);
    table.database.execute("ALTER TABLE users ADD COLUMN blocked VARCHAR");
    let ended = table.legacy(&["plan"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("RENAME COLUMN blocked TO blocked_of_before"), "{ended:?}");
    let adopted = table.legacy(&["adopt"]);
    assert_eq!(adopted.code, Some(1), "{adopted:?}");
    assert!(adopted.stderr.contains("blocked") && adopted.stderr.contains("authsync legacy plan"), "{adopted:?}");
    let named = table.legacy(&["plan", "--password-column", "secret"]);
    assert!(named.stderr.contains("has no column secret"), "{named:?}");
}

fn an_export_holds_everybody_whom_auth0_takes_with_a_hash_that_lets_them_in(database: ScratchDatabase) {
    let table = LegacyTable::make(database, 200);
    table.done(&["adopt"]);
    let scratch = tempfile::tempdir().expect("a directory");
    let out = scratch.path().join("out");
    let out_name = out.to_str().expect("a name");
    let ended = table.legacy(&["export", "--out", out_name]);
    // Not for everybody.
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let users = users_in(&out);
    assert_eq!(i64::try_from(users.len()).expect("a number"), table.exportable());
    for (id, user) in &users {
        assert_eq!(user["email"].as_str(), Some(&*email(*id)), "{id}");
        assert_eq!(user["email_verified"].as_bool(), Some(id % 3 == 0), "{id}");
        assert_eq!(user["name"], format!("User  No{id}"), "{id}");
        assert_eq!(user.get("blocked").is_some(), *id == INACTIVE, "{id}");
        let has_password = ![UNUSABLE, NO_HASH, NO_MAPPING].contains(id);
        let has_hash = user.get("password_hash").or(user.get("custom_password_hash")).is_some();
        assert_eq!(has_hash, has_password, "{id}");
        assert!(!has_password || *id > 40 || logs_in(user, PASSWORD), "{id}: {user}");
    }
    let left_out = list(&out, "not-exported.json");
    let mut expected: Vec<_> = (1..=5).map(|n| n * CLASH).chain([NOBODYS, NONSENSE, LOCAL_HOST]).collect();
    expected.sort_unstable();
    assert_eq!(ids(&left_out), expected);
    let reason = |id: i64| left_out.iter().find(|line| line["id"] == id).expect("a line")["reason"].to_string();
    assert!(reason(CLASH).contains("same address"), "{}", reason(CLASH));
    assert!(reason(NOBODYS).contains("no email address"), "{}", reason(NOBODYS));
    assert!(reason(NONSENSE).contains("not one that auth0 takes"), "{}", reason(NONSENSE));
    let in_part = list(&out, "exported-in-part.json");
    assert_eq!(ids(&in_part), [UNUSABLE, NO_HASH, NO_MAPPING]);
    assert!(in_part.iter().all(|line| line["without"] == "password" && line["reason"].is_string()), "{in_part:?}");
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&out), 0o700);
    assert!(contents(&out).keys().all(|name| mode(&out.join(name)) == 0o600));
    let marked = "SELECT count(*) FROM legacy_users WHERE exported_at IS NOT NULL";
    assert_eq!(table.count(marked), table.exportable());
    let not_marked = format!("{marked} AND user_id IN ({CLASH}, {NOBODYS}, {LOCAL_HOST})");
    assert_eq!(table.count(&not_marked), 0);
}

fn an_export_again_writes_the_same_and_one_after_an_import_only_the_rest(database: ScratchDatabase) {
    let table = LegacyTable::make(database, 60);
    table.done(&["adopt"]);
    let scratch = tempfile::tempdir().expect("a directory");
    let (one, two) = (scratch.path().join("one"), scratch.path().join("two"));
    let export = |out: &Path| table.legacy(&["export", "--out", out.to_str().expect("a name")]);
    export(&one);
    let first = contents(&one);
    export(&one);
    assert_eq!(contents(&one), first);
    table.database.execute("UPDATE legacy_users SET imported_at = 1 WHERE user_id <= 50");
    export(&two);
    assert_eq!(users_in(&two).into_keys().collect::<Vec<_>>(), (51..=60).collect::<Vec<_>>());
}

fn an_export_takes_no_directory_that_holds_something_else(database: ScratchDatabase) {
    let table = LegacyTable::make(database, 20);
    table.done(&["adopt"]);
    let scratch = tempfile::tempdir().expect("a directory");
    fs::write(scratch.path().join("letters.txt"), "dear").expect("a file");
    fs::set_permissions(scratch.path(), fs::Permissions::from_mode(0o755)).expect("a directory");
    let ended = table.legacy(&["export", "--out", scratch.path().to_str().expect("a name")]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("letters.txt"), "{ended:?}");
    assert_eq!(contents(scratch.path()).len(), 1);
    assert_eq!(fs::metadata(scratch.path()).expect("a directory").permissions().mode() & 0o777, 0o755);
}

fn a_table_that_is_not_adopted_is_not_exported(database: ScratchDatabase) {
    let table = LegacyTable::make(database, 20);
    let scratch = tempfile::tempdir().expect("a directory");
    let out = scratch.path().join("out");
    let ended = table.legacy(&["export", "--out", out.to_str().expect("a name")]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("authsync legacy adopt"), "{ended:?}");
    assert!(!out.exists());
}

fn migrate_up_adopts_and_says_what_comes_next(database: ScratchDatabase) {
    let table = LegacyTable::make(database, 60);
    let before = table.fingerprint();
    let up = || crate::program::run(&[table.variable()], &["migrate", "up"]);
    let ended = up();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stdout.contains("next: ") && ended.stdout.contains("authsync legacy export"), "{ended:?}");
    assert_eq!(table.fingerprint(), before);
    assert_eq!(table.count("SELECT count(*) FROM users WHERE hashed_password IS NOT NULL"), 59);
    assert!(up().stdout.starts_with("nothing to do\nnext: "), "{:?}", up());
}

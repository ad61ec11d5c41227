//! From a table of passwords to Auth0 and to the end, by the real program, each step killed once on the way.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use fake_auth0::{DATABASE_CONNECTION_ID, Endpoint, FakeAuth0};
use scratch_database::ScratchDatabase;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::{Client, PATIENCE, sync_body};
use crate::import_login::logs_in;
use crate::legacy_passwords::PASSWORD;
use crate::legacy_plan::{contents, users_in};
use crate::legacy_runs::Running;
use crate::legacy_table::{LOCAL_HOST, LegacyTable, NO_HASH, NO_MAPPING, UNUSABLE};
use crate::program::Ended;
use crate::tenant_commands::on_both_scratch_databases;
use crate::waiting::eventually;

on_both_scratch_databases! {
    a_table_of_passwords_goes_all_the_way_though_every_step_is_killed_once,
    whoever_turns_back_has_the_table_of_before,
}

/// Two thousand rows, or as many as the variable `LEGACY_TEST_ROWS` says.
fn rows() -> i64 {
    std::env::var_os("LEGACY_TEST_ROWS")
        .map_or(2_000, |rows| rows.to_str().and_then(|n| n.parse().ok()).expect("a number"))
}

struct Journey {
    table: LegacyTable,
    tenant: Arc<FakeAuth0>,
    scratch: TempDir,
    out: PathBuf,
}

impl Journey {
    fn new(database: ScratchDatabase) -> Self {
        let tenant = Arc::new(FakeAuth0::builder().management_scope("create:users read:users").start());
        let scratch = tempfile::tempdir().expect("a directory");
        let out = scratch.path().join("out");
        Self { table: LegacyTable::make(database, rows()), tenant, scratch, out }
    }

    fn variables(&self) -> Vec<(String, String)> {
        let tenant = &self.tenant;
        let of_tenant = [
            ("AUTH0_DOMAIN", tenant.domain().to_owned()),
            ("AUTH0_API_IDENTIFIER", tenant.audience().to_owned()),
            ("AUTH0_CLIENT_ID", tenant.client_id()),
            ("AUTH0_CLIENT_SECRET", tenant.client_secret()),
            ("AUTHSYNC_BIND", "127.0.0.1:0".to_owned()),
        ];
        of_tenant.into_iter().map(|(name, value)| (name.to_owned(), value)).chain([self.table.variable()]).collect()
    }

    fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.scratch.path(), &self.variables(), arguments)
    }

    /// `export`, `import` and the like with their options.
    fn step<'a>(&'a self, step: &'a str) -> Vec<&'a str> {
        let out = self.out.to_str().expect("a name");
        match step {
            "export" => vec!["legacy", step, "--out", out],
            "import" => vec!["legacy", step, "--dir", out, "--connection", DATABASE_CONNECTION_ID],
            _ => vec!["legacy", step],
        }
    }

    /// Kills a step when it has said these words, and looks whether the application is unharmed.
    #[track_caller]
    fn killed(&self, step: &str, words: &str, before: &[Option<String>]) {
        let mut running = self.start(&self.step(step));
        running.until(words);
        // On a machine that is slow at this very moment the step may have come to its end.
        running.kill();
        assert_eq!(self.table.fingerprint(), before, "{step}");
    }

    #[track_caller]
    fn ended(&self, arguments: &[&str], code: i32) -> Ended {
        let ended = self.start(arguments).end();
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        ended
    }

    fn is_sqlite(&self) -> bool {
        self.table.database.url().starts_with("sqlite")
    }

    /// What the adoption says when it is half-way.
    fn half_adopted(&self) -> &'static str {
        if self.is_sqlite() { "adopt: copying rows" } else { "adopt: filling auth0_id" }
    }

    #[track_caller]
    fn auth0_id(&self, id: i64) -> Option<String> {
        self.table.database.scalar(&format!("SELECT auth0_id FROM users WHERE id = {id}"))
    }

    /// The hashes of all rows, as the application stored them.
    fn hashes(&self) -> BTreeMap<i64, Option<String>> {
        let one = |id: i64| self.table.database.scalar(&format!("SELECT hashed_password FROM users WHERE id = {id}"));
        (1..=40).map(|id| (id, one(id))).collect()
    }

    /// Ids that are marked as exported and in no file.
    fn marked_in_no_file(&self) -> i64 {
        let known: Vec<_> = users_in(&self.out).into_keys().map(|id| id.to_string()).collect();
        let strangers = format!("exported_at IS NOT NULL AND user_id NOT IN ({})", known.join(", "));
        self.table.count(&format!("SELECT count(*) FROM legacy_users WHERE {strangers}"))
    }
}

fn a_table_of_passwords_goes_all_the_way_though_every_step_is_killed_once(database: ScratchDatabase) {
    let journey = Journey::new(database);
    let table = &journey.table;
    let before = table.fingerprint();
    let hashes = journey.hashes();

    journey.killed("plan", "plan: looking at every row", &before);
    journey.ended(&journey.step("plan"), 0);

    journey.killed("adopt", journey.half_adopted(), &before);
    journey.ended(&journey.step("adopt"), 0);
    assert_eq!(table.fingerprint(), before);

    journey.killed("export", "export: marking", &before);
    assert_eq!(journey.marked_in_no_file(), 0);
    // Not for everybody.
    journey.ended(&journey.step("export"), 1);
    let files = contents(&journey.out);
    journey.killed("export", "export: writing", &before);
    assert_eq!(contents(&journey.out), files);
    journey.ended(&journey.step("export"), 1);
    assert_eq!(contents(&journey.out), files);
    assert_eq!(table.count("SELECT count(*) FROM legacy_users WHERE exported_at IS NOT NULL"), table.exportable());
    everybody_gets_in_with_their_old_password(&journey);

    a_first_login_links(&journey);
    everybody_is_imported(&journey, &before);

    journey.killed("link", "link: linking rows", &before);
    journey.ended(&journey.step("link"), 0);
    let unlinked = table.rows - table.exportable() - 1;
    assert_eq!(table.count("SELECT count(*) FROM users WHERE auth0_id LIKE 'legacy|%'"), unlinked);
    assert_eq!(table.count("SELECT count(*) FROM users WHERE auth0_id = 'auth0|' || id"), table.exportable());

    let refused = journey.ended(&journey.step("finish"), 1);
    assert!(refused.stderr.contains(&format!("--accept-unlinked {unlinked}")), "{refused:?}");
    assert_eq!(journey.hashes(), hashes);
    let accepted = unlinked.to_string();
    let finish = ["legacy", "finish", "--accept-unlinked", &accepted, "--dump", "dump.jsonl"];
    let mut finishing = journey.start(&finish);
    finishing.until("finish: dumping");
    if finishing.kill() {
        assert_eq!((journey.hashes(), table.fingerprint()), (hashes.clone(), before.clone()));
    }
    journey.ended(&finish, 0);
    the_dump_holds_what_was_dropped(&journey, &hashes);
    assert_eq!(table.fingerprint(), before);
    let status = journey.ended(&["legacy", "status", "--format", "json"], 0).stdout;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    assert_eq!((status["phase"].as_str(), status["unlinked"].as_i64()), (Some("finished"), Some(unlinked)));
    assert!(journey.ended(&journey.step("rollback"), 1).stderr.contains("no way back"));
    journey.ended(&finish, 0);
}

/// Every hash of every file, by another library for each format.
fn everybody_gets_in_with_their_old_password(journey: &Journey) {
    let mut known: HashMap<String, bool> = HashMap::new();
    let users = users_in(&journey.out);
    assert_eq!(i64::try_from(users.len()).expect("a number"), journey.table.exportable());
    for (id, user) in &users {
        let hash = user.get("password_hash").or(user.get("custom_password_hash"));
        let Some(hash) = hash else {
            assert!([UNUSABLE, NO_HASH, NO_MAPPING].contains(id), "{id}");
            continue;
        };
        let gets_in = *known.entry(hash.to_string()).or_insert_with(|| logs_in(user, PASSWORD));
        assert!(gets_in, "{id}: {user}");
    }
    assert!(known.len() >= 20, "{}", known.len());
}

/// One by the id of the export, one whom Auth0 would not take by a verified address. Neither is told anew.
fn a_first_login_links(journey: &Journey) {
    let mut server = journey.start(&["serve"]);
    let line = server.until("listening on http://");
    let address = line.split_once("listening on http://").expect("an address").1.trim().parse().expect("an address");
    let client = Client::new(address);
    eventually("the server is ready", || (client.get("/readyz").status == 200).then_some(()));
    // Not imported yet, but at Auth0 all the same: the operator may have uploaded a file by hand.
    let imported = fake_auth0::FakeUser::new("auth0|21").email("User21@Example.com", false);
    journey.tenant.add_user(imported);
    let body = sync_body("User21@Example.com", "auth0|21", None);
    assert_eq!(client.sync(&journey.tenant.token("auth0|21"), &body).id(), 21);
    assert_eq!(journey.auth0_id(21).as_deref(), Some("auth0|21"));
    let elsewhere = fake_auth0::FakeUser::new("google-oauth2|11").email("user11@localhost", true);
    journey.tenant.add_user(elsewhere);
    let body = sync_body("user11@localhost", "google-oauth2|11", None);
    assert_eq!(client.sync(&journey.tenant.token("google-oauth2|11"), &body).id(), LOCAL_HOST);
    assert_eq!(journey.auth0_id(LOCAL_HOST).as_deref(), Some("google-oauth2|11"));
}

/// Killed while a file is on its way, and once more while Auth0 works at two.
fn everybody_is_imported(journey: &Journey, before: &[Option<String>]) {
    let tenant = &journey.tenant;
    let files = contents(&journey.out).into_keys().filter(|name| name.starts_with("users-")).count();
    assert!(files >= 2, "{files}");
    tenant.stall(Endpoint::UsersImports);
    let running = journey.start(&journey.step("import"));
    assert!(tenant.wait_for_requests(Endpoint::UsersImports, 1, PATIENCE));
    assert!(running.kill());
    tenant.close(Endpoint::UsersImports);
    assert!(tenant.wait_until_idle(Endpoint::UsersImports, PATIENCE));
    tenant.restore_all();
    let on_their_way = tenant.requests(Endpoint::UsersImports);
    tenant.hold_jobs();
    let mut running = journey.start(&journey.step("import"));
    running.until("import: users-0002.json is job_");
    assert!(running.kill());
    tenant.release_jobs();
    let ended = journey.ended(&journey.step("import"), 0);
    assert!(ended.stdout.contains(&format!("imported {} users", journey.table.exportable())), "{ended:?}");
    // Each file once, but for the first, of which nobody could know whether it had arrived.
    assert_eq!(tenant.requests(Endpoint::UsersImports) - on_their_way, files);
    assert_eq!(journey.table.fingerprint(), before);
    let imported = tenant.users().iter().filter(|user| user.user_id.starts_with("auth0|")).count();
    assert_eq!(i64::try_from(imported).expect("a number"), journey.table.exportable());
}

fn the_dump_holds_what_was_dropped(journey: &Journey, hashes: &BTreeMap<i64, Option<String>>) {
    let dump = fs::read_to_string(journey.scratch.path().join("dump.jsonl")).expect("a dump");
    let lines: Vec<Value> = dump.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(i64::try_from(lines.len()).expect("a number"), journey.table.rows);
    for line in &lines {
        let id = line["id"].as_i64().expect("an id");
        if let Some(hash) = hashes.get(&id) {
            assert_eq!(line["hashed_password"].as_str(), hash.as_deref(), "{id}");
        }
    }
    assert!(!journey.table.done(&["plan"]).contains("\npasswords\n"));
    let gone = journey.table.legacy(&["plan", "--password-column", "hashed_password"]);
    assert!(gone.stderr.contains("has no column hashed_password"), "{gone:?}");
}

fn whoever_turns_back_has_the_table_of_before(database: ScratchDatabase) {
    let journey = Journey::new(database);
    let table = &journey.table;
    let (before, hashes) = (table.fingerprint(), journey.hashes());
    // An expression, which SQLite compares with regard to case, whatever the column does.
    let emails =
        "SELECT count(*) FROM users WHERE email IS NULL OR email || '' IN ('no address', 'USER39@EXAMPLE.COM')";
    assert_eq!(table.count(emails), 3);
    journey.ended(&journey.step("adopt"), 0);
    assert_eq!(table.count(emails), 0);
    journey.ended(&journey.step("export"), 1);
    journey.killed("rollback", "rollback: ", &before);
    // Whatever it had come to, it is done now.
    let again = journey.start(&journey.step("rollback")).end();
    assert!(again.code == Some(0) || again.stderr.contains("not adopted yet"), "{again:?}");
    assert_eq!((table.fingerprint(), journey.hashes(), table.count(emails)), (before.clone(), hashes, 3));
    let columns = |name: &str| {
        let plan: Value =
            serde_json::from_str(&journey.ended(&["legacy", "plan", "--format", "json"], 0).stdout).expect("JSON");
        plan["columns"].as_array().expect("columns").iter().any(|column| column["name"] == name)
    };
    assert!(!columns("auth0_id") && columns("hashed_password"));
    journey.ended(&journey.step("adopt"), 0);
    assert_eq!(table.fingerprint(), before);
}

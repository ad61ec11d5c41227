//! On PostgreSQL the triggers of an adopted table act with the adopter's rights, for roles that have fewer.

use persistence::{DatabaseUrl, LegacyUsers, Migrator};
use scratch_database::ScratchDatabase;

use crate::bench::{SaveLogin, SqlBench, patient, record, url};
use crate::legacy_bench::{adopt, go_on, python_table, register, value};

/// The old application's role: it inserts users, and makes functions and tables of its own.
struct Application<'a> {
    database: &'a ScratchDatabase,
    role: String,
}

impl<'a> Application<'a> {
    fn of(database: &'a ScratchDatabase) -> Self {
        let role = database.scalar("SELECT 'app_' || replace(current_database(), '-', '_')").expect("a name");
        database.execute(&format!(
            "CREATE ROLE {role}; GRANT CREATE, USAGE ON SCHEMA public TO {role};
             GRANT SELECT, INSERT, UPDATE ON users TO {role}; GRANT USAGE ON users_id_seq TO {role}"
        ));
        Self { database, role }
    }

    fn runs(&self, sql: &str) -> Result<(), String> {
        self.database.try_execute(&format!("SET ROLE {}; {sql}", self.role)).map_err(|error| error.to_string())
    }

    fn inserts(&self, username: &str) -> Result<(), String> {
        self.runs(&format!(
            "INSERT INTO users (email, hashed_password, username, is_active)
             VALUES ('{username}@example.com', 'x', '{username}', TRUE)"
        ))
    }

    /// Functions that are a better match for what the triggers call than PostgreSQL's own.
    fn lays_traps(&self) {
        let role = &self.role;
        self.runs(&format!(
            "CREATE FUNCTION public.char_length(x VARCHAR) RETURNS INTEGER LANGUAGE plpgsql AS
                 $f$ BEGIN EXECUTE 'ALTER ROLE {role} SUPERUSER'; RETURN 1; END $f$;
             CREATE FUNCTION public.trap(x VARCHAR, y TEXT) RETURNS BOOLEAN LANGUAGE plpgsql AS
                 $f$ BEGIN EXECUTE 'ALTER ROLE {role} SUPERUSER'; RETURN FALSE; END $f$;
             CREATE OPERATOR public.!~ (LEFTARG = VARCHAR, RIGHTARG = TEXT, FUNCTION = public.trap);
             CREATE OPERATOR public.<> (LEFTARG = VARCHAR, RIGHTARG = TEXT, FUNCTION = public.trap)"
        ))
        .expect("functions of its own");
    }

    fn is_superuser(&self) -> bool {
        let asked = format!("SELECT rolsuper::text FROM pg_roles WHERE rolname = '{}'", self.role);
        self.database.scalar(&asked).as_deref() == Some("true")
    }
}

impl Drop for Application<'_> {
    fn drop(&mut self) {
        let role = &self.role;
        let _ = self.database.try_execute(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}"));
    }
}

#[test]
fn nobody_gains_the_adopters_rights_by_functions_of_their_own() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 3);
    let application = Application::of(&database);
    adopt(&database);
    application.lays_traps();
    application.inserts("app").expect("an insert");
    assert!(!application.is_superuser());
    assert_eq!(value(&database, "auth0_id", 4).as_deref(), Some("legacy|4"));
}

#[test]
fn nobody_writes_notes_by_a_trigger_on_a_table_of_their_own() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 3);
    let application = Application::of(&database);
    adopt(&database);
    for function in ["authsync_legacy_complete", "authsync_legacy_newcomer"] {
        let outcome = application.runs(&format!(
            "CREATE TABLE mine (id INTEGER, email TEXT, auth0_id TEXT, email_verified BOOLEAN);
             CREATE TRIGGER mine BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION {function}();
             INSERT INTO mine (id, auth0_id) VALUES (2, 'auth0|2')"
        ));
        assert!(outcome.is_err_and(|error| error.contains("permission denied for function")), "{function}");
    }
    assert_eq!(
        database.scalar("SELECT count(*) FROM legacy_users WHERE user_id = 2 AND newcomer").as_deref(),
        Some("0")
    );
}

#[test]
fn a_table_that_was_adopted_with_open_functions_gets_closed_ones() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 3);
    let application = Application::of(&database);
    adopt(&database);
    let migrator = Migrator::new(url(&database));
    for step in ["2026-12-01-000013_find_untrimmed_addresses", "2026-12-01-000012_harden_triggers"] {
        assert_eq!(migrator.down().expect("a step reverted").as_deref(), Some(step));
    }
    // As adoptions before this step made them.
    let runs_as = "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_catalog, pg_temp";
    database.execute(&format!(
        "CREATE OR REPLACE FUNCTION authsync_legacy_complete() {runs_as} AS $$ BEGIN
             NEW.auth0_id := coalesce(NEW.auth0_id, 'legacy|' || NEW.id);
             IF NEW.email IS NULL OR char_length(NEW.email) > 255 THEN
                 INSERT INTO legacy_users (user_id, email, displaced) VALUES (NEW.id, NEW.email, TRUE)
                     ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, displaced = TRUE;
                 NEW.email := 'user-' || NEW.id || '@displaced.invalid';
             END IF;
             RETURN NEW; END $$;
         CREATE OR REPLACE FUNCTION authsync_legacy_newcomer() {runs_as} AS $$ BEGIN
             INSERT INTO legacy_users (user_id, newcomer) VALUES (NEW.id, TRUE)
                 ON CONFLICT (user_id) DO UPDATE SET newcomer = TRUE;
             RETURN NULL; END $$;
         GRANT EXECUTE ON FUNCTION authsync_legacy_complete(), authsync_legacy_newcomer() TO PUBLIC"
    ));
    migrator.up().expect("the step");
    application.lays_traps();
    application.inserts("app").expect("an insert");
    assert!(!application.is_superuser());
    let open = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'authsync_legacy_%' \
                AND has_function_privilege('public', oid, 'EXECUTE')";
    assert_eq!(database.scalar(open).as_deref(), Some("0"));
    register(&database, "NULL", "nobody");
    assert_eq!(value(&database, "email", 5).as_deref(), Some("user-5@displaced.invalid"));
    let bench = SqlBench::unmigrated(ScratchDatabase::at(database.url()), &patient());
    bench.users.save_login(&record("google-oauth2|1", "new@example.com")).expect("a saved user");
    let newcomers = "SELECT count(*) FROM legacy_users WHERE newcomer AND user_id = 6";
    assert_eq!(database.scalar(newcomers).as_deref(), Some("1"));
}

#[test]
fn a_table_outside_of_the_first_schema_takes_users_of_both_programs() {
    let database = ScratchDatabase::postgres();
    python_table(&database, 3);
    database.execute("CREATE SCHEMA work");
    let joint = if database.url().contains('?') { '&' } else { '?' };
    let elsewhere = format!("{}{joint}options=-csearch_path%3Dwork,public", database.url());
    LegacyUsers::new(DatabaseUrl::parse(&elsewhere).expect("a URL")).adopt(&mut go_on).expect("an adoption");
    assert_eq!(database.scalar("SELECT count(*) FROM work.legacy_users").as_deref(), Some("3"));
    register(&database, "'app@example.com'", "app");
    register(&database, "'nonsense'", "another");
    assert_eq!(value(&database, "auth0_id", 4).as_deref(), Some("legacy|4"));
    assert_eq!(value(&database, "email", 5).as_deref(), Some("user-5@displaced.invalid"));
    let bench = SqlBench::unmigrated(ScratchDatabase::at(&elsewhere), &patient());
    bench.users.save_login(&record("google-oauth2|1", "new@example.com")).expect("a saved user");
    assert_eq!(value(&database, "auth0_id", 6).as_deref(), Some("google-oauth2|1"));
    assert_eq!(
        database.scalar("SELECT count(*) FROM work.legacy_users WHERE newcomer AND user_id = 6").as_deref(),
        Some("1")
    );
}

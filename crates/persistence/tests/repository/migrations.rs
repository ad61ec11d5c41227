//! Moving the schema forwards and back.

use domain::SchemaState;
use persistence::{MigrateError, Migrator};
use scratch_database::ScratchDatabase;

use crate::bench::{LoginRecord, SaveLogin as _, SqlBench, at_once, is_unavailable, patient, record, subject, url};

const FIRST: &str = "2026-11-22-000001_create_users";
const SECOND: &str = "2026-11-22-000002_add_picture_and_email_verified";
const STEPS: [&str; 13] = [
    FIRST,
    SECOND,
    "2026-11-22-000003_create_issuer_key_sets",
    "2026-11-22-000004_notify_user_changes",
    "2026-11-22-000005_add_standing_and_auth0_records",
    "2026-11-22-000006_create_event_tables",
    "2026-11-22-000007_create_legacy_users",
    "2026-11-23-000008_create_used_proofs",
    "2026-11-23-000009_notify_record_changes",
    "2026-11-23-000010_insert_new_users",
    "2026-11-23-000011_insert_new_users_for_less",
    "2026-12-01-000012_harden_triggers",
    "2026-12-01-000013_find_untrimmed_addresses",
];

macro_rules! on_both_databases {
    ($($case:ident,)+) => {
        mod sqlite { $(#[test] fn $case() { super::$case(scratch_database::ScratchDatabase::sqlite()); })+ }
        mod postgres { $(#[test] fn $case() { super::$case(scratch_database::ScratchDatabase::postgres()); })+ }
    };
}

on_both_databases! {
    up_applies_every_step_once_and_names_it,
    up_down_up_ends_where_it_began,
    status_and_down_change_nothing_in_an_empty_database,
    two_runs_at_once_apply_each_step_once,
    the_additive_steps_go_back_and_forth_without_losing_a_user,
    the_first_step_refuses_to_drop_a_table_with_rows,
    a_strangers_users_table_is_left_alone,
    a_newer_versions_step_is_not_reverted,
    a_failing_step_changes_nothing,
}

fn migrator(database: &ScratchDatabase) -> Migrator {
    Migrator::new(url(database))
}

fn applied(database: &ScratchDatabase) -> Vec<String> {
    let steps = migrator(database).status().expect("an answer");
    steps.into_iter().filter(|step| step.applied).map(|step| step.name).collect()
}

/// Reverts step by step until only `left` of them are applied.
fn down_to(migrator: &Migrator, left: usize) {
    for step in STEPS[left..].iter().rev() {
        assert_eq!(migrator.down(), Ok(Some((*step).to_owned())));
    }
}

fn names(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

/// Every table and index, to see that nothing else changed.
fn objects(database: &ScratchDatabase) -> Option<String> {
    database.scalar(if database.url().starts_with("sqlite") {
        "SELECT group_concat(name) FROM (SELECT name FROM sqlite_master ORDER BY name)"
    } else {
        "SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    })
}

fn up_applies_every_step_once_and_names_it(database: ScratchDatabase) {
    assert_eq!(migrator(&database).up(), Ok(names(&STEPS)));
    assert_eq!(migrator(&database).up(), Ok(vec![]));
    assert_eq!(applied(&database), STEPS);
}

fn up_down_up_ends_where_it_began(database: ScratchDatabase) {
    let migrator = migrator(&database);
    migrator.up().expect("migrations");
    let before = objects(&database);
    for left in (0..STEPS.len()).rev() {
        assert_eq!(migrator.down(), Ok(Some(STEPS[left].to_owned())));
        assert_eq!(applied(&database), STEPS[..left]);
    }
    assert_eq!(migrator.down(), Ok(None));
    assert_eq!(migrator.up(), Ok(names(&STEPS)));
    assert_eq!(objects(&database), before);
    let bench = SqlBench::unmigrated(database, &patient());
    assert!(bench.users.save_login(&record("auth0|1", "ann@example.com")).is_ok());
}

fn status_and_down_change_nothing_in_an_empty_database(database: ScratchDatabase) {
    let steps = migrator(&database).status().expect("an answer");
    assert_eq!(
        steps.iter().map(|step| (&*step.name, step.applied)).collect::<Vec<_>>(),
        STEPS.map(|step| (step, false))
    );
    assert_eq!(migrator(&database).down(), Ok(None));
    assert_eq!(objects(&database), None);
}

fn two_runs_at_once_apply_each_step_once(database: ScratchDatabase) {
    let url = url(&database);
    let runs = at_once(8, |_| Migrator::new(url.clone()).up().expect("migrations"));
    let mut names: Vec<_> = runs.into_iter().flatten().collect();
    names.sort();
    assert_eq!(names, STEPS);
}

fn the_additive_steps_go_back_and_forth_without_losing_a_user(database: ScratchDatabase) {
    let bench = SqlBench::migrated(database);
    let migrator = migrator(&bench.database);
    for number in 0..20 {
        bench
            .users
            .save_login(&record(&format!("auth0|{number}"), &format!("u{number}@example.com")))
            .expect("a saved user");
    }
    let before = bench.users.find_by_subject(&subject("auth0|7")).expect("an answer").expect("a user");
    down_to(&migrator, 1);
    assert_eq!(bench.rows(), 20);
    migrator.up().expect("migrations");
    assert_eq!(bench.rows(), 20);
    let after = bench.users.find_by_subject(&subject("auth0|7")).expect("an answer").expect("a user");
    assert_eq!((after.id, after.email, after.name), (before.id, before.email, before.name));
}

fn the_first_step_refuses_to_drop_a_table_with_rows(database: ScratchDatabase) {
    let bench = SqlBench::migrated(database);
    let migrator = migrator(&bench.database);
    bench.users.save_login(&record("auth0|1", "ann@example.com")).expect("a saved user");
    down_to(&migrator, 1);
    let before = objects(&bench.database);
    let refused = migrator.down().expect_err("a refusal");
    assert!(matches!(&refused, MigrateError::StepFailed { name, .. } if name == FIRST), "{refused:?}");
    assert!(refused.to_string().contains("still holds rows"), "{refused}");
    assert_eq!(objects(&bench.database), before);
    assert_eq!(applied(&bench.database), [FIRST]);
    assert_eq!(bench.rows(), 1);
    migrator.up().expect("migrations");
    let kept = LoginRecord { name: None, picture: None, ..record("auth0|1", "ann@example.com") };
    assert!(bench.users.save_login(&kept).is_ok());
}

fn a_strangers_users_table_is_left_alone(database: ScratchDatabase) {
    database.execute("CREATE TABLE users (login TEXT); INSERT INTO users VALUES ('ann')");
    let before = objects(&database);
    let refused = migrator(&database).up().expect_err("a refusal");
    let said = refused.to_string();
    assert!(matches!(refused, MigrateError::NotAdopted(_)), "{refused:?}");
    assert!(
        said.contains("it has no column id; it has no column email") && said.contains("`authsync legacy plan`"),
        "{said}"
    );
    assert_eq!(objects(&database), before);
    assert_eq!(database.scalar("SELECT login FROM users").as_deref(), Some("ann"));
    let bench = SqlBench::unmigrated(database, &patient());
    assert_eq!(bench.users.schema_state().expect("an answer"), SchemaState::Behind { pending: STEPS.len() });
    assert!(is_unavailable(bench.users.find_by_subject(&subject("auth0|1"))));
}

fn a_newer_versions_step_is_not_reverted(database: ScratchDatabase) {
    migrator(&database).up().expect("migrations");
    database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000001')");
    let refused = migrator(&database).down().expect_err("a refusal");
    assert_eq!(refused, MigrateError::UnknownStep { version: "29990101000001".to_owned() });
    assert_eq!(applied(&database), STEPS);
}

fn a_failing_step_changes_nothing(database: ScratchDatabase) {
    migrator(&database).up().expect("migrations");
    down_to(&migrator(&database), 1);
    // The second of the two columns is there already.
    database.execute("ALTER TABLE users ADD COLUMN email_verified TEXT");
    let failed = migrator(&database).up().expect_err("a column that is there");
    assert!(matches!(&failed, MigrateError::StepFailed { name, .. } if name == SECOND), "{failed:?}");
    assert_eq!(applied(&database), [FIRST]);
    database.execute("ALTER TABLE users DROP COLUMN email_verified");
    assert_eq!(migrator(&database).up(), Ok(names(&STEPS[1..])));
}

#[test]
fn both_databases_have_the_same_steps_and_each_goes_both_ways() {
    let names = |backend: &str| {
        let directory = format!("{}/../../migrations/{backend}", env!("CARGO_MANIFEST_DIR"));
        let entries =
            std::fs::read_dir(directory).expect("the migrations").map(|entry| entry.expect("an entry").path());
        let mut names: Vec<_> = entries
            .map(|path| {
                assert!(path.join("up.sql").is_file() && path.join("down.sql").is_file(), "{path:?}");
                path.file_name().expect("a name").to_string_lossy().into_owned()
            })
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("postgres"), names("sqlite"));
    let compiled_in = |database| -> Vec<_> {
        migrator(&database).status().expect("an answer").into_iter().map(|step| step.name).collect()
    };
    assert_eq!(compiled_in(ScratchDatabase::postgres()), names("postgres"));
    assert_eq!(compiled_in(ScratchDatabase::sqlite()), names("sqlite"));
}

#[test]
fn postgres_shows_the_columns_of_the_requirements() {
    let bench = SqlBench::postgres();
    let columns = "SELECT string_agg(concat_ws(' ', column_name, data_type, character_maximum_length, is_nullable, \
                   column_default), E'\\n' ORDER BY ordinal_position) \
                   FROM information_schema.columns WHERE table_name = 'users'";
    let expected = "id integer NO nextval('users_id_seq'::regclass)\n\
                    email character varying 255 NO\n\
                    name character varying 255 YES\n\
                    auth0_id character varying 255 NO\n\
                    created_at timestamp with time zone YES CURRENT_TIMESTAMP\n\
                    updated_at timestamp with time zone YES CURRENT_TIMESTAMP\n\
                    picture text YES\n\
                    email_verified boolean NO false\n\
                    blocked boolean NO false\n\
                    deleted_at timestamp with time zone YES";
    assert_eq!(bench.database.scalar(columns).as_deref(), Some(expected));
    let indexes = "SELECT string_agg(indexdef, E'\\n' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'users'";
    let expected = "CREATE UNIQUE INDEX users_auth0_id_key ON public.users USING btree (auth0_id)\n\
                    CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email)\n\
                    CREATE UNIQUE INDEX users_email_lower_key ON public.users USING btree (lower((email)::text))\n\
                    CREATE INDEX users_email_untrimmed ON public.users USING btree \
                    (lower(btrim((email)::text, ' \t\n\u{b}\u{c}\r'::text))) \
                    WHERE ((email)::text ~ '^[ \t\n\u{b}\u{c}\r]|[ \t\n\u{b}\u{c}\r]$'::text)\n\
                    CREATE UNIQUE INDEX users_pkey ON public.users USING btree (id)";
    assert_eq!(bench.database.scalar(indexes).as_deref(), Some(expected));
}

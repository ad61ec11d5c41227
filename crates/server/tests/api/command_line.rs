//! How the program is called: help, exit codes, and what each command needs to be configured.

use scratch_database::ScratchDatabase;

use crate::program::{Ended, run};

fn without_variables(line: &str) -> Ended {
    run(&[], &line.split_whitespace().collect::<Vec<_>>())
}

#[test]
fn help_goes_to_standard_output_and_each_group_has_its_page() {
    for (line, told) in [
        ("--help", "authsync backfill"),
        ("backfill --help", "authsync backfill"),
        ("events --help", "authsync events pull"),
        ("legacy finish -h", "authsync legacy finish"),
    ] {
        let ended = without_variables(line);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{line}: {ended:?}");
        assert!(ended.stdout.contains(told), "{line}: {ended:?}");
    }
}

#[test]
fn wrong_arguments_exit_with_2_and_show_the_page_that_helps() {
    for (line, complaint, page) in [
        ("backfil", "authsync: unknown command `backfil`", "authsync reconcile"),
        ("backfill --again", "authsync: unexpected argument `--again` to backfill", "--restart"),
        ("legacy export", "authsync: legacy export needs --out", "authsync legacy plan"),
        ("events", "authsync: events takes pull, dead-letters list", "authsync events dead-letters retry"),
    ] {
        let ended = without_variables(line);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{line}: {ended:?}");
        assert!(ended.stderr.starts_with(complaint) && ended.stderr.contains(page), "{line}: {ended:?}");
    }
}

#[test]
fn a_password_in_a_misplaced_argument_is_not_repeated() {
    for line in ["backfill postgres://u:hunter2@h/d", "legacy plan --database-url=mysql://u:hunter2@h/d"] {
        let ended = without_variables(line);
        assert_eq!(ended.code, Some(2));
        assert!(!format!("{ended:?}").contains("hunter2"), "{ended:?}");
    }
}

#[test]
fn what_asks_auth0_names_every_missing_variable() {
    for line in ["backfill", "reconcile", "reconcile --dry-run", "legacy import --dir x --connection con_0"] {
        let ended = without_variables(line);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{line}: {ended:?}");
        for variable in ["AUTH0_DOMAIN", "AUTH0_API_IDENTIFIER"] {
            assert!(ended.stderr.contains(variable), "{line}: {ended:?}");
        }
        let tenant = ["AUTH0_DOMAIN", "AUTH0_API_IDENTIFIER"].map(|name| (name.to_owned(), "acme.example".to_owned()));
        let ended = run(&tenant, &line.split_whitespace().collect::<Vec<_>>());
        assert_eq!(ended.code, Some(2), "{line}: {ended:?}");
        for variable in ["AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"] {
            assert!(ended.stderr.contains(variable), "{line}: {ended:?}");
        }
    }
}

#[test]
fn what_asks_the_database_alone_needs_no_tenant() {
    let out = tempfile::TempDir::new().expect("a directory");
    let export = format!("legacy export --out {}", out.path().display());
    for line in [
        "events dead-letters list",
        "events dead-letters retry",
        "legacy plan",
        "legacy adopt",
        export.as_str(),
        "legacy link",
        "legacy finish",
        "legacy rollback",
        "legacy status",
    ] {
        let database = ScratchDatabase::sqlite();
        let mut arguments: Vec<&str> = line.split_whitespace().collect();
        arguments.extend(["--database-url", database.url()]);
        let ended = run(&[], &arguments);
        // Whatever such a database leads to, it is not a matter of configuration.
        assert!(matches!(ended.code, Some(0 | 1)), "{line}: {ended:?}");
    }
}

//! `authsync`: arguments, then logging, then the command.

use std::ffi::OsString;
use std::io::{IsTerminal as _, stdout};
use std::process::ExitCode;

use log::SetLoggerError;
use server::command::{Command, EventsAction, LegacyCommand, Outcome, VERSION, usage_for};
use server::settings::{Environment, LocalSettings, Problems, Settings, TenantSettings};
use server::{backfill, check, events, legacy, logging, migrate, reconcile, serve};

/// It was tried and did not work, or not for everybody.
const FAILED: u8 = 1;
/// It was not tried: arguments or configuration are wrong.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let command = match Command::parse(&arguments) {
        Ok(command) => command,
        Err(error) => return complain(MISUSED, &format!("authsync: {error}\n\n{}", usage_for(&arguments))),
    };
    let environment = Environment::from_process();
    let local = |database_url| LocalSettings::load(&environment, database_url);
    let tenant = || TenantSettings::load(&environment);
    match command {
        Command::Help => print(usage_for(&arguments)),
        Command::Version => print(VERSION),
        Command::Serve => match Settings::load(&environment) {
            Ok(settings) => {
                let log = logging::init_for_server(&settings.log);
                logged(log, || serve::run(&settings).map(|()| Outcome::complete("")))
            }
            Err(problems) => misconfigured(&problems),
        },
        // Its report holds what the log would say.
        Command::Check { rehearse_rotation } => match Settings::load(&environment) {
            Ok(settings) if rehearse_rotation => rehearse(&settings),
            Ok(settings) => {
                let report = check::run(&settings);
                ended(Ok(Outcome { report: report.text(stdout().is_terminal()), complete: report.all_good() }))
            }
            Err(problems) => misconfigured(&problems),
        },
        Command::Migrate { action, database_url } => with_local(local(database_url), |s| migrate::run(s, action)),
        Command::Backfill(options) => with_tenant(tenant(), |s| backfill::run(&options, s)),
        Command::Reconcile(options) => with_tenant(tenant(), |s| reconcile::run(options, s, &mut std::io::stdout())),
        Command::Events(EventsAction::Pull) => with_tenant(tenant(), events::pull),
        Command::Events(EventsAction::ListDeadLetters { format, database_url }) => {
            with_local(local(database_url), |s| events::dead_letters_list(s, format, &mut std::io::stdout()))
        }
        Command::Events(EventsAction::RetryDeadLetters { database_url }) => {
            with_local(local(database_url), |s| events::dead_letters_retry(s, &mut std::io::stdout()))
        }
        Command::Legacy(LegacyCommand::Local { action, database_url }) => {
            with_local(local(database_url), |s| legacy::run(&action, s))
        }
        Command::Legacy(LegacyCommand::Import { dir, connection }) => {
            with_tenant(tenant(), |s| legacy::import(&dir, &connection, s))
        }
    }
}

fn rehearse(settings: &Settings) -> ExitCode {
    match check::rehearsal::run(settings) {
        Ok(timeline) => {
            let report = timeline.text(stdout().is_terminal());
            ended(Ok(Outcome { report, complete: timeline.all_good() }))
        }
        Err(error) if error.is_misuse() => complain(MISUSED, &format!("authsync: {error}\n")),
        Err(error) => complain(FAILED, &format!("authsync: {error}\n")),
    }
}

fn with_local(
    settings: Result<LocalSettings, Problems>,
    run: impl FnOnce(&LocalSettings) -> anyhow::Result<Outcome>,
) -> ExitCode {
    match settings {
        Ok(settings) => logged(logging::init(&settings.log), || run(&settings)),
        Err(problems) => misconfigured(&problems),
    }
}

fn with_tenant(
    settings: Result<TenantSettings, Problems>,
    run: impl FnOnce(&TenantSettings) -> anyhow::Result<Outcome>,
) -> ExitCode {
    match settings {
        Ok(settings) => logged(logging::init(&settings.log), || run(&settings)),
        Err(problems) => misconfigured(&problems),
    }
}

fn logged(log: Result<(), SetLoggerError>, run: impl FnOnce() -> anyhow::Result<Outcome>) -> ExitCode {
    let result = log.map_err(Into::into).and_then(|()| run());
    // What led to the end comes before what is said about it.
    logging::flush();
    ended(result)
}

fn misconfigured(problems: &Problems) -> ExitCode {
    complain(MISUSED, &format!("{problems}\n"))
}

fn ended(result: anyhow::Result<Outcome>) -> ExitCode {
    match result {
        Ok(Outcome { report, complete }) => {
            print(&report);
            if complete { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
        }
        Err(error) => complain(FAILED, &format!("authsync: {error:#}\n")),
    }
}

#[expect(clippy::print_stdout, reason = "what a command was asked for goes to standard output")]
fn print(text: &str) -> ExitCode {
    print!("{text}");
    ExitCode::SUCCESS
}

#[expect(clippy::print_stderr, reason = "the person at the terminal reads this, not the log")]
fn complain(code: u8, text: &str) -> ExitCode {
    eprint!("{text}");
    ExitCode::from(code)
}

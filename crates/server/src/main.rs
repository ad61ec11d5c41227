//! `authsync`: arguments, then logging, then the command.

use std::process::ExitCode;

use server::command::{Command, USAGE, VERSION};
use server::settings::{Environment, MigrationSettings, Problems, Settings};
use server::{check, logging, migrate, serve};

/// It was tried and did not work.
const FAILED: u8 = 1;
/// It was not tried: arguments or configuration are wrong.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let command = match Command::parse(std::env::args_os().skip(1)) {
        Ok(command) => command,
        Err(error) => return complain(MISUSED, &format!("authsync: {error}\n\n{USAGE}")),
    };
    let environment = Environment::from_process();
    match command {
        Command::Help => print(USAGE),
        Command::Version => print(VERSION),
        Command::Serve => match Settings::load(&environment) {
            Ok(settings) => {
                outcome(logging::init(&settings.log).map_err(Into::into).and_then(|()| serve::run(&settings)))
            }
            Err(problems) => misconfigured(&problems),
        },
        Command::Check => match Settings::load(&environment) {
            Ok(settings) => {
                let report = check::run(&settings);
                print(&report.to_string());
                if report.all_good() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) }
            }
            Err(problems) => misconfigured(&problems),
        },
        Command::Migrate { action, database_url } => match MigrationSettings::load(&environment, database_url) {
            Ok(settings) => {
                match logging::init(&settings.log).map_err(Into::into).and_then(|()| migrate::run(&settings, action)) {
                    Ok(report) => print(&report),
                    Err(error) => outcome(Err(error)),
                }
            }
            Err(problems) => misconfigured(&problems),
        },
    }
}

fn misconfigured(problems: &Problems) -> ExitCode {
    complain(MISUSED, &problems.to_string())
}

fn outcome(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
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

//! `cargo xtask dev`: a local Auth0 tenant, authsync on SQLite, and one login through both.
//!
//! Both programs end with this one, however it ends. The tenant ends when its standard input closes; authsync runs
//! under [`guard`], which does the same on its behalf. Only killing the guard itself with SIGKILL leaves authsync
//! behind.

pub(crate) mod build;
pub(crate) mod database;
pub(crate) mod events;
pub(crate) mod guard;
mod json_text;
mod login;
mod page;
pub(crate) mod process;
mod report;
mod server;
mod tenant;

use std::process::ExitCode;
use std::time::Instant;

use self::database::Database;
use self::events::{Events, Interrupted};
use self::process::Process;
use crate::arguments::Arguments;
use crate::http::Client;
use crate::screen::{Screen, duration};
use crate::tenant_file::{Announcement, DevTenant};

/// Of a program that is in trouble, this many lines are shown.
const LAST_LINES: usize = 15;

/// Starts both, logs in, and serves until Ctrl-C; with `--once` it ends after the login.
///
/// # Errors
/// The arguments are wrong, or the programs do not build.
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let begin = Instant::now();
    let once = Arguments::parse(arguments, &["--once"], &[], 0)?.has("--once");
    let programs = build::programs(screen)?;
    let built = Instant::now();
    let database = if once { Database::temporary()? } else { Database::kept()? };
    let mut session =
        Session { begin, built, once, screen, programs, running: Vec::new(), database, events: Events::listen()? };
    match session.perform() {
        Ok(code) => Ok(code),
        Err(error) if error.is::<Interrupted>() => {
            screen.line("\nstopped before the login was through");
            Ok(ExitCode::FAILURE)
        }
        Err(error) => {
            session.explain(&error);
            Ok(ExitCode::FAILURE)
        }
    }
}

struct Session {
    begin: Instant,
    built: Instant,
    once: bool,
    screen: Screen,
    programs: build::Programs,
    // Dropped in this order: the database outlives its users.
    running: Vec<Process>,
    database: Database,
    events: Events,
}

impl Session {
    fn perform(&mut self) -> anyhow::Result<ExitCode> {
        let tenant = tenant::start(&self.programs.fake_auth0, self.once, &self.events, &mut self.running)?;
        let server = server::start(
            &self.programs.authsync,
            self.once,
            &tenant,
            &self.database,
            &self.events,
            &mut self.running,
        )?;
        let client = Client::new();
        self.screen.line("");
        server::wait_until_ready(&client, &server, &self.events)?;
        login::perform(&client, &tenant, &server, self.screen)?;
        let (all, build) = (self.begin.elapsed(), self.built - self.begin);
        let green = self.screen.green("ready");
        if build < build::PATIENCE {
            self.screen.line(format_args!("{green} in {}", duration(all)));
        } else {
            self.screen.line(format_args!(
                "{green} in {}, after a build of {}",
                duration(all - build),
                duration(build)
            ));
        }
        if self.once {
            return Ok(ExitCode::SUCCESS);
        }
        let _announcement = announce(&tenant, &server)?;
        let page = page::start(&tenant, &server, &self.events, &mut self.running, self.screen)?;
        report::show(&tenant, &server, &page, &self.database, self.screen);
        let serving = self.events.until_the_end(self.screen);
        self.running.clear();
        serving?;
        self.screen.line("\nstopped");
        Ok(ExitCode::SUCCESS)
    }

    /// The error, and what those have said who may be at fault: whoever has ended, and whoever was started last.
    fn explain(&mut self, error: &anyhow::Error) {
        self.screen.complain(format_args!("\n{} {error:#}", self.screen.red("error:")));
        let last = self.running.len().saturating_sub(1);
        for (at, process) in self.running.iter_mut().enumerate() {
            if at != last && !process.has_ended() {
                continue;
            }
            let lines = process.last_lines(LAST_LINES);
            let silence = if lines.is_empty() { " (none)" } else { "" };
            self.screen.complain(format_args!("\nthe last words of {}:{silence}", process.name()));
            for line in lines {
                self.screen.complain(format_args!("  {line}"));
            }
        }
    }
}

fn announce(tenant: &tenant::Tenant, server: &str) -> anyhow::Result<Announcement> {
    DevTenant { tenant: tenant.url.clone(), server: server.to_owned() }.announce()
}

/// The wished-for port on loopback if nobody has it, else any.
fn loopback_address(port: u16) -> String {
    let free = std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    format!("127.0.0.1:{}", if free { port } else { 0 })
}

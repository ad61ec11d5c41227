//! PgBouncer in transaction mode stands between authsync and PostgreSQL.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use scratch_database::{OwnPostgres, ScratchDatabase};

use super::person::Person;
use super::phases::Phases;
use super::program::{self, Program};
use super::watch::Watch;
use super::wire::{self, Wire};
use super::{Drill, Ground, Load, LoadPlan, Node, NodePlan, ledger, wait};
use crate::apt_get::{self, on_path};
use crate::workspace;

pub(super) const DRILL: Drill = Drill {
    name: "pgbouncer",
    fault: "PgBouncer in transaction mode: no statement finds the session of the one before",
    perform,
};

/// Debian's packages of it and of its libraries. To install it would start a service, so they are only unpacked.
const PACKAGES: [&str; 3] = ["pgbouncer", "libc-ares2", "libevent-2.1-7"];
const INSTALL: &str = "apt-get install -y pgbouncer";
const START: Duration = Duration::from_secs(10);
/// Fewer than authsync has, so that they are shared.
const SERVER_CONNECTIONS: u32 = 2;
const BACK_WITHIN: f64 = 3.0;
const SLOWEST_REFUSAL_MS: f64 = 7500.0;
const GROWTH_MEBIBYTES: f64 = 16.0;
/// Until a change by another program is seen, in seconds.
const SEEN_WITHIN: f64 = 1.0;

fn perform(ground: &mut Ground) -> anyhow::Result<()> {
    let bouncer = Bouncer::find(ground)?;
    let tenant = ground.tenant()?;
    let postgres = OwnPostgres::plan().durable().on_a_port().start()?;
    let database = postgres.try_database()?;
    let port = postgres.port().context("PostgreSQL has a port")?;
    let (mut running, its_port) = bouncer.start(port, ground)?;
    let url = database.url().replace(&format!(":{port}/"), &format!(":{its_port}/"));
    // Migrations want a session, so they go to PostgreSQL itself.
    drop(ground.node(NodePlan::new("migration", &tenant, database.url()))?);
    // Through PgBouncer no session can be given a limit.
    database.try_execute("ALTER ROLE postgres SET statement_timeout = '5s'")?;
    let plan = NodePlan::new("authsync", &tenant, &url)
        .without_migration()
        .variable("AUTHSYNC_DATABASE_PREPARED_STATEMENTS", "false")
        .variable("DATABASE_LISTEN_URL", database.url());
    let node = ground.node(plan)?;
    ledger::keep_journal(database.url())?;
    let people = tenant.people("person", 100)?;
    let newcomers = tenant.people("newcomer", ground.count(300, 2500))?;
    let watch = Watch::begin(node.process_cell());
    let load = Load::start(LoadPlan::ORDINARY, &[node.address()], people, newcomers);
    load.wait_until_all_are_known(Duration::from_secs(30))?;
    let begin = Instant::now();
    ground.step("everybody is known");
    load.run_for(ground.span(2.0, 15.0));
    let fault = Instant::now();
    program::signal(running.id_below(&bouncer.program)?, rustix::process::Signal::KILL)?;
    running.end(START)?;
    load.run_for(ground.span(1.0, 5.0));
    let (_running, _) = bouncer.start_at(its_port, port, ground)?;
    let over = Instant::now();
    ground.step("PgBouncer was killed and is back");
    load.wait_for_write_after(over, Duration::from_secs(30))?;
    load.run_for(Duration::from_secs_f64(BACK_WITHIN) + ground.span(0.5, 5.0));
    let phases = Phases { begin, fault, over, end: Instant::now() };
    let (record, ledger) = load.stop()?;
    let balance = ledger.compare(database.url())?;
    let pair = tenant.people("pair", 2)?;
    let conflict = conflict(&node, &pair)?;
    let seen = change_seen(&node, &pair, &database);
    let report = &mut ground.report;
    phases.tell(&record, report);
    report.none("requests that fail before PgBouncer is killed", {
        phases.before(&record).those(|sample| !sample.is(200) && sample.ended() < fault).len()
    });
    report.promise("an address that belongs to somebody else", conflict == 409, conflict);
    report.at_most("until a change by another program is seen", seen, SEEN_WITHIN, "s");
    phases.hold_refusals(&record, SLOWEST_REFUSAL_MS, report);
    report.none("requests without an answer", record.unanswered());
    phases.hold_recovery(&record, BACK_WITHIN, report);
    report.none("words of prepared statements in the log", node.said()?.matches("prepared statement").count());
    phases.hold_memory(&watch.stop()?, GROWTH_MEBIBYTES, report);
    balance.hold(report);
    Ok(())
}

/// The status of a sync with the address of another user.
fn conflict(node: &Node, pair: &[Person]) -> anyhow::Result<u16> {
    let [holder, other] = pair else { bail!("two people are needed") };
    let mut wire = Wire::new(node.address(), START);
    let mut ask = |request: &str| wire.ask(request).map_err(|failure| anyhow::anyhow!("{failure:?}"));
    let status = ask(&wire::sync(holder, "Holder"))?.status;
    if status != 200 {
        bail!("a new user is answered with {status}");
    }
    Ok(ask(&wire::sync(&Person { email: holder.email.clone(), ..other.clone() }, "Other"))?.status)
}

/// Seconds until a verification tells of what another program has written.
fn change_seen(node: &Node, pair: &[Person], database: &ScratchDatabase) -> Option<f64> {
    let person = pair.first()?;
    let mut wire = Wire::new(node.address(), START);
    let change = format!("UPDATE users SET name = 'Changed' WHERE auth0_id = '{}'", person.subject);
    // Once remembered, it would be told from memory.
    (0..3).for_each(|_| drop(wire.ask(&wire::verify(person))));
    database.try_execute(&change).ok()?;
    let begin = Instant::now();
    let tells = |wire: &mut Wire| wire.ask(&wire::verify(person)).is_ok_and(|reply| reply.body.contains("Changed"));
    wait::until("the change is seen", START, || Ok(tells(&mut wire).then_some(()))).ok()?;
    Some(begin.elapsed().as_secs_f64())
}

/// PgBouncer's program, and where libraries of its own are.
struct Bouncer {
    program: PathBuf,
    libraries: Vec<PathBuf>,
}

impl Bouncer {
    /// The one that is installed, or one that is unpacked below `target/`.
    fn find(ground: &Ground) -> anyhow::Result<Self> {
        let installed =
            on_path("pgbouncer").or_else(|| Some(PathBuf::from("/usr/sbin/pgbouncer")).filter(|p| p.is_file()));
        if let Some(program) = installed {
            return Ok(Self { program, libraries: Vec::new() });
        }
        let folder = workspace::root().join("target/tools/pgbouncer");
        let program = folder.join("usr/sbin/pgbouncer");
        let libraries = ["x86_64", "aarch64"].map(|cpu| folder.join(format!("usr/lib/{cpu}-linux-gnu"))).to_vec();
        let unpacked = Self { program, libraries };
        if !unpacked.runs() && apt_get::exists() {
            ground.step(format_args!("PgBouncer not found; unpacking it into {}", folder.display()));
            for package in PACKAGES {
                // Whether it is enough is seen when it runs.
                let _enough = apt_get::unpack(package, &folder)?;
            }
        }
        if !unpacked.runs() {
            bail!("there is no PgBouncer. Type `{INSTALL}`, or put `pgbouncer` on the PATH");
        }
        Ok(unpacked)
    }

    fn runs(&self) -> bool {
        self.command().arg("--version").output().is_ok_and(|output| output.status.success())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.envs(self.library_path());
        command
    }

    fn library_path(&self) -> Option<(&'static str, std::ffi::OsString)> {
        let path = std::env::join_paths(&self.libraries).ok()?;
        (!self.libraries.is_empty()).then_some(("LD_LIBRARY_PATH", path))
    }

    /// Starts it on a free port, which is returned.
    fn start(&self, postgres: u16, ground: &Ground) -> anyhow::Result<(Program, u16)> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        self.start_at(port, postgres, ground)
    }

    fn start_at(&self, port: u16, postgres: u16, ground: &Ground) -> anyhow::Result<(Program, u16)> {
        // Neither the program nor its settings may be where only we can read: it changes its account.
        let settings = tempfile::Builder::new().prefix("authsync-pgbouncer-").suffix(".ini").tempfile_in("/tmp")?;
        fs::write(
            settings.path(),
            format!(
                "[databases]\n* = host=127.0.0.1 port={postgres} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\nserver_reset_query =\n\
             default_pool_size = {SERVER_CONNECTIONS}\nmax_client_conn = 200\n"
            ),
        )?;
        fs::set_permissions(settings.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        let mut command = program::guarded(&self.program)?;
        command.envs(self.library_path());
        if program::is_root() {
            // It refuses to be root.
            command.args(["-u", "nobody"]);
        }
        command.arg(settings.path());
        let mut running = Program::start("pgbouncer", command, ground.folder())?;
        running.line(START, |line| line.contains("process up").then_some(()))?;
        Ok((running, port))
    }
}

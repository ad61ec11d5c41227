//! The real binary, in an environment that holds nothing but what the test puts into it.

use std::io::Read;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fake_auth0::FakeAuth0;
use scratch_database::ScratchDatabase;
use tempfile::TempDir;

use crate::client::{Client, PATIENCE};
#[cfg(target_os = "linux")]
use crate::process::Process;
use crate::raw_connection::RawConnection;
use crate::spawn::Setup;
use crate::waiting::{eventually, outcome_within};

/// What the program is to be started with.
#[derive(Debug)]
pub(crate) struct ProgramSetup {
    pub(crate) tenant: Arc<FakeAuth0>,
    pub(crate) database: ScratchDatabase,
    variables: Vec<(String, String)>,
    file: Option<String>,
}

/// The program while it serves. Killed when dropped, if it still runs.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    output: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
    _directory: TempDir,
    pub(crate) database: ScratchDatabase,
    pub(crate) tenant: Arc<FakeAuth0>,
}

/// A command while it runs. Killed when dropped, if it still runs.
#[derive(Debug)]
pub(crate) struct RunningCommand {
    child: Child,
    stdout: Arc<Mutex<Vec<u8>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    readers: Vec<JoinHandle<()>>,
    _directory: TempDir,
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit status, if no signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl ProgramSetup {
    /// One variable more, or in place of one that is set anyway.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of `DATABASE_URL`.
    pub(crate) fn database_url(&self) -> &str {
        let url = self.variables.iter().find(|(name, _)| name == "DATABASE_URL");
        url.map(|(_, value)| value.as_str()).expect("a database")
    }

    /// Starts the server and waits until it listens.
    pub(crate) fn serve(self) -> Program {
        let program = self.spawn();
        program.address();
        program
    }

    /// Starts the server and waits for nothing.
    pub(crate) fn spawn(self) -> Program {
        let Self { tenant, database, variables, file } = self;
        let directory = TempDir::new().expect("a directory");
        if let Some(file) = file {
            std::fs::create_dir(directory.path().join("config")).expect("a directory");
            std::fs::write(directory.path().join("config/test.toml"), file).expect("a file");
        }
        let mut child = command(&directory, &variables).spawn().expect("the program");
        let output = Arc::default();
        let readers = vec![
            collect(child.stdout.take().expect("a pipe"), &output),
            collect(child.stderr.take().expect("a pipe"), &output),
        ];
        Program { child, output, readers, _directory: directory, database, tenant }
    }

    /// Starts the server and waits until it is ready.
    pub(crate) fn serve_ready(self) -> Program {
        let program = self.serve();
        let client = program.client();
        eventually("the program is ready", || (client.get("/readyz").status == 200).then_some(()));
        program
    }

    /// TOML for the file between the defaults and the variables.
    pub(crate) fn with_file(self, toml: &str) -> Self {
        Self { file: Some(toml.to_owned()), ..self }.with("AUTHSYNC_ENV", "test")
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        run(&self.variables, arguments)
    }

    /// Starts a command that may take its time.
    pub(crate) fn begin(&self, arguments: &[&str]) -> RunningCommand {
        RunningCommand::begin(&self.variables, arguments)
    }
}

impl Program {
    pub(crate) fn on_sqlite() -> ProgramSetup {
        Self::of(Setup::on_sqlite())
    }

    pub(crate) fn on_postgres() -> ProgramSetup {
        Self::of(Setup::on_postgres())
    }

    /// With the four variables that production cannot do without.
    pub(crate) fn of(setup: Setup) -> ProgramSetup {
        let Setup { tenant, database, .. } = setup;
        let variables = [
            ("AUTH0_DOMAIN", tenant.domain()),
            ("AUTH0_API_IDENTIFIER", tenant.audience()),
            ("DATABASE_URL", database.url()),
            ("AUTHSYNC_BIND", "127.0.0.1:0"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        ProgramSetup { tenant, database, variables, file: None }
    }

    /// Where it listens, as its log says.
    pub(crate) fn address(&self) -> SocketAddr {
        eventually("the program listens", || {
            let log = self.log();
            let address = log.lines().find_map(|line| line.split_once("listening on http://"))?.1;
            // In JSON the message ends before the line does.
            let address = address.split('"').next()?.trim();
            Some(address.parse().expect("an address"))
        })
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address())
    }

    pub(crate) fn raw(&self) -> RawConnection {
        RawConnection::open(self.address())
    }

    /// Everything that it has written so far, to standard output and to standard error.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&self.output.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// Sends a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent =
            Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &self.child.id().to_string()]).status();
        assert!(sent.expect("a shell").success());
    }

    /// How the system sees it.
    #[cfg(target_os = "linux")]
    pub(crate) fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Waits for its end. Fails when the time is up first.
    #[track_caller]
    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        let began = Instant::now();
        let status = outcome_within(limit, || self.child.try_wait().expect("a child"));
        let Some(status) = status else { panic!("still running after {:?}", began.elapsed()) };
        self.readers.drain(..).for_each(|reader| reader.join().expect("a reader"));
        status
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}

impl RunningCommand {
    fn begin(variables: &[(String, String)], arguments: &[&str]) -> Self {
        let directory = TempDir::new().expect("a directory");
        let mut child = command(&directory, variables).args(arguments).spawn().expect("the program");
        let (stdout, stderr) = (Arc::default(), Arc::default());
        let readers = vec![
            collect(child.stdout.take().expect("a pipe"), &stdout),
            collect(child.stderr.take().expect("a pipe"), &stderr),
        ];
        Self { child, stdout, stderr, readers, _directory: directory }
    }

    /// The most memory that it has had so far, in KiB, while it runs.
    #[cfg(target_os = "linux")]
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().trim_end_matches(" kB").parse().ok()
    }

    /// Whether it has ended.
    pub(crate) fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("a child").is_some()
    }

    /// Ends it without warning.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a child that runs");
        self.child.wait().expect("a child");
    }

    /// Waits for its end. Fails when the time is up first.
    #[track_caller]
    pub(crate) fn wait(mut self, limit: Duration) -> Ended {
        let status = outcome_within(limit, || self.child.try_wait().expect("a child"));
        if status.is_none() {
            let _gone_already = self.child.kill();
        }
        self.readers.drain(..).for_each(|reader| reader.join().expect("a reader"));
        let text = |bytes: &Mutex<Vec<u8>>| {
            String::from_utf8_lossy(&bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
        };
        let (stdout, stderr) = (text(&self.stdout), text(&self.stderr));
        let status = status.unwrap_or_else(|| panic!("it did not end: {stdout}{stderr}"));
        Ended { code: status.code(), stdout, stderr }
    }
}

impl Drop for RunningCommand {
    fn drop(&mut self) {
        let _gone_already = self.child.kill();
        let _reaped_already = self.child.wait();
    }
}

/// Runs a command of the program to its end, with these variables and no others, in an empty directory.
#[track_caller]
pub(crate) fn run(variables: &[(String, String)], arguments: &[&str]) -> Ended {
    RunningCommand::begin(variables, arguments).wait(PATIENCE)
}

fn command(directory: &TempDir, variables: &[(String, String)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authsync"));
    command.env_clear().envs(variables.iter().map(|(name, value)| (name, value))).current_dir(directory.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Reads a pipe to its end, so that it never fills up.
fn collect(mut pipe: impl Read + Send + 'static, output: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let output = Arc::clone(output);
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count) = pipe.read(&mut buffer)
            && count > 0
        {
            output.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..count]);
        }
    })
}

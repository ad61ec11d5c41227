//! `cargo xtask api`: the documents of the API, judged by programs that others wrote.
//!
//! Their form is judged by public validators ([`documents`]), their types by a client that is generated from them
//! ([`client`]), and what they say of the server by schemathesis ([`cases`]). Everything that is not Rust is in `e2e/api`.

mod cases;
mod client;
mod documents;
mod python;

use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

use self::python::Python;
use crate::arguments::Arguments;
use crate::dev::build;
use crate::dev::events::Events;
use crate::e2e::stack::{Scheme, Stack};
use crate::frontend::{Node, Packages};
use crate::programs;
use crate::screen::{Screen, duration};

const BY_HAND: &str = "Put Node 20 or later with npm, and Python 3.11 or later with venv, on the PATH";

/// The command.
///
/// # Errors
/// As [`perform`].
pub(crate) fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    Arguments::parse(arguments, &[], &[], 0)?;
    let begin = Instant::now();
    let good = perform(screen)?;
    let outcome = if good { screen.green("passed") } else { screen.red("failed") };
    screen.line(format_args!("{outcome} in {}", duration(begin.elapsed())));
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Takes every step, also after one has failed. `false`: one has, and has said why.
///
/// # Errors
/// Something is missing and cannot be installed, or does not build or start.
pub(crate) fn perform(screen: Screen) -> anyhow::Result<bool> {
    screen.line(screen.bold("the documents of the API"));
    let [node, npm] = Node::NEEDED;
    programs::ensure(&[node, npm, Python::NEEDED], BY_HAND, screen)?;
    let node = Node::find().context("what was installed is not on the PATH")?;
    Packages::IN_API.install(&node, screen)?;
    let python = Python::with_schemathesis(screen)?;
    let built = build::programs(screen)?;
    let steps = Steps { node: &node, screen };
    let mut good = steps.take("openapi.json is OpenAPI 3.1", || documents::openapi(&steps));
    good &= steps.take("asyncapi.json is AsyncAPI 3.0", || documents::asyncapi(&steps));
    let compiles = steps.take("a generated client compiles", || client::compile(&steps));
    good &= compiles;
    // A queue of its own: the ends of programs that ran before are no trouble of these.
    let events = Events::listen()?;
    let mut stack = Stack::new(Scheme::Http)?;
    let service = stack.start_service(&built, &events).inspect_err(|_| stack.explain(screen))?;
    if compiles {
        good &= steps.take("it logs in and is refused as documented", || client::run(&steps, &service));
    }
    for round in cases::ROUNDS {
        good &= steps.take(round.title(), || round.play(&python, &service));
    }
    Ok(good)
}

/// How a step is shown and what it needs.
struct Steps<'a> {
    node: &'a Node,
    screen: Screen,
}

impl Steps<'_> {
    /// Shows the outcome: what a good step has to say of itself, or why it is none.
    fn take(&self, title: &str, step: impl FnOnce() -> anyhow::Result<String>) -> bool {
        let begin = Instant::now();
        match step() {
            Ok(detail) => {
                let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
                self.screen.line(format_args!("  ok      {title}{detail} ({})", duration(begin.elapsed())));
                true
            }
            Err(error) => {
                self.screen.line(format_args!("  {}  {title}\n{error:#}", self.screen.red("FAILED")));
                false
            }
        }
    }

    /// A program of `e2e/api`, for Node.
    fn node(&self, script: &str) -> Command {
        let mut node = Command::new(&self.node.node);
        node.arg(Packages::IN_API.path(script)).current_dir(Packages::IN_API.path(""));
        // Nothing but what is asked for: no report to anybody, no look for a newer version.
        node.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true").env("NO_COLOR", "1");
        node
    }
}

/// What the command prints on standard output.
///
/// # Errors
/// It cannot be started, or ends with another code than 0; what it has said is the message.
fn output_of(command: &mut Command) -> anyhow::Result<String> {
    let name = Path::new(command.get_program()).display().to_string();
    // Requests on loopback, whatever the environment says about proxies.
    command.env("NO_PROXY", "*").env("no_proxy", "*").stdin(Stdio::null());
    let output = command.output().with_context(|| format!("{name} cannot be started"))?;
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if !output.status.success() {
        bail!("{said}\n{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(said)
}

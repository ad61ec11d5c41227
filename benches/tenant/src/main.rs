//! The tenant of the benchmarks. It keeps its key and its port in a folder, so that tokens which were signed once are good
//! again in the next run: signing hundreds of thousands takes a minute or two.

mod arguments;
mod ledger;
mod signer;

use std::fs::File;
use std::io::{self, Write, stderr, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use fake_auth0::{Endpoint, FakeAuth0};

use crate::arguments::{Arguments, USAGE};
use crate::ledger::{Ledger, Terms};
use crate::signer::Signer;

const PORT: &str = "port";
const LOCK: &str = "lock";
const TOKENS: &str = "tokens.txt";

fn main() -> ExitCode {
    match Arguments::parse(std::env::args_os().skip(1)) {
        Ok(Some(arguments)) => match run(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => said(&mut stderr(), &format!("tenant: {error:#}"), ExitCode::FAILURE),
        },
        Ok(None) => said(&mut stdout(), USAGE, ExitCode::SUCCESS),
        Err(problem) => said(&mut stderr(), &format!("tenant: {problem}; see --help"), ExitCode::from(2)),
    }
}

/// A stream that nobody reads any more is no reason to end otherwise.
fn said(stream: &mut dyn Write, text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(stream, "{text}");
    code
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let lock = File::create(folder.join(LOCK)).with_context(|| folder.display().to_string())?;
    if let Err(error) = lock.try_lock() {
        bail!("another tenant is at work in {}: {error}", folder.display());
    }
    let signer = Signer::kept_in(folder)?;
    let tenant = started(arguments)?;
    tenant.publish_extra_jwk(signer.jwk());
    let terms = Terms {
        issuer: tenant.issuer().to_owned(),
        audience: tenant.audience().to_owned(),
        kid: signer.kid().to_owned(),
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut ledger = Ledger::open(&folder.join(TOKENS), terms, now)?;
    while let Some((from, count)) = ledger.missing(arguments.tokens) {
        ledger.add(&signer.tokens(ledger.claims(), from, count)?)?;
        tell("signed", &format!("{} of {}", from + count, arguments.tokens))?;
    }
    tell("domain", tenant.domain())?;
    tell("audience", tenant.audience())?;
    tell("issuer", tenant.issuer())?;
    tell("jwks", &tenant.url(Endpoint::Jwks))?;
    tell("tokens", &folder.join(TOKENS).display().to_string())?;
    tell("ready", "true")?;
    // Whoever started this lives for as long as the pipe is open.
    io::copy(&mut io::stdin().lock(), &mut io::sink())?;
    Ok(())
}

/// The tenant on the port of last time, which is part of the issuer's name; on another one if that is taken.
fn started(arguments: &Arguments) -> anyhow::Result<FakeAuth0> {
    let at = |port| {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        FakeAuth0::builder().bind(address).audience(arguments.audience.as_str()).development(true).try_start()
    };
    let file = arguments.folder.join(PORT);
    let known = std::fs::read_to_string(&file).ok().and_then(|text| text.trim().parse().ok());
    if let Some(tenant) = known.and_then(|port| at(port).ok()) {
        return Ok(tenant);
    }
    let tenant = at(0)?;
    let port = tenant.domain().rsplit(':').next().context("the tenant has no port")?;
    std::fs::write(&file, port).with_context(|| file.display().to_string())?;
    Ok(tenant)
}

fn tell(name: &str, value: &str) -> io::Result<()> {
    let mut stdout = stdout().lock();
    writeln!(stdout, "{name}={value}")?;
    stdout.flush()
}

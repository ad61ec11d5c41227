//! The tenant as a program: see `fake-auth0 --help`.

mod arguments;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use actix_web::rt;
use anyhow::Context;
use arguments::{Arguments, USAGE};
use fake_auth0::{DATABASE_CONNECTION_ID, Endpoint, FakeAuth0, SpaClient, StartError, WebhookError};

const USAGE_ERROR: u8 = 2;

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) if arguments.help => say_and_exit(&mut io::stdout(), USAGE, ExitCode::SUCCESS),
        Ok(arguments) => match run(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let not_loopback = matches!(error.downcast_ref(), Some(StartError::NotLoopback(_)));
                let code = if not_loopback || error.is::<WebhookError>() {
                    ExitCode::from(USAGE_ERROR)
                } else {
                    ExitCode::FAILURE
                };
                say_and_exit(&mut io::stderr(), &format!("fake-auth0: {error:#}"), code)
            }
        },
        Err(problem) => say_and_exit(&mut io::stderr(), &format!("fake-auth0: {problem}"), ExitCode::from(USAGE_ERROR)),
    }
}

/// A stream that nobody reads any more is no reason to end otherwise.
fn say_and_exit(stream: &mut dyn Write, text: &str, code: ExitCode) -> ExitCode {
    let _ = writeln!(stream, "{text}");
    code
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut builder = FakeAuth0::builder();
    if let Some(domain) = &arguments.domain {
        builder = builder.domain_override(domain.as_str());
    }
    let tenant = builder
        .bind(arguments.bind)
        .https(arguments.https)
        .audience(arguments.audience.as_str())
        .machine_client(arguments.client_id.as_str(), arguments.client_secret.as_str())
        .spa_client(spa_client(arguments))
        .development(true)
        .management_scope("read:users create:users read:events")
        .generated_people(arguments.people)
        .try_start()?;
    if let Some(seconds) = arguments.access_token_lifetime {
        tenant.set_access_token_lifetime(seconds);
    }
    if arguments.email_claims {
        tenant.add_email_claims_on_login();
    }
    if let Some(path) = &arguments.ca_file {
        tenant.write_ca_pem(path).with_context(|| format!("cannot write {}", path.display()))?;
    }
    tenant.set_delivery_waits([1, 2, 4].map(Duration::from_secs));
    if let (Some(url), Some(token)) = (&arguments.webhook, &arguments.webhook_token) {
        tenant.try_set_webhook(url, token)?;
    }
    if let (Some(certificate), Some(key)) = (&arguments.page_cert_file, &arguments.page_key_file) {
        tenant.write_localhost_pem(certificate, key).context("cannot write the certificate for a page")?;
    }

    let (end, ended) = mpsc::channel();
    end_on_signal(end.clone())?;
    if arguments.stdin_guard {
        end_with_stdin(end);
    }
    tell(&tenant, arguments).context("cannot write to standard output")?;
    // Either a reason to end, or nobody is left to give one.
    let _ = ended.recv();
    Ok(())
}

/// An application that was given addresses is at these alone.
fn spa_client(arguments: &Arguments) -> SpaClient {
    let id = arguments.spa_client_id.as_str();
    if arguments.spa_urls.is_empty() {
        return SpaClient::on_loopback(id);
    }
    arguments.spa_urls.iter().fold(SpaClient::new(id), |client, url| client.at(url))
}

/// One fact per line, `ready=true` last.
fn tell(tenant: &FakeAuth0, arguments: &Arguments) -> io::Result<()> {
    let mut facts = vec![
        ("domain", tenant.domain().to_owned()),
        ("issuer", tenant.issuer().to_owned()),
        ("audience", tenant.audience().to_owned()),
        ("jwks", tenant.url(Endpoint::Jwks)),
        ("client_id", tenant.client_id()),
        ("client_secret", tenant.client_secret()),
        ("spa_client_id", arguments.spa_client_id.clone()),
        ("management_audience", tenant.management_audience()),
        ("connection_id", DATABASE_CONNECTION_ID.to_owned()),
        ("event_stream", tenant.event_stream_id().to_owned()),
    ];
    if let Some(path) = &arguments.ca_file {
        facts.push(("ca_file", path.display().to_string()));
    }
    facts.push(("ready", "true".to_owned()));
    let mut stdout = io::stdout().lock();
    for (name, value) in facts {
        writeln!(stdout, "{name}={value}")?;
    }
    stdout.flush()
}

/// Returns once SIGTERM and SIGINT are caught.
#[cfg(unix)]
fn end_on_signal(end: Sender<()>) -> anyhow::Result<()> {
    use rt::signal::unix::{SignalKind, signal};

    let (caught, catching) = mpsc::channel();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        rt::System::new().block_on(async move {
            let signals = signal(SignalKind::terminate()).and_then(|term| Ok((term, signal(SignalKind::interrupt())?)));
            match signals {
                Ok((mut terminate, mut interrupt)) => {
                    let _ = caught.send(Ok(()));
                    let terminated = end.clone();
                    rt::spawn(async move {
                        terminate.recv().await;
                        let _ = terminated.send(());
                    });
                    interrupt.recv().await;
                    let _ = end.send(());
                }
                Err(error) => {
                    let _ = caught.send(Err(error));
                }
            }
        });
    })?;
    catching.recv().context("the signals' thread ended early")?.context("cannot catch signals")
}

/// Where there are no such signals, the console ends the process; the sender is kept so that nothing else does.
#[cfg(not(unix))]
fn end_on_signal(end: Sender<()>) -> anyhow::Result<()> {
    std::thread::Builder::new().name("console".to_owned()).spawn(move || {
        rt::System::new().block_on(async move {
            let _ = rt::signal::ctrl_c().await;
            let _ = end.send(());
        });
    })?;
    Ok(())
}

fn end_with_stdin(end: Sender<()>) {
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = end.send(());
    });
}

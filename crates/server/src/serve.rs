//! The life of the server: listen, serve, drain, end.

use std::net::TcpListener;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer, rt, web};
use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep, timeout_at};

use crate::composition::Services;
use crate::http::{self, Front};
use crate::logging;
use crate::open_files;
use crate::readiness::Readiness;
use crate::settings::{HttpSettings, Settings, ShutdownTimings};

/// Serves until SIGTERM or SIGINT, and does not return after one of them: the process ends with 0, whatever a client or a
/// database statement is still hanging on to.
///
/// # Errors
/// When the server cannot start.
pub fn run(settings: &Settings) -> anyhow::Result<()> {
    rt::System::new().block_on(async {
        // Before all else: until then a signal ends the process on the spot, whoever has read in the log that it listens.
        let signals = EndSignals::awaited()?;
        let services = Services::from_settings(settings, Services::system_clock())?;
        let bind = &settings.http.bind;
        let listener =
            TcpListener::bind(bind.as_str()).with_context(|| format!("AUTHSYNC_BIND: cannot listen on {bind}"))?;
        let (readiness, sockets) = (Arc::clone(&services.readiness), Arc::clone(&services.sockets));
        let address = listener.local_addr()?;
        let server = start(listener, &services, &settings.http)?;
        log::info!("listening on http://{address}");
        rt::spawn(stop_on_signal(signals, server.handle(), readiness, sockets, settings.http.shutdown));
        Ok(server.await?)
    })
}

/// Starts the server on a listener; it stops through its handle.
///
/// # Errors
/// When the listener cannot be used.
pub fn start(listener: TcpListener, services: &Services, settings: &HttpSettings) -> std::io::Result<Server> {
    limit_unread_answers(&listener, settings)?;
    let configure = http::routes(services, settings);
    let metrics = Arc::clone(&services.metrics);
    metrics.sockets.limited_to(settings.websocket.max_sockets);
    let readiness = Arc::clone(&services.readiness);
    let workers = settings.workers();
    let of_workers = settings.clone();
    let server = HttpServer::new(move || {
        App::new()
            .wrap(Front::new(Arc::clone(&metrics), Arc::clone(&readiness), &of_workers, workers))
            .configure(configure.clone())
            .default_service(web::to(http::not_found))
    })
    .client_request_timeout(settings.header_timeout)
    .keep_alive(settings.keep_alive)
    .shutdown_timeout(settings.shutdown.total.as_secs())
    .workers(workers)
    .max_connections(open_files::connections_of_worker(open_files::take_all(), workers))
    .disable_signals();
    Ok(server.listen(listener)?.run())
}

/// A client that takes nothing of what it is sent, or is not there any more, would hold its connection for as long as the
/// system keeps on trying, which is forever or a quarter of an hour. Connections inherit this limit from the listener. A
/// slow client has time enough: each byte that it takes starts the time anew.
#[cfg(target_os = "linux")]
fn limit_unread_answers(listener: &TcpListener, settings: &HttpSettings) -> std::io::Result<()> {
    let time = settings.body_timeout.max(settings.websocket.ping_every * 2);
    let millis = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    Ok(rustix::net::sockopt::set_tcp_user_timeout(listener, millis)?)
}

#[cfg(not(target_os = "linux"))]
fn limit_unread_answers(_listener: &TcpListener, _settings: &HttpSettings) -> std::io::Result<()> {
    Ok(())
}

/// What ends the server.
struct EndSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl EndSignals {
    /// From now on neither of them ends the process by itself; one that comes before somebody waits for it is kept.
    fn awaited() -> anyhow::Result<Self> {
        let terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for")?;
        let interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be waited for")?;
        Ok(Self { terminate, interrupt })
    }

    /// Waits for one of them, and says for how long requests are to be taken still.
    async fn drain_of_the_first(mut self, timings: ShutdownTimings) -> Duration {
        tokio::select! {
            _ = self.terminate.recv() => timings.drain,
            // Somebody at a terminal; no balancer has to look away.
            _ = self.interrupt.recv() => Duration::ZERO,
        }
    }
}

/// Waits for a signal, drains and ends the process.
async fn stop_on_signal(
    signals: EndSignals,
    server: ServerHandle,
    readiness: Arc<Readiness>,
    sockets: Arc<http::Sockets>,
    timings: ShutdownTimings,
) {
    let drain = signals.drain_of_the_first(timings).await;
    let end = Instant::now() + timings.total;
    log::info!("stopping: not ready from now on, {} ms until the listener closes", drain.as_millis());
    readiness.start_draining();
    // A client that is sent away comes back at once, to another server.
    tokio::join!(sleep(drain), sockets.go_away(drain));
    if timeout_at(end, server.stop(true)).await.is_err() {
        log::warn!("some clients were cut off");
    }
    log::info!("stopped");
    logging::flush();
    // Not by returning: threads that wait for a database or an issuer would hold the process up.
    process::exit(0);
}

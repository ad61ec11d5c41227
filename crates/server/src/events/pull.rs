//! `authsync events pull`.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use actix_web::rt;
use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use super::stop::Stop;
use crate::command::Outcome;
use crate::composition::{Services, puller};
use crate::settings::TenantSettings;

/// How long an event that is under way may take once the order to stop is there.
const PATIENCE: Duration = Duration::from_secs(10);

/// Follows Auth0's events until SIGTERM or SIGINT. The process should end when this returns: a thread may still be
/// listening.
///
/// # Errors
/// When the database cannot be opened even in principle, when its schema is not the one of this program, and when
/// credentials or scopes have to be mended.
pub fn pull(settings: &TenantSettings) -> anyhow::Result<Outcome> {
    rt::System::new().block_on(async {
        let puller = puller(settings, Services::system_clock())?;
        let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be waited for")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("SIGINT cannot be waited for")?;
        let (stop, (send, mut ended)) = (Arc::new(Stop::default()), oneshot::channel());
        let order = Arc::clone(&stop);
        let work = move || {
            let _nobody_waits_any_more = send.send(puller.run(&order));
        };
        thread::Builder::new().name("events".into()).spawn(work).context("the thread could not be started")?;
        log::info!(target: "events", "pulling events from {}", settings.issuer.as_str());
        tokio::select! {
            outcome = &mut ended => outcome.context("the thread that follows the events is gone")??,
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.order();
        if !stop.wait_until_idle(PATIENCE) {
            log::warn!(target: "events", "an event was cut off; it will be read again");
        }
        log::info!(target: "events", "stopped");
        Ok(Outcome::complete(""))
    })
}

//! The page of `examples/spa`, where there is npm.

use super::events::{Events, Interrupted};
use super::process::Process;
use super::server::FRONTEND_PORTS;
use super::tenant::Tenant;
use crate::frontend::{Node, Packages, Page, Surroundings};
use crate::screen::Screen;

/// Name in messages.
const NAME: &str = "page";

/// Serves the page and says where, or why there is none.
///
/// # Errors
/// The developer has had enough, or another program ended meanwhile.
pub(super) fn start(
    tenant: &Tenant,
    server: &str,
    events: &Events,
    running: &mut Vec<Process>,
    screen: Screen,
) -> anyhow::Result<String> {
    let Some(node) = Node::find() else {
        return Ok("none without npm: apt-get install -y npm, then begin again".to_owned());
    };
    let packages = Packages::IN_SPA;
    if let Err(error) = packages.install(&node, screen).and_then(|()| packages.build(&node)) {
        return Ok(format!("none: {error:#}"));
    }
    let Some(page) = Page::on_one_of(&FRONTEND_PORTS, NAME, packages.dist()) else {
        return Ok(format!("none: the ports {FRONTEND_PORTS:?} are taken"));
    };
    let around = Surroundings { tenant: &tenant.domain, audience: &tenant.audience, api: server, certificate: None };
    match page.serve(&around, &node, events) {
        Ok(process) => {
            running.push(process);
            Ok(page.origin("http", "localhost"))
        }
        Err(error) if error.is::<Interrupted>() => Err(error),
        Err(error) => Ok(format!("none: {error:#}")),
    }
}

//! Notes of one's own: a small service on axum that takes Auth0's access tokens. Begin with `routes.rs`.

mod gate;
mod notes;
mod routes;
mod settings;

use std::io::Write as _;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::gate::gate;
use crate::routes::routes;
use crate::settings::Settings;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    env_logger::init();
    let settings = Settings::from_environment()?;
    let gate = gate(&settings)?;
    let listener = TcpListener::bind(&settings.bind).await.context("NOTES_BIND")?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let ctrl_c = async { tokio::signal::ctrl_c().await.unwrap_or_default() };
    axum::serve(listener, routes(&gate)).with_graceful_shutdown(ctrl_c).await?;
    Ok(())
}

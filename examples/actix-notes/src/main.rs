//! Notes of one's own: a small service on actix-web that takes Auth0's access tokens. Begin with `routes.rs`.

mod gate;
mod notes;
mod routes;
mod settings;

use std::io::Write as _;
use std::net::TcpListener;

use actix_web::web::Data;
use actix_web::{App, HttpServer};
use anyhow::Context as _;

use crate::gate::gate;
use crate::notes::Notes;
use crate::routes::routes;
use crate::settings::Settings;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    env_logger::init();
    let settings = Settings::from_environment()?;
    let gate = gate(&settings)?;
    let notes = Data::new(Notes::default());
    let listener = TcpListener::bind(&settings.bind).context("NOTES_BIND")?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    let app = move || App::new().app_data(notes.clone()).configure(|config| routes(config, &gate));
    HttpServer::new(app).listen(listener)?.run().await?;
    Ok(())
}

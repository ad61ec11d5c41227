//! By what this service judges who comes: put together once.

use std::sync::Arc;

use anyhow::Context as _;
use auth0_verify::{Audience, Auth0Verifier, Challenger, Issuer, KeySource, TokenRules};
use auth0_verify_tower::Gate;
use domain::SystemClock;
use persistence::{Database, DatabaseUrl, PoolSettings};

use crate::settings::Settings;

/// Waits for neither Auth0 nor the database: while they are out of reach, routes that need them answer 503.
///
/// # Errors
/// A setting is not what it should be.
pub(crate) fn gate(settings: &Settings) -> anyhow::Result<Gate> {
    let issuer = Issuer::parse(&settings.auth0_domain).context("AUTH0_DOMAIN")?;
    let audience = Audience::parse(&settings.api_identifier).context("AUTH0_API_IDENTIFIER")?;
    let url = DatabaseUrl::parse(&settings.database_url).context("DATABASE_URL")?;
    let database = Database::open(&url, &PoolSettings::default()).context("DATABASE_URL")?;
    let verifier = Auth0Verifier::over_http(
        TokenRules::for_audience(audience),
        // The keys outlive a restart, and all services on this database share them.
        &KeySource::of(vec![issuer]).stored_in(database.key_sets()),
        Arc::new(SystemClock::default()),
    )?;
    Ok(Gate::new(Arc::new(verifier), Challenger::for_realm("notes")?).with_users(database.users()))
}

//! The whole configuration, from its layers to its report.

mod database;
mod dpop;
mod files;
mod replica;
mod values;

use super::*;

/// The two variables without a default.
fn minimal() -> Environment {
    Environment::default()
        .with("AUTH0_DOMAIN", "acme.eu.auth0.com")
        .with("AUTH0_API_IDENTIFIER", "https://api.acme.com")
}

fn load(environment: &Environment) -> Settings {
    Settings::load(environment).unwrap_or_else(|problems| panic!("{problems}"))
}

fn problems(environment: &Environment) -> Problems {
    Settings::load(environment).expect_err("a configuration with problems")
}

//! axum with jwt-authorizer and sqlx, by the book.
//!
//! - `tokio::main` with a worker for each core, `axum::serve` (<https://docs.rs/axum/0.7/axum/#example>).
//! - Tokens: `JwtAuthorizer::from_jwks_url` with a `Validation` of issuer and audience, as a layer, and the claims as an extractor
//!   (<https://docs.rs/jwt-authorizer/0.15.0/jwt_authorizer/#usage-example>).
//! - Database: a `PgPool` with its defaults (ten connections, each tested when it is taken,
//!   <https://docs.rs/sqlx/0.9.0/sqlx/pool/struct.PoolOptions.html>), statements prepared and kept, as `query_as` does.
//!
//! Variables: `BIND`, `DATABASE_URL`, `JWKS_URL`, `ISSUER`, `AUDIENCE`.

use std::error::Error;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use jwt_authorizer::{Authorizer, IntoLayer, JwtAuthorizer, JwtClaims, RegisteredClaims, Validation};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;

#[derive(Deserialize)]
struct Profile {
    email: String,
    name: Option<String>,
    auth0_id: String,
}

#[derive(Serialize, sqlx::FromRow)]
struct User {
    id: i32,
    email: String,
    name: Option<String>,
}

#[derive(Serialize)]
struct Verified {
    valid: bool,
    user: User,
}

async fn verify(
    JwtClaims(claims): JwtClaims<RegisteredClaims>,
    State(pool): State<PgPool>,
) -> Result<Json<Verified>, StatusCode> {
    let user = sqlx::query_as("SELECT id, email, name FROM users WHERE auth0_id = $1")
        .bind(claims.sub)
        .fetch_optional(&pool)
        .await
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    user.map(|user| Json(Verified { valid: true, user })).ok_or(StatusCode::NOT_FOUND)
}

async fn sync(
    JwtClaims(claims): JwtClaims<RegisteredClaims>,
    State(pool): State<PgPool>,
    Json(profile): Json<Profile>,
) -> Result<Json<User>, StatusCode> {
    if claims.sub.as_ref() != Some(&profile.auth0_id) {
        return Err(StatusCode::FORBIDDEN);
    }
    let user = sqlx::query_as(
        "INSERT INTO users (email, name, auth0_id) VALUES ($1, $2, $3) ON CONFLICT (auth0_id) DO UPDATE \
         SET email = EXCLUDED.email, name = EXCLUDED.name, updated_at = CURRENT_TIMESTAMP RETURNING id, email, name",
    )
    .bind(profile.email)
    .bind(profile.name)
    .bind(profile.auth0_id)
    .fetch_one(&pool)
    .await;
    user.map(Json).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let variable = |name| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let validation = Validation::new().iss(&[variable("ISSUER")?]).aud(&[variable("AUDIENCE")?]);
    let jwks_url = variable("JWKS_URL")?;
    let authorizer: Authorizer = JwtAuthorizer::from_jwks_url(&jwks_url).validation(validation).build().await?;
    let pool = PgPool::connect(&variable("DATABASE_URL")?).await?;
    let app = Router::new()
        .route("/auth/verify", get(verify))
        .route("/auth/sync", post(sync))
        .layer(authorizer.into_layer())
        .with_state(pool);
    let listener = tokio::net::TcpListener::bind(variable("BIND")?).await?;
    axum::serve(listener, app).await?;
    Ok(())
}

//! actix-web with jsonwebtoken, diesel and r2d2, by the book.
//!
//! - Workers, keep-alive and the pool of blocking threads: actix-web's defaults
//!   (<https://actix.rs/docs/server/#multi-threading>).
//! - Database: `r2d2::Pool` with its defaults (ten connections, each tested when it is taken) and the pool is asked for a
//!   connection inside of `web::block` (<https://actix.rs/docs/databases>).
//! - Tokens: `decode_header`, the key of that `kid`, `decode` with a `Validation` of issuer, audience and expiry
//!   (<https://docs.rs/jsonwebtoken/latest/jsonwebtoken/#example>, and its `auth0` example). The key set is fetched at start, and
//!   each key's `DecodingKey` is made once.
//!
//! Variables: `BIND`, `DATABASE_URL`, `JWKS_URL`, `ISSUER`, `AUDIENCE`.

mod token;
mod users;

use std::io;

use actix_web::http::header;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, error, get, post, web};
use diesel::PgConnection;
use diesel::r2d2::{ConnectionManager, Pool};
use serde::Serialize;

use crate::token::Tokens;
use crate::users::{Profile, User};

type DbPool = Pool<ConnectionManager<PgConnection>>;

#[derive(Serialize)]
struct Verified {
    valid: bool,
    user: User,
}

#[get("/auth/verify")]
async fn verify(
    request: HttpRequest,
    tokens: web::Data<Tokens>,
    pool: web::Data<DbPool>,
) -> actix_web::Result<HttpResponse> {
    let subject = subject(&request, &tokens)?;
    let user = web::block(move || {
        let mut connection = pool.get().map_err(|error| error.to_string())?;
        users::find(&mut connection, &subject).map_err(|error| error.to_string())
    })
    .await?
    .map_err(error::ErrorInternalServerError)?;
    Ok(match user {
        Some(user) => HttpResponse::Ok().json(Verified { valid: true, user }),
        None => HttpResponse::NotFound().finish(),
    })
}

#[post("/auth/sync")]
async fn sync(
    request: HttpRequest,
    profile: web::Json<Profile>,
    tokens: web::Data<Tokens>,
    pool: web::Data<DbPool>,
) -> actix_web::Result<HttpResponse> {
    let subject = subject(&request, &tokens)?;
    let profile = profile.into_inner();
    if profile.auth0_id != subject {
        return Err(error::ErrorForbidden("auth0_id does not match the token"));
    }
    let user = web::block(move || {
        let mut connection = pool.get().map_err(|error| error.to_string())?;
        users::upsert(&mut connection, &profile).map_err(|error| error.to_string())
    })
    .await?
    .map_err(error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().json(user))
}

fn subject(request: &HttpRequest, tokens: &Tokens) -> actix_web::Result<String> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|header| header.strip_prefix("Bearer "));
    token.and_then(|token| tokens.subject(token)).ok_or_else(|| error::ErrorUnauthorized("Invalid or expired token"))
}

#[actix_web::main]
async fn main() -> io::Result<()> {
    let variable = |name| std::env::var(name).map_err(|_| io::Error::other(format!("{name} is not set")));
    let tokens = Tokens::fetch(&variable("JWKS_URL")?, &variable("ISSUER")?, &variable("AUDIENCE")?)?;
    let tokens = web::Data::new(tokens);
    let manager = ConnectionManager::<PgConnection>::new(variable("DATABASE_URL")?);
    let pool = web::Data::new(Pool::builder().build(manager).map_err(io::Error::other)?);
    HttpServer::new(move || App::new().app_data(tokens.clone()).app_data(pool.clone()).service(verify).service(sync))
        .bind(variable("BIND")?)?
        .run()
        .await
}

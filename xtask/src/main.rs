//! The commands of development: `cargo xtask alerts | api | audit | bench | capacity | dev | drill | e2e | fuzz | migrate | release |
//! test | tidy | token`. No shell, one file per subject.

mod api_check;
mod apt_get;
mod arguments;
mod bench;
mod capacity;
mod dev;
mod drill;
mod e2e;
mod frontend;
mod fuzz;
mod http;
mod migrate;
mod programs;
mod release;
mod screen;
mod tenant_file;
mod test;
mod tidy;
mod token;
mod workspace;

use std::process::ExitCode;

use crate::arguments::UsageError;
use crate::screen::Screen;

const USAGE: &str = "\
usage: cargo xtask <command>

  dev [--once]    start a local Auth0 tenant and authsync on SQLite, perform one login → sync → verify, print
                  each answer and keep serving, with a page to log in on where npm is; --once stops after the answers
  test [filter]   every check: format, tidy, the alert rules, clippy, documentation, and all tests, on SQLite and on
                  a real PostgreSQL; a filter selects tests by name
  e2e [chapter]   the whole login in a real browser: Chromium, the pages of examples/, a local tenant, authsync;
                  pictures are left in target/e2e; without a chapter, `api` follows
  api             the API's documents: judged by public validators, a typed client generated from them and run,
                  and schemathesis against a running server
  bench           authsync beside what one would write instead, in one run: docs/benchmarks/servers.md
      --short               seconds instead of minutes, with figures that are worth as much
      --only SCENARIO,…     verify-hot, verify-warm, verify-unique, sync-same, sync-new, forged
      --servers SERVER,…    bare-actix, actix-manual, axum-jwt-authorizer, authsync, authsync-uncached, …
      --rounds N            default: 5
      --seconds N           of each measurement; default: 4
      --unique N            tokens of as many users; default: 100000
      --as-built            compile nothing, take the programs of last time
      --authsync PATH       measure this program in place of our own
      --note TEXT           what the document is to say of the circumstances
      --write               publish the figures in docs/benchmarks
  bench scale     what a request costs with 10 thousand and a million users: docs/benchmarks/scale.md
      --full                and with ten million
      --rounds N            default: 5
      --seconds N           of each measurement; default: 4
      --write               publish the figures in docs/benchmarks
  bench sockets   what idle sockets cost a release build, in memory and in time: docs/benchmarks/sockets.md
      --sockets COUNT       default: 10000
      --per-user COUNT      default: 10
  capacity        what a load takes, in nodes, cores and connections, and what ends first: docs/scaling.md
      --requests-per-second N   the plan for this load alone
      --nodes N                 how busy so many nodes are with it
      --cores-per-node N        default: 4
      --remembered N            tokens and users that a node remembers; default: 10000
      --same-node               all requests with one token reach the same node
      --check DOCUMENT          whether it has the tables that this program prints
  drill <name>    a real fault, against the real program, under load, or `all` of them: docs/drills.md
      --short               as every build has them
      --release             against a release build
      --programs FOLDER     against the authsync and the fake-auth0 in there, without building
  fuzz [target]   the long run of the fuzz targets of auth0-verify; a finding ends with an error
      --seconds N           for each target; default: 600
  migrate up      apply the migrations that are missing; this and the next two are `authsync migrate`
  migrate down    revert the newest one
  migrate status  list them
      --database-url URL    default: the configured one, such as DATABASE_URL
  release         the newest commit as a program that can be built again to the last byte, with its bill of
                  materials and checksums: target/dist
      --check               build it once more, elsewhere, and compare
      --features NAMES      of the package server, such as postgres-tls
  audit           licences, banned packages and sources by the rules of deny.toml, and known holes
      --advisory-db FOLDER  a clone of the RustSec database, where github.com is out of reach
      --offline             leave the known holes out
  alerts          hold the alert rules in deploy/ against promtool and their own tests
  tidy            hold the repository against its written rules: arrows between crates, lengths, names, links, …
  token           print a fresh token of the running dev tenant
      --sub SUBJECT         default: auth0|ada
      --email EMAIL         default: ada@example.com
      --expires-in SECONDS  negative for a token that has expired
      --scope SCOPE         what the client may do; as often as there are scopes
      --permission NAME     what the user may do at this API; as often as there are permissions
      --org ID              the organization that the user logged in to
      --kind KIND           a bad token of this kind, or another dialect; the tenant lists what it knows
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let screen = Screen::detect();
    run(&arguments, screen).unwrap_or_else(|error| {
        screen.complain(format_args!("{} {error:#}", screen.red("error:")));
        if !error.is::<UsageError>() {
            return ExitCode::FAILURE;
        }
        screen.complain(format_args!("\n{USAGE}"));
        ExitCode::from(2)
    })
}

fn run(arguments: &[String], screen: Screen) -> anyhow::Result<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        screen.line(USAGE.trim_end());
        return Ok(ExitCode::SUCCESS);
    };
    // What follows `guard` are the words of another program.
    let asks_for_help = rest.iter().any(|word| matches!(word.as_str(), "--help" | "-h")) && command != "guard";
    match command.as_str() {
        "help" | "--help" | "-h" => screen.line(USAGE.trim_end()),
        _ if asks_for_help => screen.line(USAGE.trim_end()),
        "dev" => return dev::run(rest, screen),
        "guard" => return dev::guard::run(rest),
        "test" => return test::run(rest, screen),
        "drill" => return drill::run(rest, screen),
        "e2e" => return e2e::run(rest, screen),
        "api" => return api_check::run(rest, screen),
        "alerts" => test::alerts::run(rest, screen)?,
        "audit" => return release::audit::run(rest, screen),
        "bench" => return bench::run(rest, screen),
        "capacity" => capacity::run(rest, screen)?,
        "fuzz" => return fuzz::run(rest, screen),
        "migrate" => return migrate::run(rest, screen),
        "release" => return release::run(rest, screen),
        "tidy" => return tidy::run(rest, screen),
        "token" => token::run(rest)?,
        unknown => return Err(UsageError::because(format!("there is no command `{unknown}`"))),
    }
    Ok(ExitCode::SUCCESS)
}

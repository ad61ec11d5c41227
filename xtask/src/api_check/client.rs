//! A client in TypeScript, whose types come from the OpenAPI document.

use super::documents::document;
use super::{Steps, output_of};
use crate::e2e::stack::Service;

/// Generates the types and compiles `client.ts` against them, as strictly as the compiler can.
pub(super) fn compile(steps: &Steps<'_>) -> anyhow::Result<String> {
    let mut generator = steps.node("node_modules/openapi-typescript/bin/cli.js");
    output_of(generator.arg(document("openapi.json")).args(["--output", "dist/openapi.d.ts"]))?;
    output_of(steps.node("node_modules/typescript/bin/tsc").args(["--project", "tsconfig.json"]))
}

/// Runs it against the server.
pub(super) fn run(steps: &Steps<'_>, service: &Service) -> anyhow::Result<String> {
    output_of(steps.node("dist/client.js").env("API_URL", &service.api).env("TENANT_URL", &service.tenant))
}

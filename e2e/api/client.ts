// A client whose types are generated from the OpenAPI document: log in token, sync, verify, and every kind of refusal.
// It compiles only while the document says what is used here, and runs only while the server does.
//
//   API_URL, TENANT_URL   authsync and the tenant, without a slash at the end

import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./dist/openapi.js";

type User = components["schemas"]["User"];
type Refusal = components["schemas"]["Error"];
type Code = Refusal["error"];

const { API_URL = "", TENANT_URL = "" } = process.env;

/** A client that sends this token, or none. */
function clientWith(token?: string) {
  return createClient<paths>({
    baseUrl: API_URL,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
}

async function tokenOf(sub: string): Promise<string> {
  const answer = await fetch(`${TENANT_URL}/dev/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ sub }),
  });
  assert.equal(answer.status, 200);
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return token;
}

interface Answer<Data> {
  data?: Data;
  error?: Refusal;
  response: Response;
}

/** What a success holds. */
function good<Data>({ data, error, response }: Answer<Data>): Data {
  assert.ok(data !== undefined, `${response.status}: ${JSON.stringify(error)}`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("x-request-id") ?? "", /.+/);
  return data;
}

/** Holds a refusal against what is expected. */
function refused<Data>({ data, error, response }: Answer<Data>, status: number, code: Code, message: string): void {
  assert.equal(data, undefined);
  assert.equal(response.status, status);
  assert.deepEqual(error, { error: code, message });
}

/** What a page says to a person. The compiler knows every code: one more in the document, and this does not compile. */
function said(code: Code): string {
  switch (code) {
    case "unauthorized":
      return "log in";
    case "forbidden":
    case "conflict":
    case "not_found":
      return "ask somebody";
    case "unavailable":
    case "internal":
    case "request_timeout":
      return "try again";
    case "bad_request":
    case "method_not_allowed":
    case "payload_too_large":
    case "unsupported_media_type":
      return "mend the client";
    default: {
      const none: never = code;
      return none;
    }
  }
}

const sub = `auth0|typed-${Date.now()}`;
const email = `${sub.slice(6)}@example.com`;
const token = await tokenOf(sub);
const caller = clientWith(token);

// Nobody, somebody with a made-up token, somebody who is not known yet.
const nobody = await clientWith().GET("/auth/verify");
refused(nobody, 401, "unauthorized", "Invalid or expired token");
assert.equal(nobody.response.headers.get("www-authenticate"), 'Bearer realm="authsync"');
assert.equal(nobody.error && said(nobody.error.error), "log in");
const stranger = await clientWith("made.up.token").GET("/auth/verify");
refused(stranger, 401, "unauthorized", "Invalid or expired token");
assert.match(stranger.response.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
refused(await caller.GET("/auth/verify"), 404, "not_found", "User not found");

// The login.
const synced: User = good(await caller.POST("/auth/sync", { body: { email, auth0_id: sub } }));
assert.deepEqual(synced, { id: synced.id, email, name: null });
const named = good(await caller.POST("/auth/sync", { body: { email, auth0_id: sub, name: "Typed", picture: null } }));
assert.deepEqual(named, { id: synced.id, email, name: "Typed" });
const { valid, user } = good(await caller.GET("/auth/verify", { params: { header: { "x-request-id": "typed-1" } } }));
const always: true = valid;
assert.equal(always, true);
assert.deepEqual(user, named);

// What a sync may be told.
const body = { email, auth0_id: "auth0|somebody-else" };
refused(await caller.POST("/auth/sync", { body }), 403, "forbidden", "auth0_id does not match the token");
const other = `${sub}-2`;
const taken = await clientWith(await tokenOf(other)).POST("/auth/sync", { body: { email, auth0_id: other } });
refused(taken, 409, "conflict", "Email already belongs to another user");
const long = await caller.POST("/auth/sync", { body: { email, auth0_id: sub, name: "x".repeat(256) } });
refused(long, 400, "bad_request", "Invalid request body");
const huge = await caller.POST("/auth/sync", { body: { email, auth0_id: sub, name: "x".repeat(70_000) } });
refused(huge, 413, "payload_too_large", "Payload too large");
const text = { body: { email, auth0_id: sub }, headers: { "content-type": "text/plain" } };
refused(await caller.POST("/auth/sync", text), 415, "unsupported_media_type", "Unsupported media type");

// What an operator asks.
assert.equal(good(await caller.GET("/healthz")).status, "ok");
const { data: readiness } = await caller.GET("/readyz");
assert.equal(readiness?.ready, true);
assert.equal(readiness.schema.pending, 0);
const { data: resource } = await caller.GET("/.well-known/oauth-protected-resource");
assert.deepEqual(resource?.bearer_methods_supported, ["header"]);

// What must not compile. It is not run.
export async function mistakes(): Promise<void> {
  // @ts-expect-error: auth0_id is missing
  await caller.POST("/auth/sync", { body: { email } });
  // @ts-expect-error: a name is text
  await caller.POST("/auth/sync", { body: { email, auth0_id: sub, name: 1 } });
  // @ts-expect-error: there is no such path
  await caller.GET("/auth/login");
  // @ts-expect-error: a verification has no such method
  await caller.POST("/auth/verify");
  // @ts-expect-error: a name may be null
  synced.name.trim();
}

console.log("sync, verify and nine refusals");

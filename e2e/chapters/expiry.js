// A short token is renewed by itself; a session that has ended says so.

import assert from "node:assert/strict";
import { ADA } from "../world.js";

export const title = "be renewed before the end, and be told when that is over";

export default async function (world) {
  const { page } = world;
  await world.order("login", { access_token_lifetime: 10 });
  await world.logIn();
  await world.shows("notes", "expiring");
  await world.shows("notes", "renewed: the same socket");
  assert.equal(world.sockets.length, 1);
  await world.shows("socket-state", "open");

  // The tenant is out of reach: the token ends, and nobody is logged out for that.
  await world.order("fault", { endpoint: "token", fault: "status", status: 503 });
  await world.shows("notes", "closed with 4401");
  await world.shows("socket-state", "waiting");
  await world.picture("7-tenant-out-of-reach");
  await world.order("restore", {});
  await world.shows("socket-state", "open");

  await world.order("log-out", { sub: ADA });
  await world.shows("notice-title", "Your session has ended");
  await world.picture("8-session-ended");
  await page.click("#notice-button");
  await world.pick("Grace Hopper");
  await world.shows("profile-name", "Grace Hopper");
  await world.shows("socket-state", "open");
}

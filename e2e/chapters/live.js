// What happens elsewhere shows here; a renewal keeps the socket; a reload keeps the login.

import assert from "node:assert/strict";

export const title = "see a change live, renew in place, stay logged in over a reload";

export default async function (world) {
  const { page } = world;
  await world.logIn();
  const name = `Countess of Lovelace ${world.sockets.length}`;
  await world.renameElsewhere(name);
  await world.shows("row-name", name);
  await world.shows("notes", "user.updated");
  await world.picture("5-changed-elsewhere");

  const before = await world.textOf("expires-at");
  // The next token ends at another second, and so at another time on the screen.
  await world.order("login", { access_token_lifetime: 3600 });
  await page.click("#renew");
  await world.shows("notes", "renewed: the same socket");
  assert.notEqual(await world.textOf("expires-at"), before);
  await world.shows("countdown", /59 min|1 h 0 min/);
  await world.shows("socket-state", "open");
  assert.equal(world.sockets.length, 1, "the socket is the same");
  assert.equal(world.sockets[0].isClosed(), false);
  await world.picture("6-renewed");

  // The refresh token is gone with the page: the tenant is asked in a hidden frame.
  const asked = page.waitForRequest((request) => request.url().includes("prompt=none"));
  await page.reload();
  assert.match((await asked).url(), /response_mode=web_message/);
  await world.shows("socket-state", "open");
  await world.shows("profile-name", name);
  assert.equal(world.sockets.length, 2);
}

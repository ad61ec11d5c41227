// Somebody who is blocked does not get in, and is told why; neither does a page at the wrong address.

import assert from "node:assert/strict";

const { TENANT_URL } = process.env;

export const title = "be told why there is no way in";

export default async function (world) {
  const { page } = world;
  await world.open();
  await world.toLoginPage();
  await world.pick("Mallory");
  await page.getByRole("alert").filter({ hasText: "user is blocked" }).waitFor();
  await world.picture("9-blocked-at-login");
  await page.getByRole("link", { name: "Back to the application" }).click();
  await world.shows("notice-title", "Your account is blocked");
  await world.picture("10-blocked-in-the-application");
  await page.click("#notice-button");
  await world.pick("Ada Lovelace");
  await world.shows("socket-state", "open");

  const bad = await page.goto(`${TENANT_URL}/authorize?client_id=stranger&redirect_uri=https://evil.example.test`);
  assert.equal(bad.status(), 403);
  await page.getByRole("alert").filter({ hasText: "Unknown client: stranger" }).waitFor();
  await world.picture("11-unknown-client");
}

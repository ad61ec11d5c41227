// Log out, here and at the tenant.

import assert from "node:assert/strict";

const { PAGE_URL } = process.env;

export const title = "log out";

export default async function (world) {
  const { page } = world;
  await world.logIn();
  await page.click("#log-out");
  await world.shows("welcome", "Who are you?");
  assert.equal(new URL(page.url()).origin, new URL(PAGE_URL).origin);
  assert.equal(await page.locator("#notice").isVisible(), false);
  await page.reload();
  await world.shows("welcome", "Who are you?");
  // The tenant's session is over, too: it asks again.
  await world.toLoginPage();
}

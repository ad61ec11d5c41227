// Log in by clicking; the row appears, verify knows it, the socket is open.

import assert from "node:assert/strict";

export const title = "log in by clicking, and be known";

export default async function (world) {
  const { page } = world;
  await world.open();
  await world.shows("welcome", "Who are you?");
  await world.picture("1-welcome");

  await world.toLoginPage();
  await world.picture("2-login-page");
  await page.emulateMedia({ colorScheme: "dark" });
  await world.picture("2-login-page-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByLabel("Email address").fill("nobody@example.test");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("alert").filter({ hasText: "nobody is called nobody@example.test here" }).waitFor();
  await world.picture("3-wrong-user");

  await page.getByLabel("Email address").fill("ADA@example.test");
  await page.getByRole("button", { name: "Continue" }).click();
  await world.shows("socket-state", "open");
  assert.equal(new URL(page.url()).search, "", "neither code nor state stay in the address");
  await world.shows("profile-name", "Ada Lovelace");
  await world.shows("sync-status", "200");
  await world.shows("verify-status", "200");
  const { valid, user } = JSON.parse(await world.textOf("verify-body"));
  assert.deepEqual(JSON.parse(await world.textOf("sync-body")), user);
  assert.equal(valid, true);
  assert.equal(await world.textOf("row-id"), String(user.id));
  assert.equal(await world.textOf("row-email"), "ada@example.test");
  await world.shows("countdown", "23 h");
  await world.picture("4-account");
  await page.emulateMedia({ colorScheme: "dark" });
  await world.picture("4-account-dark");
}

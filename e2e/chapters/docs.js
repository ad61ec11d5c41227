// The page that describes the API: drawn from the document, and from nothing else.

import assert from "node:assert/strict";

const { API_URL } = process.env;

export const title = "read about the API";

export default async function (world) {
  const { page } = world;
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${API_URL}/docs`);
  await page.getByRole("heading", { name: "authsync", level: 1 }).waitFor();
  const { paths } = await (await fetch(`${API_URL}/openapi.json`)).json();
  const drawn = await page.locator("article > h3 .path").allInnerTexts();
  assert.deepEqual(drawn.toSorted(), Object.keys(paths).toSorted());
  const elsewhere = asked.filter((url) => !url.startsWith("data:") && new URL(url).origin !== API_URL);
  assert.deepEqual(elsewhere, []);

  await page.getByRole("button", { name: "Copy: In a terminal" }).first().click();
  await page.getByRole("button").filter({ hasText: /Copied|Marked/ }).waitFor();
  const refusal = page.locator("article").first().locator("details").filter({ hasText: "Conflict" });
  await refusal.locator("summary").click();
  await refusal.getByText("Email already belongs to another user").waitFor();
  await page.evaluate(() => document.querySelectorAll("details").forEach((answer) => (answer.open = true)));
  await world.picture("14-docs");
  await page.emulateMedia({ colorScheme: "dark" });
  await world.picture("14-docs-dark");
}

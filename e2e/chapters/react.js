// The page that is made with React.

import { ADA } from "../world.js";

export const title = "the same with React";

const { API_URL, REACT_PAGE_URL } = process.env;

export default async function (world) {
  const { page } = world;
  await page.goto(REACT_PAGE_URL);
  await page.click("#log-in");
  await world.pick("Ada Lovelace");
  await world.shows("socket-state", "open");
  await world.shows("row-email", "ada@example.test");
  await world.renameElsewhere("Lady Lovelace");
  await world.shows("row-name", "Lady Lovelace");
  await page.reload();
  await world.shows("socket-state", "open");
  await world.picture("13-react");

  // Out of reach while the page loads: it says so, and goes on by itself.
  const alert = page.getByRole("alert");
  await page.route(`${API_URL}/**`, (route) => route.abort());
  await page.reload();
  await alert.waitFor();
  await page.unroute(`${API_URL}/**`);
  await world.shows("socket-state", "open");
  await alert.waitFor({ state: "detached" });

  // Blocked before the page loads, where Auth0 does not know of it: the sync is refused.
  await world.tellOf(ADA, { email: "ada@example.test", blocked: true });
  await page.reload();
  await alert.filter({ hasText: "Your account is blocked" }).waitFor();
  await world.tellOf(ADA, { email: "ada@example.test", blocked: false });
  await page.reload();
  await world.shows("socket-state", "open");
  await page.click("#log-out");
  await world.shows("log-in", "Log in");
}

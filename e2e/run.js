// The whole login in a real browser, against a tenant, a server and a page that run already. `cargo xtask e2e` starts them
// and says where they are:
//
//   PAGE_URL, FOREIGN_PAGE_URL   the page, and the same under an origin that the server does not allow
//   TENANT_URL, API_URL          the tenant and authsync, without a slash at the end
//   EVENTS_TOKEN                 what authsync wants to see of the tenant when it delivers events
//   CHROMIUM                     the browser's program
//   SCREENSHOTS                  the folder for pictures
//   CHAPTERS                     names of files in chapters/, in order, with commas between

import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { DESK, sendEvents, World } from "./world.js";

const { CHROMIUM, SCREENSHOTS, CHAPTERS } = process.env;
const PATIENCE = 20_000;

await mkdir(SCREENSHOTS, { recursive: true });
await sendEvents();
const browser = await chromium.launch({ executablePath: CHROMIUM });
let failures = 0;
try {
  for (const name of CHAPTERS.split(",")) failures += await perform(name);
} finally {
  await browser.close();
}
process.exitCode = failures === 0 ? 0 : 1;

/** A chapter has a browser of its own, without cookies. Returns the number of failures. */
async function perform(name) {
  const { title, default: chapter } = await import(`./chapters/${name}.js`);
  // The tenant's authority is in nobody's list; what comes over https is the tenant's, or the test has failed.
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: DESK });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const world = new World(page, SCREENSHOTS);
  const begin = performance.now();
  try {
    await world.tenantAsItWas();
    await chapter(world);
    if (world.complaints.length > 0) throw new Error(`the browser complained: ${world.complaints.join("; ")}`);
    console.log(`  ok      ${title} (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
    return 0;
  } catch (error) {
    console.log(`  FAILED  ${title}\n${error.stack}`);
    for (const complaint of world.complaints) console.log(`  the browser: ${complaint}`);
    await world.picture(`failed-${name}`).catch(() => {});
    return 1;
  } finally {
    await context.close();
  }
}

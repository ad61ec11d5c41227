// Errors can be read across origins by pages that are allowed, and by no others.

import assert from "node:assert/strict";

const { API_URL, FOREIGN_PAGE_URL } = process.env;

export const title = "read errors across origins, unless the origin is foreign";

/** In the page: status, body and headers of an answer, or that there was none to be read. */
async function ask([url, options]) {
  try {
    const answer = await fetch(url, options);
    const header = (name) => answer.headers.get(name);
    const headers = { challenge: header("www-authenticate"), request: header("x-request-id"), retry: header("retry-after") };
    return { status: answer.status, body: await answer.text(), ...headers };
  } catch (error) {
    return { unreadable: error.name };
  }
}

/** In the page: how a socket ended. */
function closed([url, protocols]) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, protocols);
    socket.onmessage = () => resolve("open");
    socket.onclose = ({ code }) => resolve(code);
  });
}

export default async function (world) {
  const { page } = world;
  await world.open();
  await world.shows("welcome", "Who are you?");
  const get = (path, headers = {}) => page.evaluate(ask, [API_URL + path, { headers }]);
  const bad = await get("/auth/verify", { authorization: "Bearer nonsense" });
  assert.equal(bad.status, 401);
  assert.deepEqual(JSON.parse(bad.body), { error: "unauthorized", message: "Invalid or expired token" });
  assert.match(bad.challenge, /error="invalid_token"/);
  assert.match(bad.request, /.+/);
  assert.equal((await get("/nowhere")).status, 404);
  assert.equal((await get("/auth/sync")).status, 405);
  const large = { method: "POST", headers: { "content-type": "text/plain" }, body: "x" };
  assert.equal((await page.evaluate(ask, [`${API_URL}/auth/sync`, large])).status, 401);
  const socket = `${API_URL.replace(/^http/, "ws")}/ws`;
  assert.equal(await page.evaluate(closed, [socket, ["bearer", "nonsense"]]), 1006);

  // A good token, so that the origin alone is at fault.
  await world.logIn();
  const token = await world.devToken();
  assert.equal((await get("/auth/verify", { authorization: `Bearer ${token}` })).status, 200);
  assert.equal(await page.evaluate(closed, [socket, ["bearer", token]]), "open");

  await page.goto(FOREIGN_PAGE_URL);
  await world.shows("welcome", "Who are you?");
  assert.deepEqual(await get("/auth/verify", { authorization: `Bearer ${token}` }), { unreadable: "TypeError" });
  assert.deepEqual(await get("/healthz"), { unreadable: "TypeError" });
  assert.equal(await page.evaluate(closed, [socket, ["bearer", token]]), 1006);
}

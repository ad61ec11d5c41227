// What the chapters have in common: the page, the tenant, and somebody else who is logged in as the same person.

import assert from "node:assert/strict";

const { PAGE_URL, TENANT_URL, API_URL, EVENTS_TOKEN } = process.env;

export const ADA = "auth0|ada";
/** The size of a window. */
export const DESK = { width: 1120, height: 900 };
const VIEWS = [["", DESK], ["-narrow", { width: 390, height: 844 }]];

/** From now on the tenant tells authsync what happens to its people. */
export async function sendEvents() {
  await send("POST", `${TENANT_URL}/dev/webhook`, { url: `${API_URL}/auth0/events`, token: EVENTS_TOKEN });
}

async function send(method, url, body, more = {}) {
  const headers = { "content-type": "application/json", ...more };
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${url} answered ${answer.status}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

export class World {
  /** What the browser has against the page: errors that nobody caught, and what its policy forbade. */
  complaints = [];
  /** Every socket that the page has opened. */
  sockets = [];
  #screenshots;

  constructor(page, screenshots) {
    this.page = page;
    this.#screenshots = screenshots;
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (line) => {
      if (line.type() === "error" && line.text().includes("Content Security Policy")) this.complaints.push(line.text());
    });
    page.on("websocket", (socket) => this.sockets.push(socket));
  }

  /** Waits until the element with this id shows this text. */
  async shows(id, text) {
    await this.page.locator(`#${id}`).filter({ hasText: text, visible: true }).waitFor();
  }

  async textOf(id) {
    return this.page.locator(`#${id}`).innerText();
  }

  /** As it is on a desk, and on a telephone, where nothing may stick out. */
  async picture(name) {
    for (const [suffix, viewport] of VIEWS) {
      await this.page.setViewportSize(viewport);
      const [width, room] = await this.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(width <= room, `${name}${suffix} is ${width} pixels wide, in a window of ${room}`);
      // The countdown must not be half-way through a movement.
      const path = `${this.#screenshots}/${name}${suffix}.png`;
      await this.page.screenshot({ path, fullPage: true, animations: "disabled" });
    }
    await this.page.setViewportSize(DESK);
  }

  async open() {
    await this.page.goto(PAGE_URL);
  }

  /** From the welcome to the tenant's login page. */
  async toLoginPage() {
    await this.page.click("#log-in");
    await this.page.getByRole("heading", { name: "Log in" }).waitFor();
    assert.equal(new URL(this.page.url()).origin, new URL(TENANT_URL).origin);
  }

  async pick(person) {
    await this.page.getByRole("button", { name: person }).click();
  }

  /** Logs in by clicking, until the socket is open. */
  async logIn(person = "Ada Lovelace") {
    await this.open();
    await this.toLoginPage();
    await this.pick(person);
    await this.shows("socket-state", "open");
  }

  /** Somebody changes the person's name at Auth0; authsync hears of it by an event. */
  async renameElsewhere(name) {
    await this.changePerson(ADA, { name });
  }

  /** A good token of Ada's that the page knows nothing of. */
  async devToken() {
    return (await send("POST", `${TENANT_URL}/dev/token`, { sub: ADA })).access_token;
  }

  /** An order to the tenant, such as `fault` or `login`. */
  async order(what, body) {
    await send("POST", `${TENANT_URL}/dev/${what}`, body);
  }

  /** Changes members of somebody's profile at the tenant. */
  async changePerson(id, members) {
    await send("PATCH", `${TENANT_URL}/dev/users/${encodeURIComponent(id)}`, members);
  }

  /** Tells authsync of somebody what the tenant does not know. It is in force when this returns. */
  async tellOf(id, members) {
    const time = new Date().toISOString();
    const about = { specversion: "1.0", type: "user.updated", source: "urn:auth0:e2e", id: `evt_${crypto.randomUUID()}`, time };
    const event = { ...about, data: { object: { user_id: id, updated_at: time, ...members } } };
    await send("POST", `${API_URL}/auth0/events`, event, { authorization: `Bearer ${EVENTS_TOKEN}` });
  }

  async tenantAsItWas() {
    await this.order("restore", {});
    await this.order("login", { access_token_lifetime: 86_400 });
    await this.changePerson(ADA, { blocked: false, name: "Ada Lovelace" });
  }
}

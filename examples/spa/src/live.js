// A socket that stays open: renewed before its token ends, opened again after the network was away.

import { LoginNeeded, understood } from "./login_needed.js";

/** Two minutes: a token of a shorter life is renewed half-way through what is left, a longer one as soon as it is due. */
const SHORT_LIFE = 120_000;
const LONGEST_PAUSE = 30_000;
const LAST_MOMENT = 2_000;

/**
 * Events, each with a `detail`:
 * - `state`: "connecting", "open", "waiting" (for another try), "closed"
 * - `user`: the row, at first and whenever it changes
 * - `expiry`: when the token ends, in milliseconds since 1970
 * - `note`: a line for people
 * - `over`: a LoginNeeded; the socket will not be opened again
 */
export class LiveSocket extends EventTarget {
  #url;
  #token;
  #verify;
  #socket;
  #timer;
  #attempts = 0;
  #renewing = false;
  #stopped = false;
  #expiresAt = 0;
  #life = 0;

  /** `token` gives access tokens, newly from Auth0 if asked with `{ fresh: true }`; `verify` asks the API who they speak for. */
  constructor({ apiUrl, token, verify }) {
    super();
    this.#url = `${apiUrl.replace(/^http/, "ws")}/ws`;
    this.#token = token;
    this.#verify = verify;
  }

  async open({ fresh = false } = {}) {
    this.#clear();
    this.#stopped = false;
    this.#tell("state", "connecting");
    let token;
    try {
      token = await this.#token({ fresh });
    } catch (error) {
      return this.#failed(error);
    }
    if (this.#stopped) return;
    // A page can set no header here. The second subprotocol is the token; the server answers with the first alone.
    const socket = new WebSocket(this.#url, ["bearer", token]);
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#heard(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => socket === this.#socket && this.#closed(code));
  }

  /** Goes on with a newer token; the socket stays open. */
  async renew() {
    const socket = this.#socket;
    if (this.#renewing || socket?.readyState !== WebSocket.OPEN) return;
    this.#renewing = true;
    try {
      const token = await this.#token({ fresh: true });
      socket.send(JSON.stringify({ type: "auth", token }));
    } catch (error) {
      this.#renewing = false;
      // The old token counts until it ends, and then the server says so.
      this.#note(`not renewed: ${error.message}`);
      if (error instanceof LoginNeeded) this.#over(error);
      else this.#renewLater();
    }
  }

  close() {
    this.#stopped = true;
    this.#clear();
    this.#tell("state", "closed");
  }

  #heard(message) {
    switch (message.type) {
      case "ready":
        this.#attempts = 0;
        this.#tell("state", "open");
        this.#tell("user", message.user);
        this.#expires(message.expires_at);
        this.#note("ready");
        break;
      case "user.updated":
        this.#tell("user", message.user);
        this.#note("user.updated: the row has changed");
        break;
      case "expiring":
        this.#note("expiring: the token ends soon");
        this.#renewInTime();
        break;
      case "renewed":
        this.#renewing = false;
        this.#expires(message.expires_at);
        this.#note("renewed: the same socket, a newer token");
        break;
      case "error":
        this.#renewing = false;
        this.#note(`error: ${message.message}`);
        this.#renewLater();
        break;
      default: // There may be more types one day.
    }
  }

  #renewInTime() {
    if (this.#life < SHORT_LIFE) this.#renewLater();
    else this.renew();
  }

  /** Half-way through what is left; at the very end there is another socket instead. */
  #renewLater() {
    const left = this.#expiresAt - Date.now();
    clearTimeout(this.#timer);
    if (left > LAST_MOMENT) this.#timer = setTimeout(() => this.renew(), left / 2);
  }

  #expires(seconds) {
    this.#expiresAt = seconds * 1000;
    this.#life = this.#expiresAt - Date.now();
    this.#tell("expiry", this.#expiresAt);
  }

  /** What each code asks of a client: docs/websocket.md. */
  #closed(code) {
    this.#clear();
    this.#note(`closed with ${code}`);
    switch (code) {
      case 4401: // The token has ended.
        return this.#stopped || this.open({ fresh: true });
      case 4403: // The user is gone, or blocked: `verify` knows which.
        return this.#ask();
      case 1002: // Our own mistake: the same again would fail the same.
      case 1007:
      case 1009:
        return this.#tell("state", "closed");
      case 1006: // Refused, or offline: a browser does not tell, the API does.
        return this.#ask();
      default:
        return this.#again();
    }
  }

  async #ask() {
    try {
      await this.#verify();
      this.#again();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(refusal) {
    const error = understood(refusal);
    if (error instanceof LoginNeeded) return this.#over(error);
    if (error.status === 404) return this.#over(new LoginNeeded("deleted", error));
    // Nobody's fault here: a 503, or no answer at all.
    this.#again();
  }

  #again() {
    if (this.#stopped) return;
    const longest = Math.min(LONGEST_PAUSE, 1000 * 2 ** this.#attempts++);
    const pause = longest * (0.5 + Math.random() / 2);
    this.#tell("state", "waiting");
    this.#note(`another try in ${(pause / 1000).toFixed(1)} s`);
    this.#timer = setTimeout(() => this.open(), pause);
  }

  #over(reason) {
    this.close();
    this.#tell("over", reason);
  }

  #clear() {
    clearTimeout(this.#timer);
    this.#renewing = false;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #note(text) {
    this.#tell("note", text);
  }
}

// The two routes of authsync that a page calls.

/** A refusal, as the API words it: compare `code`, show `message`, quote `requestId` to whoever runs the server. */
export class Refusal extends Error {
  constructor(status, { error, message }, headers) {
    super(message);
    this.status = status;
    this.code = error;
    this.requestId = headers.get("x-request-id");
    // Seconds; present on 503.
    this.retryAfter = Number(headers.get("retry-after") ?? 0);
  }
}

/** `token` is asked before each call, so that no call uses one that has ended. */
export function openApi(apiUrl, token) {
  async function ask(method, path, body, options) {
    const answer = await fetch(apiUrl + path, {
      method,
      headers: {
        Authorization: `Bearer ${await token(options)}`,
        ...(body && { "Content-Type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    const json = await answer.json();
    if (!answer.ok) throw new Refusal(answer.status, json, answer.headers);
    return json;
  }

  /** A token may have been withdrawn by the minute: one more try with a new one, and no more. */
  async function askTwice(method, path, body) {
    try {
      return await ask(method, path, body);
    } catch (error) {
      if (error.status !== 401) throw error;
      return ask(method, path, body, { fresh: true });
    }
  }

  return {
    /** After each login: brings the row of the users table up to date. `user` is the profile from the ID token. */
    sync: ({ sub, email, name, picture }) =>
      askTwice("POST", "/auth/sync", { auth0_id: sub, email, name, picture }),

    /** Who the token speaks for, as the users table knows them. */
    verify: () => askTwice("GET", "/auth/verify"),
  };
}

// What errors mean for the person: those of Auth0's SDKs, and the API's refusals.

/** The person has to log in again, or cannot: `reason` is "ended", "blocked" or "deleted". */
export class LoginNeeded extends Error {
  constructor(reason, cause) {
    super(reason === "ended" ? "the session has ended" : `user is ${reason}`, { cause });
    this.reason = reason;
  }
}

const ENDED = ["login_required", "consent_required", "interaction_required", "invalid_grant", "missing_refresh_token"];

/** A LoginNeeded where only the person can help; anything else may be a bad line, and is worth another try. */
export function explained(error) {
  if (error instanceof LoginNeeded) return error;
  if (/user is blocked/i.test(`${error.error_description ?? ""} ${error.message}`)) return new LoginNeeded("blocked", error);
  return ENDED.includes(error.error) ? new LoginNeeded("ended", error) : error;
}

/** A refusal of the API as a LoginNeeded, where it is one; anything else as it is. */
export function understood(error) {
  if (error.status === 401) return new LoginNeeded("ended", error);
  if (error.status === 403) return new LoginNeeded("blocked", error);
  return error;
}

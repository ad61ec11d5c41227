// What the errors of Auth0's SDKs mean for the person.

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

// Who is logged in. Everything that knows Auth0's SDK is here.

import { createAuth0Client } from "@auth0/auth0-spa-js";
import { LoginNeeded, explained } from "./login_needed.js";

/** Prepares the SDK, and finishes a login if the address says that one is under way. */
export async function openLogin({ domain, clientId, audience }) {
  const auth0 = await createAuth0Client({
    domain,
    clientId,
    // The audience makes it an access token for the API.
    authorizationParams: { audience, redirect_uri: window.location.origin },
    // Tokens live in memory, the refresh token in a worker: no script of this page can read it. After a reload the SDK
    // asks the tenant in a hidden frame, hence the fallback.
    cacheLocation: "memory",
    useRefreshTokens: true,
    useRefreshTokensFallback: true,
  });

  const query = new URLSearchParams(window.location.search);
  if (query.has("state") && (query.has("code") || query.has("error"))) {
    try {
      await auth0.handleRedirectCallback();
    } catch (error) {
      throw explained(error);
    } finally {
      // A reload must not redeem the code a second time.
      window.history.replaceState({}, "", window.location.pathname);
    }
  }

  return {
    /** The person's profile from the ID token, or undefined. */
    user: () => auth0.getUser(),

    logIn: () => auth0.loginWithRedirect(),

    /** Asks who it is even where the tenant knows, so that somebody else can log in. */
    logInAsSomebodyElse: () => auth0.loginWithRedirect({ authorizationParams: { prompt: "login" } }),

    logOut: () => auth0.logout({ logoutParams: { returnTo: window.location.origin } }),

    /**
     * An access token. `fresh` goes to Auth0 in any case: from its cache the SDK may return the one that is about to end.
     */
    async token({ fresh = false } = {}) {
      try {
        const token = await auth0.getTokenSilently({ cacheMode: fresh ? "off" : "on" });
        if (token === undefined) throw new LoginNeeded("ended");
        return token;
      } catch (error) {
        throw explained(error);
      }
    },
  };
}

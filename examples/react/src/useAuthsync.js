import { useEffect, useState } from "react";
import { useAuth0 } from "@auth0/auth0-react";
import { openApi } from "../../spa/src/api.js";
import { begin } from "../../spa/src/begin.js";
import { LiveSocket } from "../../spa/src/live.js";
import { explained } from "../../spa/src/login_needed.js";

/**
 * The row of whoever is logged in, kept up to date: `{ row, socket, trouble, over }`. `row` is undefined until the first
 * answer; `socket` is the state of the socket; `trouble` is what keeps it from opening, in words; `over` says why the person
 * has to log in again: "ended", "blocked", "deleted".
 */
export function useAuthsync(apiUrl) {
  const { isAuthenticated, user, getAccessTokenSilently } = useAuth0();
  const [known, setKnown] = useState({ socket: "closed" });
  const sub = isAuthenticated ? user.sub : undefined;

  useEffect(() => {
    if (sub === undefined) return undefined;
    let gone = false;
    const learn = (news) => gone || setKnown((before) => ({ ...before, ...news }));
    const token = ({ fresh = false } = {}) =>
      getAccessTokenSilently({ cacheMode: fresh ? "off" : "on" }).catch((error) => {
        throw explained(error);
      });

    const api = openApi(apiUrl, token);
    const live = new LiveSocket({ apiUrl, token, verify: api.verify });
    live.addEventListener("state", ({ detail }) => learn({ socket: detail }));
    live.addEventListener("user", ({ detail }) => learn({ row: detail }));
    const over = ({ reason }) => learn({ over: reason });
    live.addEventListener("over", ({ detail }) => over(detail));

    // In this order: before the first sync there is no row to watch.
    const steps = async () => {
      learn({ row: await api.sync(user), trouble: undefined });
      if (!gone) await live.open();
    };
    const giveUp = begin(steps, { over, trouble: ({ message }) => learn({ trouble: message }) });
    return () => {
      gone = true;
      giveUp();
      live.close();
    };
    // The person decides; a new object with the same profile is no reason to begin again.
  }, [apiUrl, sub]);

  return known;
}

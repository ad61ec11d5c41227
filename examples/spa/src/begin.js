// From the login to the socket: what a refusal on the way means, and when to try again.

import { LoginNeeded, understood } from "./login_needed.js";

const LONGEST_PAUSE = 30_000;

/**
 * Takes the steps, until they succeed or nothing but the person can help. `over` is told of a LoginNeeded, `trouble` of
 * anything else. Returns a function that gives up.
 */
export function begin(steps, { over, trouble }) {
  let timer;
  let givenUp = false;

  const attempt = async (count) => {
    try {
      await steps();
    } catch (refusal) {
      if (givenUp) return;
      const error = understood(refusal);
      if (error instanceof LoginNeeded) return over(error);
      trouble(error);
      // A 503, or no answer at all, is nobody's fault here: wait, and try again.
      if ((error.status ?? 503) < 500) return;
      const pause = Math.max((error.retryAfter ?? 0) * 1000, Math.min(LONGEST_PAUSE, 1000 * 2 ** count));
      timer = setTimeout(() => attempt(count + 1), pause * (1 + Math.random() / 4));
    }
  };

  attempt(0);
  return () => {
    givenUp = true;
    clearTimeout(timer);
  };
}

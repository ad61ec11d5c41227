// The page: log in, sync, verify, stay connected.

import { openApi } from "./api.js";
import { begin } from "./begin.js";
import { LiveSocket } from "./live.js";
import { openLogin } from "./login.js";
import { LoginNeeded, understood } from "./login_needed.js";
import * as view from "./view.js";

const config = await (await fetch("config.json")).json();

try {
  await start();
} catch (error) {
  view.show("welcome");
  view.trouble(error);
}

async function start() {
  let login;
  try {
    login = await openLogin(config);
  } catch (error) {
    if (!(error instanceof LoginNeeded)) throw error;
    // The tenant sent the person back without a login. Without its answer in the address the page starts as usual.
    view.notice(error.reason);
    login = await openLogin(config);
  }
  view.buttons.logIn.onclick = () => login.logIn();
  view.buttons.again.onclick = () => login.logInAsSomebodyElse();

  const user = await login.user();
  if (user === undefined) return view.show("welcome");
  await account(login, user);
}

async function account(login, user) {
  view.profile(user);
  view.show("account");
  const api = openApi(config.apiUrl, login.token);
  const live = new LiveSocket({ apiUrl: config.apiUrl, token: login.token, verify: api.verify });
  let giveUp = () => {};

  const over = ({ reason }) => {
    giveUp();
    live.close();
    view.show("welcome");
    view.quiet();
    view.notice(reason);
  };

  /** Asks and shows the answer; what is no answer is thrown. */
  const ask = async (which, question) => {
    try {
      view.answer(which, 200, await question());
      view.quiet();
    } catch (error) {
      if (error.status) view.answer(which, error.status, { error: error.code, message: error.message });
      throw error;
    }
  };

  const failed = (error) => {
    const meaning = understood(error);
    if (meaning instanceof LoginNeeded) over(meaning);
    else view.trouble(meaning);
  };

  let row;
  live.addEventListener("state", ({ detail }) => view.socketState(detail));
  live.addEventListener("expiry", ({ detail }) => view.expires(detail));
  live.addEventListener("note", ({ detail }) => view.note(detail));
  live.addEventListener("over", ({ detail }) => over(detail));
  live.addEventListener("user", ({ detail }) => {
    const text = JSON.stringify(detail);
    view.row(detail, row !== undefined && row !== text);
    row = text;
  });

  view.buttons.renew.onclick = () => live.renew();
  view.buttons.verify.onclick = () => ask("verify", api.verify).catch(failed);
  view.buttons.logOut.onclick = () => {
    giveUp();
    live.close();
    login.logOut();
  };

  /** In this order: before the first sync there is no row to verify or to watch. */
  const steps = async () => {
    await ask("sync", () => api.sync(user));
    await ask("verify", api.verify);
    await live.open();
  };
  giveUp = begin(steps, { over, trouble: view.trouble });
}

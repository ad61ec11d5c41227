// The page: log in, sync, verify, stay connected.

import { openApi } from "./api.js";
import { LiveSocket } from "./live.js";
import { LoginNeeded, openLogin } from "./login.js";
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
  const live = new LiveSocket({ apiUrl: config.apiUrl, login, verify: api.verify });

  const over = ({ reason }) => {
    live.close();
    view.show("welcome");
    view.notice(reason);
  };
  const attempt = async (which, ask) => {
    view.quiet();
    try {
      view.answer(which, 200, await ask());
      return true;
    } catch (error) {
      if (error instanceof LoginNeeded) over(error);
      else if (error.status === 403) over(new LoginNeeded("blocked", error));
      else if (error.status) view.answer(which, error.status, { error: error.code, message: error.message });
      view.trouble(error);
      return false;
    }
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
  view.buttons.verify.onclick = () => attempt("verify", api.verify);
  view.buttons.logOut.onclick = () => {
    live.close();
    login.logOut();
  };

  // In this order: before the first sync there is no row to verify or to watch.
  const synced = await attempt("sync", () => api.sync(user));
  if (synced && (await attempt("verify", api.verify))) await live.open();
}

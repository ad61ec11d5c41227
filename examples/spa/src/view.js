// What is on the screen. Text goes in as text: nothing that comes from outside becomes markup.

const $ = (id) => document.getElementById(id);
const MOST_NOTES = 40;

const NOTICES = {
  ended: ["Your session has ended", "Log in again to go on.", "Log in again"],
  blocked: ["Your account is blocked", "You cannot log in at the moment. Please ask whoever runs this application.", "Use another account"],
  deleted: ["Your account no longer exists", "It was removed while you were here.", "Use another account"],
};

export const buttons = { logIn: $("log-in"), logOut: $("log-out"), renew: $("renew"), verify: $("verify-again"), again: $("notice-button") };

/** One of "loading", "welcome" and "account". */
export function show(part) {
  for (const each of ["loading", "welcome", "account"]) $(each).hidden = each !== part;
  $("log-out").hidden = part !== "account";
}

/** Says why the person is not, or no longer, logged in. */
export function notice(reason) {
  const [title, text, button] = NOTICES[reason] ?? NOTICES.ended;
  $("notice-title").textContent = title;
  $("notice-text").textContent = text;
  $("notice-button").textContent = button;
  $("notice").dataset.reason = reason;
  $("notice").hidden = false;
}

/** Says what went wrong where the person can do nothing but try again. */
export function trouble(error) {
  $("trouble").textContent = error.requestId ? `${error.message} (request ${error.requestId})` : error.message;
  $("trouble").hidden = false;
}

export function quiet() {
  $("trouble").hidden = true;
}

export function profile({ name, nickname, email, picture, sub }) {
  const shown = name ?? nickname ?? email ?? sub;
  $("profile-name").textContent = shown;
  $("profile-email").textContent = email ?? "no email address";
  $("profile-sub").textContent = sub;
  $("face-initials").textContent = shown.split(/\s+/).slice(0, 2).map((word) => word[0]).join("").toUpperCase();
  $("face-picture").hidden = true;
  if (picture) {
    $("face-picture").onload = () => ($("face-picture").hidden = false);
    $("face-picture").src = picture;
  }
}

/** The answer of `sync` or `verify`. */
export function answer(which, status, body) {
  $(`${which}-status`).textContent = status;
  $(`${which}-status`).dataset.good = String(status === 200);
  $(`${which}-body`).textContent = JSON.stringify(body, null, 2);
}

/** The row of the users table, as the socket tells it. */
export function row({ id, email, name }, changed) {
  $("row-id").textContent = id;
  $("row-email").textContent = email;
  $("row-name").textContent = name ?? "—";
  if (changed) {
    // Begins the animation again if it is running.
    $("row").classList.remove("changed");
    void $("row").offsetWidth;
    $("row").classList.add("changed");
  }
}

const STATES = { connecting: "connecting …", open: "open", waiting: "waiting to retry", closed: "closed" };

export function socketState(state) {
  $("socket-state").textContent = STATES[state];
  $("socket-state").dataset.state = state;
  $("renew").disabled = state !== "open";
}

let expiry;

/** Begins the countdown to a moment in milliseconds since 1970. */
export function expires(at) {
  expiry = { at, life: Math.max(1, at - Date.now()) };
  $("expires-at").textContent = new Date(at).toLocaleString();
  tick();
}

function tick() {
  if (!expiry) return;
  const left = Math.max(0, expiry.at - Date.now());
  $("countdown").textContent = inWords(Math.ceil(left / 1000));
  $("countdown-bar").value = left / expiry.life;
  $("ends").textContent = left > 0 ? "It ends" : "It ended";
}

setInterval(tick, 500);

function inWords(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

export function note(text) {
  const line = document.createElement("li");
  const time = document.createElement("time");
  time.textContent = new Date().toLocaleTimeString();
  const said = document.createElement("span");
  said.textContent = text;
  line.append(time, said);
  $("notes").prepend(line);
  while ($("notes").childElementCount > MOST_NOTES) $("notes").lastElementChild.remove();
}

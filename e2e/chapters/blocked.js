// Somebody is blocked at Auth0 while the socket is open.

import { ADA } from "../world.js";

export const title = "be blocked while logged in";

export default async function (world) {
  await world.logIn();
  await world.changePerson(ADA, { blocked: true });
  await world.shows("notice-title", "Your account is blocked");
  await world.picture("12-blocked-while-logged-in");
}

// The page that is made with React.

export const title = "the same with React";

const { REACT_PAGE_URL } = process.env;

export default async function (world) {
  const { page } = world;
  await page.goto(REACT_PAGE_URL);
  await page.click("#log-in");
  await world.pick("Ada Lovelace");
  await world.shows("socket-state", "open");
  await world.shows("row-email", "ada@example.test");
  await world.renameElsewhere("Lady Lovelace");
  await world.shows("row-name", "Lady Lovelace");
  await page.reload();
  await world.shows("socket-state", "open");
  await world.picture("13-react");
  await page.click("#log-out");
  await world.shows("log-in", "Log in");
}

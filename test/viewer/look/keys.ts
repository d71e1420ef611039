// What keys do on a page that was just loaded, where a person comes back to, and what is left of them when single letters are
// switched off.

import type { Visit } from "../support/browser.js";
import { settled } from "../support/screens.js";
import { untilPage } from "../support/wait.js";

const GROUP = "ns=default&ref=web/dev";
const OTHER = "queue/prod";
const LIST = "groups?filter=state:failing+svc:web&sort=-group";
const SOON_MS = 5_000;

const IN_A_ROW = "document.activeElement?.matches('tr[data-row]') === true";

/** @returns what was not so. */
export async function keysHold({ page }: Visit, url: string): Promise<readonly string[]> {
  const faults: string[] = [];
  const wants = (what: string, expression: string) =>
    untilPage(page, what, expression, SOON_MS).catch((error: unknown) => void faults.push(String(error)));
  const at = (address: string) => `location.href === ${JSON.stringify(url + address)}`;

  await page.goto(`${url}rollout?${GROUP}`);
  await settled({ page }, "rollout");
  await page.keyboard.press("Escape");
  await wants("the group of a rollout that Esc was pressed on", at(`group?${GROUP}&tab=rollouts`));

  // Nothing changes in the fleet meanwhile: the page has to follow the address alone.
  await settled({ page }, "group");
  await page.keyboard.press("Control+k");
  await wants("the palette with the focus in it", "document.activeElement?.matches('dialog input') === true");
  await page.keyboard.type(OTHER);
  await page.keyboard.press("Enter");
  await wants("the group that was gone to", `document.querySelector("main h1")?.textContent === "${OTHER}"`);

  await page.goto(url + LIST);
  await settled({ page }, "groups");
  await page.evaluate("localStorage.setItem('theseus.keys', 'off')");
  await page.reload();
  await settled({ page }, "groups");
  await page.keyboard.press("j");
  if (await page.evaluate<boolean>(IN_A_ROW)) faults.push("a letter acts that was switched off");
  await page.keyboard.press("ArrowDown");
  await wants("a row that an arrow goes to, letters switched off", IN_A_ROW);
  await page.keyboard.press("Enter");
  await settled({ page }, "group");
  await page.keyboard.press("Escape");
  await wants("the list as it was left", at(LIST));
  await wants("the focus in the row that was opened", IN_A_ROW);
  await page.evaluate("localStorage.removeItem('theseus.keys')");
  return faults;
}

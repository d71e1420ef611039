// One whole task without a mouse: find the failing group, read its cause, copy the command.

import { CAUSE, LAST_LINE } from "../seeded/trouble.js";
import type { Visit } from "../support/browser.js";
import { settled } from "../support/screens.js";
import { untilPage } from "../support/wait.js";

const FAILING = "web/dev";
const COMMAND = "theseus describe web/dev";

/** @returns what could not be done. */
export async function taskByKeyboard({ page, context }: Visit, url: string): Promise<readonly string[]> {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: url.replace(/\/$/, "") });
  await page.goto(url);
  await settled({ page }, "overview");
  const { keyboard } = page;
  await keyboard.press("g");
  await keyboard.press("g");
  await settled({ page }, "groups");
  await keyboard.press("/");
  await keyboard.type(`state:failing "${FAILING}" `);
  await keyboard.press("Enter");
  const left = `/\\d+ of \\d+ groups/.test(document.querySelector("[aria-live=polite]:not([role=log])")?.textContent ?? "")`;
  await untilPage(page, "what the filter has left, said aloud", left);
  await keyboard.press("j");
  const row = page.locator(`[data-row="default ${FAILING}"]`);
  await row.waitFor();
  await untilPage(
    page,
    "focus in the row",
    `document.activeElement?.matches('[data-row="default ${FAILING}"]') === true`,
  );
  const faults = (await hasRing(page)) ? [] : ["the row that has the focus is not marked"];
  await keyboard.press("Enter");
  await settled({ page }, "group");
  const main = page.getByRole("main");
  await main.getByText(CAUSE).first().waitFor();
  await keyboard.press("y");
  await untilPage(page, "something in the clipboard", `navigator.clipboard.readText().then((text) => text !== "")`);
  const copied = await page.evaluate<string>("navigator.clipboard.readText()");
  if (copied !== COMMAND) faults.push(`the clipboard has ${JSON.stringify(copied)}`);
  await keyboard.press("]");
  await untilPage(page, "the next tab", "location.search.includes('tab=rollouts')");
  await settled({ page }, "group");
  const rollout = main.getByRole("link", { name: "42", exact: true }).first();
  await rollout.focus();
  await keyboard.press("Enter");
  await settled({ page }, "rollout");
  const lines = main.getByText(LAST_LINE).first();
  await lines.waitFor().catch(() => faults.push("the last line that it wrote is not with its rollout"));
  return [...faults, ...(await tabbed({ page }))];
}

const hasRing = (page: Visit["page"]): Promise<boolean> =>
  page.evaluate(`(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
  })()`);

const MOST_STOPS = 60;

/** Tab alone goes through the whole page and comes back, and every stop is seen. */
async function tabbed({ page }: Pick<Visit, "page">): Promise<readonly string[]> {
  await page.evaluate("document.activeElement?.blur()");
  const seen = new Set<string>();
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate<string>(`(() => {
      const one = document.activeElement;
      return one === document.body ? "" : one.localName + " " + (one.getAttribute("aria-label") ?? one.textContent).trim();
    })()`);
    if (name === "" || (seen.has(name) && stop > 10)) break;
    seen.add(name);
    if (!(await hasRing(page))) return [`${name} has the focus, and nothing shows it`];
  }
  return seen.size < 5 ? [`only ${seen.size} things can be reached by Tab`] : [];
}

// One screen as a person would look at it: in both themes, at each width, with large text, and by the rules of WCAG.

import type { View, Visit } from "../support/browser.js";
import { axeFindings, look } from "../support/inside.js";

export type Asked = {
  readonly widths: readonly number[];
  readonly themes: readonly NonNullable<View["theme"]>[];
  readonly height: number;
  /** In which theme the rules of WCAG are looked at; absent: in each. */
  readonly rulesIn?: NonNullable<View["theme"]>;
};

export const EVERY_WAY: Asked = { widths: [1280, 400, 1920], themes: ["light", "dark"], height: 800 };
const FIRST_WIDTH = 1280;

export type Looked = { readonly cases: number; readonly faults: readonly string[] };

/** Looks at the screen that is open. */
export async function judge({ page }: Visit, asked: Asked): Promise<Looked> {
  const faults: string[] = [];
  let cases = 0;
  const add = (how: string, found: readonly string[]): void => {
    cases += 1;
    faults.push(...found.map((fault) => `${how}: ${fault}`));
  };
  for (const [turn, theme] of asked.themes.entries()) {
    await page.emulateMedia({ colorScheme: theme });
    // Colours do not move anything: the widths are those of one theme.
    for (const width of turn === 0 ? asked.widths : asked.widths.slice(0, 1)) {
      await page.setViewportSize({ width, height: asked.height });
      await look(page, "painted");
      add(`${theme}, ${width} wide`, await look(page, "layoutFaults"));
    }
    await page.setViewportSize({ width: asked.widths[0] ?? FIRST_WIDTH, height: asked.height });
    await look(page, "painted");
    if (asked.rulesIn !== undefined && asked.rulesIn !== theme) continue;
    const { findings } = await axeFindings(page);
    add(
      `${theme}, axe`,
      findings.map(({ rule, where }) => `${rule} at ${where}`),
    );
  }
  add("heard", await look(page, "unspoken"));
  await page.emulateMedia({ forcedColors: "active" });
  await look(page, "painted");
  add("in high contrast", await look(page, "alikeInContrast"));
  await page.emulateMedia({ forcedColors: "none" });
  for (const width of asked.rulesIn === undefined ? asked.widths : asked.widths.slice(0, 1)) {
    await page.setViewportSize({ width, height: asked.height });
    add(`text at 200 %, ${width} wide`, await look(page, "doubleText"));
    await look(page, "painted");
    add(`text at 200 %, ${width} wide`, await look(page, "layoutFaults"));
    await page.evaluate("document.documentElement.style.fontSize = ''");
  }
  return { cases, faults };
}

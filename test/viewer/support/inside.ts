// What the tests do inside of the page, as one script: bundled once a process from its own sources.

import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import type { Eyes } from "../inside/eyes.js";

const ENTRY = fileURLToPath(new URL("../inside/main.ts", import.meta.url));

let bundled: Promise<string> | undefined;

/** The script; put into each page before its own. */
export function insideScript(): Promise<string> {
  bundled ??= build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    logLevel: "error",
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? "");
  return bundled;
}

type Answer<Name extends keyof Eyes> = Awaited<ReturnType<Eyes[Name]>>;

/** Asks the eyes inside of the page; neither the page's content policy nor its script has a say in it. */
export async function look<Name extends keyof Eyes>(
  page: Page,
  name: Name,
  ...args: Parameters<Eyes[Name]>
): Promise<Answer<Name>> {
  return await page.evaluate<Answer<Name>>(`testEyes.${name}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`);
}

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

export type AxeFinding = { readonly rule: string; readonly where: string };
type AxeAnswer = {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
  readonly passes: readonly unknown[];
};

/** Every rule of WCAG 2.0 to 2.2 at the levels A and AA, also those that axe leaves out unless it is asked. */
export async function axeFindings(page: Page): Promise<{ rules: number; findings: readonly AxeFinding[] }> {
  const rules = axe.getRules(TAGS).map(({ ruleId }) => ruleId);
  const asked = { runOnly: { type: "rule", values: rules }, resultTypes: ["violations", "passes"] };
  await page.evaluate(`globalThis.axe === undefined && (() => { ${axe.source} })()`);
  const { violations } = await page.evaluate<AxeAnswer>(`axe.run(document, ${JSON.stringify(asked)})`);
  const findings = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html }) => ({ rule: id, where: html.slice(0, 160) })),
  );
  return { rules: rules.length, findings };
}

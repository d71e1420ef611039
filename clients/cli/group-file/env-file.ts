// Environment files: KEY=VALUE lines as `docker run --env-file` reads them, except that a bare KEY is an error.

import type { Problem } from "./problems.js";

export interface EnvFile {
  readonly env: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

/** Values are taken as they stand after the first "=": no quotes, no variables. */
export function parseEnvFile(text: string): EnvFile {
  const env: Record<string, string> = {};
  const problems: Problem[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const name = line.slice(0, Math.max(0, equals));
    const place = { line: i + 1, col: raw.length - line.length + 1, path: "" };
    if (equals <= 0 || /\s/.test(name) || name === "__proto__")
      problems.push({ ...place, what: "not an environment line", expected: "NAME=value" });
    else env[name] = line.slice(equals + 1);
  }
  return { env, problems };
}

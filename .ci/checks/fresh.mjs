// Committed generated files equal what the generators make now.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GENERATED, generate } from "../generate.mjs";

const fresh = mkdtempSync(join(tmpdir(), "theseus-generated-"));
let stale = false;
try {
  generate(fresh);
  for (const path of GENERATED) {
    const { status, stdout } = spawnSync("diff", ["-rq", path, join(fresh, path)], { encoding: "utf8" });
    if (status !== 0) console.error(`${stdout.trimEnd()}\n${path} is not what the generators make: run make gen`);
    stale ||= status !== 0;
  }
} finally {
  rmSync(fresh, { recursive: true });
}
process.exit(stale ? 1 : 0);

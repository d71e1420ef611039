import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { restoreEmbedded } from "../../../src/embedded/restore.js";
import { shellWord } from "../../../src/embedded/shell-word.js";
import { openEmbeddedStore } from "../../../src/embedded/store.js";
import { failure } from "../../contract/fixture.js";
import { testParts } from "../../support/parts.js";

describe("a path in a printed command", () => {
  it("stays as it is where a shell takes it so", () => {
    expect(shellWord("/var/lib/theseus-1/store.db")).toBe("/var/lib/theseus-1/store.db");
  });

  it.each(["/a b/c", "it's", "$HOME `x`", "~/x", "", "a\nb", "a;b"])("is one word for a shell: %j", (path) => {
    const said = execFileSync("sh", ["-c", `printf '[%s]' ${shellWord(path)}`]).toString();
    expect(said).toBe(`[${path}]`);
  });

  it("is quoted where a store stands already, which is said", async () => {
    const top = await mkdtemp(join(tmpdir(), "theseus embedded "));
    const store = await openEmbeddedStore({ folder: top, ...testParts() });
    const nothing = (async function* () {})();
    expect(await failure(restoreEmbedded({ file: nothing, folder: top }))).toMatchObject({
      facts: {
        why: [`${top} holds a store`],
        next: [expect.stringContaining(`mv '${top}' '${top}.before'`)],
      },
    });
    await store.close();
    await rm(top, { recursive: true, force: true });
  });
});

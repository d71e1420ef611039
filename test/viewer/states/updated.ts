// Another version of the viewer answers where the page came from: it says so, and loads nothing by itself.

import { appendFile, cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runViewer } from "../../../clients/viewer/main.js";
import { inFolder } from "../../support/temporary-folder.js";
import { onVisit } from "../support/browser.js";
import { settled } from "../support/screens.js";
import { untilPage } from "../support/wait.js";
import { saw } from "./seen.js";

const BUILT = fileURLToPath(new URL("../../../dist/viewer", import.meta.url));
const LOCAL = "127.0.0.1";

/** @param server where the server is that both versions ask. */
export function versionChanged(server: string): Promise<readonly string[]> {
  return inFolder("viewer", async (folder) => {
    const bundle = `${join(folder, "next")}/`;
    await cp(BUILT, bundle, { recursive: true });
    await appendFile(join(bundle, "index.html"), "<!-- the next one -->\n");
    const options = { server, allowHosts: [], log: () => undefined };
    const first = await runViewer({ ...options, listen: { host: LOCAL, port: 0 } });
    const { port } = first.address;
    const url = `http://${LOCAL}:${port}/`;
    let last = first;
    try {
      return await onVisit(url, {}, async (seen) => {
        seen.mayFail = true;
        const { page } = seen;
        await page.goto(url);
        await settled({ page }, "overview");
        await page.evaluate("globalThis.sameDocument = true");
        await first.close();
        last = await runViewer({ ...options, bundle, listen: { host: LOCAL, port } });
        const faults: string[] = [];
        const says = "/server was updated/.test(document.body.innerText)";
        await untilPage(page, "that the server was updated", says, 30_000).then(
          () => saw("new version"),
          (error: unknown) => faults.push(`new version: ${String(error)}`),
        );
        if (!(await page.evaluate<boolean>("globalThis.sameDocument === true")))
          faults.push("new version: the page loaded itself anew");
        return faults;
      });
    } finally {
      await last.close();
    }
  });
}

// The payloads as lines that a real container has written, followed through engine, server and gateway to the page.

import { randomBytes } from "node:crypto";
import { onStage } from "../../proof/stage.js";
import { importBusyboxImage } from "../../support/images.js";
import { onVisit, type Visit } from "../support/browser.js";
import { look } from "../support/inside.js";
import { settled } from "../support/screens.js";
import { untilPage } from "../support/wait.js";
import { became } from "./pages.js";
import { PAYLOADS } from "./payloads.js";

const GROUP = "talk/dev";
const LAST = "that was all";

/** @returns the lines that are not there as they were written, and whatever one of them became. */
export function hostileLines(): Promise<readonly string[]> {
  return onStage(
    async (stage) => {
      const tag = `viewer-hostile-${randomBytes(4).toString("hex")}:1`;
      stage.keepImage(tag);
      await importBusyboxImage(stage.engine.socket, tag, {
        files: { "/lines": `${[...PAYLOADS, LAST].join("\n")}\n` },
        command: ["/bin/sh", "-c", "cat /lines; exec sleep 100000"],
      });
      const server = await stage.startServer({ viewer: "127.0.0.1:0" });
      await stage.apply(server, { [GROUP]: { image: tag, instances: 1, stop: { grace: "1s" } } });
      const url = `${server.listeners.viewer}/`;
      return await onVisit(url, { height: 3_000 }, (visit) => linesIn(visit, url));
    },
    { kind: "embedded" },
  );
}

async function linesIn(visit: Visit, url: string): Promise<readonly string[]> {
  const { page } = visit;
  await page.goto(`${url}logs?ns=default&ref=${GROUP}`);
  await settled({ page }, "logs");
  await untilPage(page, "the last line", `document.body.innerText.includes(${JSON.stringify(LAST)})`);
  const missing = await look(page, "missingTexts", PAYLOADS, "main");
  return [
    ...missing.map((text) => `log lines: not found as text: ${JSON.stringify(text.slice(0, 60))}`),
    ...(await became(visit)).map((text) => `log lines: ${text}`),
  ];
}

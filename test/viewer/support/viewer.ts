// `theseus viewer` as a child process: the page and its gateway, beside any server.

import { Child } from "../../support/child.js";
import { BIN } from "../../support/theseus.js";
import { until } from "../../support/until.js";

export type RunningViewer = {
  readonly child: Child;
  /** "http://127.0.0.1:7701/" */
  readonly url: string;
};

/**
 * Listens on a free port unless told otherwise; waits until it says where.
 */
export async function startViewer(server: string, listen = "127.0.0.1:0"): Promise<RunningViewer> {
  const child = new Child(process.execPath, [BIN, "viewer", "--server", server, "--listen", listen], {
    env: { NO_COLOR: "1", THESEUS_SERVER: "" },
  });
  const address = () => {
    if (child.hasEnded) throw new Error("it ended");
    return /^viewer (http:\/\/\S+)$/m.exec(child.stdout)?.[1];
  };
  try {
    return { child, url: `${await until("the viewer's address", address, { everyMs: 5 })}/` };
  } catch (error) {
    await child.kill9();
    throw new Error(`the viewer did not start: ${child.stderr}${child.stdout}`, { cause: error });
  }
}

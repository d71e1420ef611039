// The store's process as the proof sees it: started on a folder, asked over the wire, killed.

import { Child } from "../../support/child.js";
import { until } from "../../support/until.js";

const CHILD = new URL("./child.mjs", import.meta.url).pathname;

export class Victim {
  readonly child: Child;

  /** @param before what is put before its command, such as a tracer. */
  constructor(folder: string, flags: readonly string[] = [], before: readonly string[] = []) {
    const [program = "", ...args] = [...before, process.execPath, "--no-warnings", CHILD, folder, ...flags];
    this.child = new Child(program, args);
  }

  /** Where it can be asked, once it can. */
  async listening(): Promise<string> {
    return await until("the store to listen", () => {
      if (this.child.hasEnded) throw new Error(`the store's process ended: ${this.child.stderr}`);
      return /^listening (\S+)$/m.exec(this.child.stdout)?.[1];
    });
  }
}

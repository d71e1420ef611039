// Updates one group of Theseus whenever its parent says so: a process of its own, in the network namespace of the server.
// `update-caller.ts ADDRESS SOCKET IMAGE`. Judges nothing.

import { connect } from "../../clients/index.js";
import { ObservedEngine } from "../support/observed-engine.js";
import { type Updated, Updates } from "./updates.js";

export type Order = "create" | "update";
export type Done = { readonly updated?: Updated; readonly problem?: string };

const [address = "", socket = "", image = ""] = process.argv.slice(2);
const updates = new Updates(connect(address), new ObservedEngine(socket));

async function carryOut(order: Order): Promise<Done> {
  try {
    if (order === "update") return { updated: await updates.once() };
    await updates.create(image);
    return {};
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

process.on("disconnect", () => process.exit(0));
process.on("message", (order: Order) => {
  void carryOut(order).then((done) => process.send?.(done));
});

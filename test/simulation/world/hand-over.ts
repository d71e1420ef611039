// A server that is told to stop gives its office back before it ends, so that another one leads at once.

import type { Judge } from "./judge.js";
import type { Server } from "./server.js";
import type { World } from "./world.js";

/**
 * Called when it is told to stop. What else goes wrong meanwhile excuses it: then its lease runs out. So does that of who
 * has given up while the store was down; whether it renewed its lease since the store is back tells who has not.
 */
export function watchHandOver(world: World, judge: Judge, server: Server): void {
  const { etcd, fate } = world;
  const before = strikes(fate.happened);
  const boots = etcd.boots;
  const wasUndisturbed = etcd.isUp && server.storeLink.isOpen && etcd.wasRenewed("/theseus/leader");
  server.onEnd.add(() => {
    if (!server.hasEnded || !wasUndisturbed || !etcd.isUp || etcd.boots !== boots || !server.storeLink.isOpen) return;
    if (strikes(fate.happened) !== before || judge.isRestored) return;
    if (judge.store.leader === server.serverId) {
      judge.violated("hand over", `${server.process.name} has stopped as asked, and still holds the office`);
    }
  });
}

const strikes = (happened: ReadonlyMap<string, number>): number =>
  [...happened.values()].reduce((sum, count) => sum + count, 0);

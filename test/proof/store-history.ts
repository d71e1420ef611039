// Every change of keys that the store has seen since a revision, also of keys that are gone again: read from its history
// with etcdctl, up to a mark of our own.

import { randomBytes } from "node:crypto";
import { Child } from "../support/child.js";
import type { TestEtcd } from "../support/start-etcd.js";
import { until } from "../support/until.js";

type RawWatch = { readonly Events?: readonly { readonly kv: { readonly key: string } }[] };

export async function storeRevision(etcd: TestEtcd): Promise<number> {
  const answer = JSON.parse(await etcd.ctl("get", "/no-such-key", "-w", "json")) as { header: { revision: number } };
  return answer.header.revision;
}

/** The keys below the prefix, like "/services", that were written or deleted after that revision, in order. */
export async function changedKeys(etcd: TestEtcd, prefix: string, since: number): Promise<string[]> {
  // Beside the tree, not in it: Theseus does not look there.
  const mark = `${prefix}-mark-${randomBytes(4).toString("hex")}`;
  await etcd.ctl("put", mark, "");
  const args = ["--endpoints", etcd.endpoint, "watch", "--prefix", prefix, "--rev", String(since + 1), "-w", "json"];
  const watch = new Child("etcdctl", args, { env: { ETCDCTL_API: "3" } });
  try {
    const keys = await until(`the store's history of ${prefix}`, () => {
      const seen = keysIn(watch.stdout);
      return seen.includes(mark) ? seen : undefined;
    });
    return keys.filter((key) => key.startsWith(`${prefix}/`));
  } finally {
    await watch.kill9();
    await etcd.ctl("del", mark);
  }
}

/** Only whole lines; of a history that is longer than what is kept, the end. */
function keysIn(text: string): string[] {
  const lines = text
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith("{"));
  const events = lines.flatMap((line) => (JSON.parse(line) as RawWatch).Events ?? []);
  return events.map(({ kv }) => Buffer.from(kv.key, "base64").toString());
}

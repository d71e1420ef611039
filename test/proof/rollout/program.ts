// One program in a container that is good, or bad in one of five ways, as its environment says.

import { randomBytes } from "node:crypto";
import { importBusyboxImage } from "../../support/images.js";
import type { Stage } from "../stage.js";

export const GROUP = "web/dev";
export const INSTANCES = 6;
export const MAX_PARALLEL = 2;

export const BAD = ["exits", "hangs", "sick", "flaps", "greedy"] as const;
export type Bad = (typeof BAD)[number];

/** What the program says of itself before it goes wrong, and how the cause is told. */
export const SIGNS: Readonly<Record<Bad, { readonly line: string; readonly cause: RegExp }>> = {
  exits: { line: "cannot read its settings", cause: /code 3|exit 3/ },
  hangs: { line: "waits for a lock", cause: /GET \/healthz: connect ECONNREFUSED/ },
  sick: { line: "has lost its database", cause: /GET \/healthz answered 404, \d+ times/ },
  flaps: { line: "gives up", cause: /code 4|exit 4/ },
  greedy: { line: "reads it all into memory", cause: /memory/ },
};

/** DATABASE, host and port, has to be there when it starts, if it is set. */
const PROGRAM = `#!/bin/sh
serve() { exec httpd -f -p 8080 -h /tmp/www; }
mkdir -p /tmp/www
[ "$MODE" = sick ] || echo ok >/tmp/www/healthz
if [ -n "$DATABASE" ] && ! nc -w 2 \${DATABASE%:*} \${DATABASE#*:} </dev/null >/dev/null; then
  echo "its database is gone"
  exit 5
fi
case $MODE in
  exits) echo "${SIGNS.exits.line}"; exit 3 ;;
  hangs) echo "${SIGNS.hangs.line}"; exec sleep 100000 ;;
  sick) echo "${SIGNS.sick.line}"; serve ;;
  flaps) (serve) & sleep 1; echo "${SIGNS.flaps.line}"; kill $!; exit 4 ;;
  greedy) echo "${SIGNS.greedy.line}"; exec tail /dev/zero ;;
esac
serve
`;

export async function importProgram(stage: Stage): Promise<string> {
  const tag = `theseus-proof-rollout-${randomBytes(4).toString("hex")}:1`;
  stage.keepImage(tag);
  const files = { "/program.sh": PROGRAM };
  await importBusyboxImage(stage.engine.socket, tag, { files, command: ["/bin/sh", "/program.sh"] });
  return tag;
}

export type Order = "stop-first" | "start-first";
export const ORDERS: readonly Order[] = ["stop-first", "start-first"];

export type Shape = {
  readonly order: Order;
  /** Like 2s. */
  readonly minHealthyTime: string;
  readonly progressDeadline: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** The good version. Whatever has to be waited for is short. */
export function goodGroup(image: string, { order, minHealthyTime, progressDeadline, env }: Shape) {
  return {
    ...{ image, instances: INSTANCES, env: { MODE: "good", ...env }, ports: { http: 8080 }, mem: "32MiB" },
    health: { http: { port: "http", path: "/healthz" }, interval: "500ms", timeout: "1s", passes: 1, fails: 2 },
    stop: { grace: "1s" },
    update: {
      ...{ order, max_parallel: MAX_PARALLEL, on_failure: "rollback", min_healthy_time: minHealthyTime },
      ...{ healthy_deadline: "10s", progress_deadline: progressDeadline },
    },
  };
}

/** What is promised while such a group is updated. */
export function leastOf(order: Order): number {
  return order === "stop-first" ? INSTANCES - MAX_PARALLEL : INSTANCES;
}

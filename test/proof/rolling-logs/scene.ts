// A group whose containers count their lines aloud: on stdout and stderr for Theseus, and into a file each that is
// mounted from outside, which stays when they are gone.

import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Child } from "../../support/child.js";
import { importBusyboxImage } from "../../support/images.js";
import { ObservedGroup } from "../../support/observed-group.js";
import { inFolder } from "../../support/temporary-folder.js";
import { BIN, type RunningServer } from "../../support/theseus.js";
import { until } from "../../support/until.js";
import { onStage, type Stage } from "../stage.js";

export const GROUP = "talk/dev";
export const LAST_WORDS = "has no more to say";

/** Says its name and a number in bursts, every seventh on stderr, and at its end how many. MODE=bad: forty, and fails. */
const PROGRAM = `#!/bin/sh
n=0
stop=
trap 'stop=1' TERM
exec 3>/written/$CONTAINER_NAME
say() {
  n=$((n + 1))
  if [ $((n % 7)) -eq 0 ]; then echo "$CONTAINER_NAME $n" >&2; else echo "$CONTAINER_NAME $n"; fi
  echo "$n" >&3
}
if [ "$MODE" = bad ]; then
  echo bad >&3
  while [ $n -lt 40 ]; do say; done
  echo "$CONTAINER_NAME ${LAST_WORDS}"
  exit 3
fi
while [ -z "$stop" ]; do
  i=0
  while [ $i -lt $BURST ]; do i=$((i + 1)); say; done
  usleep 100000
done
echo "$CONTAINER_NAME ended $n"
echo "ended $n" >&3
`;

export type Wish = { readonly instances: number; readonly burst: number };

export class Scene {
  readonly group: ObservedGroup;

  private constructor(
    readonly stage: Stage,
    readonly server: RunningServer,
    private readonly place: { readonly image: string; readonly folder: string },
    private readonly wish: Wish,
  ) {
    this.group = new ObservedGroup(stage, GROUP);
  }

  static on<T>(wish: Wish, work: (scene: Scene) => Promise<T>): Promise<T> {
    return inFolder("rolling-logs", (folder) =>
      onStage(async (stage) => {
        await mkdir(join(folder, "written"));
        await chmod(join(folder, "written"), 0o777);
        const image = `theseus-rolling-logs-${randomBytes(4).toString("hex")}:1`;
        stage.keepImage(image);
        const program = { files: { "/talk.sh": PROGRAM }, command: ["/bin/sh", "/talk.sh"] };
        const [server] = await Promise.all([
          stage.startServer({ flags: ["--allow-host-access"] }),
          importBusyboxImage(stage.engine.socket, image, program),
        ]);
        await until("the cluster's id", () => stage.store.clusterId());
        return await work(new Scene(stage, server, { image, folder }, wish));
      }),
    );
  }

  async version(order: string, version: string): Promise<void> {
    const { image, folder } = this.place;
    const { instances, burst } = this.wish;
    const group = {
      ...{ image, instances, env: { V: version, BURST: String(burst) }, stop: { grace: "20s" } },
      volumes: [{ bind: join(folder, "written"), at: "/written" }],
      update: { order, max_parallel: 3, min_healthy_time: "0s" },
    };
    await this.stage.apply(this.server, { [GROUP]: group });
  }

  /** All of them end by themselves, so that what they have written stands. */
  async end(): Promise<void> {
    await this.stage.theseus(this.server, "scale", GROUP, "0", "--yes");
  }

  /** By container, what each says in its file that it has written. */
  async written(): Promise<ReadonlyMap<string, readonly string[]>> {
    const folder = join(this.place.folder, "written");
    const files = (await readdir(folder)).map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      return [name, text.split("\n").slice(0, -1)] as const;
    });
    return new Map(await Promise.all(files));
  }

  /** How many that are. */
  async lines(): Promise<number> {
    return [...(await this.written()).values()].reduce((sum, own) => sum + own.length, 0);
  }

  /** `theseus logs` into a file, with all that there is. */
  follow(file: string): Child {
    const args = ["logs", GROUP, "-f", "--tail", "all", "-o", "jsonl"].join(" ");
    const env = { THESEUS_SERVER: this.server.listeners.grpc };
    return new Child("/bin/sh", ["-c", `exec ${process.execPath} ${BIN} ${args} >${file}`], { env });
  }

  /** Where `follow` may write. */
  get told(): string {
    return join(this.place.folder, "told");
  }
}

// The stage of the troubles: a group that runs, the server that runs it, and other servers that begin in trouble. What
// the engine sees of the containers all the while is kept.

import { get } from "node:http";
import type { RunningServer } from "../../support/theseus.js";
import { CommandsKnown } from "../errors/commands-known.js";
import type { Size } from "../proof.js";
import type { Stage } from "../stage.js";
import { type CommandLine, commandLine } from "./command-line.js";
import { type Change, complaintsAfterwards, complaintsInTrouble, type Patient, type Trouble } from "./judge.js";

const READY_WITHIN_MS = 5000;
const GROUP = "web/dev";
/** What would happen to a container that is not left alone. */
const TOUCHES = ["create", "start", "restart", "die", "kill", "stop", "pause", "destroy", "rename"];

export class Scene {
  readonly stage: Stage;
  readonly violations: string[] = [];
  cases = 0;
  readonly #known: CommandsKnown;
  readonly #commandLine: CommandLine;
  #changes = 0;

  private constructor(stage: Stage, known: CommandsKnown, size: Size) {
    this.stage = stage;
    this.#known = known;
    this.#commandLine = commandLine(size);
  }

  static async on(stage: Stage, size: Size): Promise<Scene> {
    return new Scene(stage, await CommandsKnown.load(), size);
  }

  /** On any free ports; it may be in trouble from the first moment. */
  startServer(flags: readonly string[] = []): Promise<RunningServer> {
    return this.stage.startServer({ flags: ["--listen-http", "127.0.0.1:0", "--listen-discovery", "off", ...flags] });
  }

  /** Two containers that are as asked. */
  async runGroup(server: RunningServer): Promise<void> {
    await this.stage.apply(server, { [GROUP]: { image: this.stage.image, instances: 2, ports: { http: 8080 } } });
  }

  /** Does the work and notes whatever the engine saw happen to a container of ours meanwhile. */
  async untouched(work: () => Promise<void>): Promise<void> {
    const cluster = await this.stage.store.clusterId();
    const before = await this.#running(cluster);
    const events = await this.stage.engine.follow();
    try {
      await work();
    } finally {
      events.close();
    }
    const touches = events.seen.filter(
      ({ action, attributes }) => TOUCHES.includes(action) && attributes["theseus.cluster"] === cluster,
    );
    for (const { action, attributes } of touches)
      this.violations.push(`a container was touched: ${action} ${attributes["name"]}`);
    const after = await this.#running(cluster);
    if (before.length !== 2 || after.join() !== before.join())
      this.violations.push(`${before} ran before, ${after} after`);
  }

  /** The server in trouble is judged, the cause mended, and the same server judged again. */
  async suffer(server: RunningServer, trouble: Trouble, mend: () => Promise<unknown>): Promise<void> {
    const patient = this.patient(server);
    const change = this.#change;
    const begun = performance.now();
    this.violations.push(...(await complaintsInTrouble(patient, trouble, { change, known: this.#known })));
    await mend();
    this.violations.push(...(await complaintsAfterwards(patient, trouble.name, change)));
    this.cases += 1;
    console.error(`store-trouble: ${trouble.name}, ${Math.round(performance.now() - begun)} ms`);
  }

  patient(server: RunningServer): Patient {
    const { grpc, http } = server.listeners;
    return {
      theseus: (args) => this.#commandLine(grpc, args),
      readyz: () => readyz(http ?? ""),
      get log() {
        return server.child.stderr;
      },
      get hasEnded() {
        return server.child.hasEnded;
      },
    };
  }

  /** One command that has to say that. */
  async expect(server: RunningServer, name: string, args: readonly string[], says: RegExp): Promise<void> {
    const { stdout, stderr } = await this.#commandLine(server.listeners.grpc, args);
    if (!says.test(stdout)) this.violations.push(`${name}: ${args.join(" ")} says ${stdout}${stderr}`);
  }

  /** Its exit code. */
  async tryChange(server: RunningServer): Promise<number | null> {
    return (await this.#commandLine(server.listeners.grpc, this.#change())).code;
  }

  readonly #change: Change = () => {
    this.#changes += 1;
    return ["create", `trouble/n${this.#changes}`, "--image", this.stage.image, "-i", "0", "--detach"];
  };

  async #running(cluster: string | undefined): Promise<string[]> {
    const all = await this.stage.engine.containers(["theseus.cluster", cluster ?? "none"]);
    return all
      .filter(({ state }) => state === "running")
      .map(({ id }) => id.slice(0, 12))
      .sort();
  }
}

function readyz(address: string): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = get(`http://${address}/readyz`, { timeout: READY_WITHIN_MS, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("end", () => resolve({ code: answer.statusCode ?? 0, text }));
    });
    asked.on("timeout", () => asked.destroy(new Error("/readyz says nothing")));
    asked.on("error", reject);
  });
}

// What a Docker Engine says, asked directly over its socket: the observer of proofs and the demo. It shares no code
// with Theseus, so that it can contradict it.

import { request } from "node:http";
import { engineJson, engineRequest } from "./engine-api.js";
import { MACHINE_SOCKET } from "./start-docker.js";

export type Label = readonly [name: string, value: string];

export type SeenContainer = {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** created, running, exited ... */
  readonly state: string;
};

export type SeenEvent = {
  readonly id: string;
  /** create start kill die stop destroy rename update ... */
  readonly action: string;
  /** Labels and name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, by the engine's clock. */
  readonly at: number;
};

type RawContainer = { Id: string; Names: string[]; Labels: Record<string, string>; State: string };
type RawEvent = { Action: string; Actor: { ID: string; Attributes: Record<string, string> }; timeNano: number };

export class ObservedEngine {
  readonly socket: string;

  constructor(socket = MACHINE_SOCKET) {
    this.socket = socket;
  }

  json<T>(method: string, path: string, body?: object): Promise<T> {
    return engineJson<T>(this.socket, method, path, body);
  }

  /** Every container, in whatever state, that has all of these labels. */
  async containers(...labels: readonly Label[]): Promise<SeenContainer[]> {
    const filters = JSON.stringify({ label: labels.map(([name, value]) => `${name}=${value}`) });
    const path = `/containers/json?all=true&filters=${encodeURIComponent(filters)}`;
    return (await this.json<RawContainer[]>("GET", path)).map((raw) => ({
      id: raw.Id,
      name: (raw.Names[0] ?? "").replace(/^\//, ""),
      labels: raw.Labels,
      state: raw.State,
    }));
  }

  /** A container made by hand, not started. */
  async create(name: string, body: object): Promise<string> {
    return (await this.json<{ Id: string }>("POST", `/containers/create?name=${name}`, body)).Id;
  }

  async start(id: string): Promise<void> {
    await this.json("POST", `/containers/${id}/start`);
  }

  /** Running or not, with its anonymous volumes. One that is already gone is fine. */
  async remove(id: string): Promise<void> {
    const { status, body } = await engineRequest(this.socket, "DELETE", `/containers/${id}?force=true&v=true`);
    if (status >= 400 && status !== 404 && status !== 409) throw new Error(`remove ${id}: ${status} ${body}`);
  }

  /** What a command inside the container printed, stdout and stderr together. */
  async exec(id: string, command: readonly string[]): Promise<string> {
    const wish = { AttachStdout: true, AttachStderr: true, Tty: true, Cmd: command };
    const { Id } = await this.json<{ Id: string }>("POST", `/containers/${id}/exec`, wish);
    const answer = await engineRequest(this.socket, "POST", `/exec/${Id}/start`, { Detach: false, Tty: true });
    return answer.body.replaceAll("\r\n", "\n");
  }

  /** Every container event from now on, until `close`; resolves once the engine listens. */
  follow(): Promise<{ readonly seen: readonly SeenEvent[]; close(): void }> {
    const path = `/events?filters=${encodeURIComponent(JSON.stringify({ type: ["container"] }))}`;
    const seen: SeenEvent[] = [];
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.socket, path, agent: false }, (answer) => {
        let rest = "";
        answer.setEncoding("utf8");
        answer.on("error", () => undefined);
        answer.on("data", (text: string) => {
          const lines = (rest + text).split("\n");
          rest = lines.pop() ?? "";
          seen.push(...lines.filter((line) => line !== "").map(toEvent));
        });
        resolve({ seen, close: () => answer.destroy() });
      });
      asked.on("error", reject);
      asked.end();
    });
  }
}

function toEvent(line: string): SeenEvent {
  const raw = JSON.parse(line) as RawEvent;
  return { id: raw.Actor.ID, action: raw.Action, attributes: raw.Actor.Attributes, at: raw.timeNano / 1e6 };
}

// Two who change the same group, each over a connection of its own, and what became of it as each of them has seen it.

import { type Connection, connect, TheseusClientError } from "../../../clients/index.js";

export const GROUP = { namespace: "default", service: "web", labels: ["dev"] };

export type Edit = {
  /** A fresh value of this variable. */
  readonly variable: string;
  readonly value: string;
  /** 0: not checked. */
  readonly expected: bigint;
  /** Sent so much later than the other. */
  readonly afterMs: number;
};

export type Outcome = {
  readonly edit: Edit;
  readonly actor: string;
  readonly sent: number;
  readonly answered: number;
  /** The config revision that was made; undefined: refused. */
  readonly made: number | undefined;
  readonly refusal: TheseusClientError | undefined;
};

export class Caller {
  readonly #connection: Connection;

  constructor(
    address: string,
    readonly actor: string,
  ) {
    this.#connection = connect(address);
  }

  async create(): Promise<void> {
    await this.#connection.theseus.createGroup({ group: GROUP, config: { image: "nowhere:1", instances: 0 } });
  }

  /** @throws what is no refusal for a conflict. */
  async edit(edit: Edit): Promise<Outcome> {
    const { variable, value, expected, afterMs } = edit;
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const request = {
      group: GROUP,
      config: { env: { [variable]: value } },
      updateMask: [`env.${variable}`],
      expectedRevision: expected,
      change: { actor: this.actor, command: "two-callers", message: messageOf(edit) },
    };
    const sent = performance.now();
    const end = await this.#connection.theseus.updateGroup(request).then(
      ({ plan }) => ({ made: Number(plan?.toRevision), refusal: undefined }),
      (error: unknown) => {
        if (error instanceof TheseusClientError && error.reason === "CONFLICT")
          return { made: undefined, refusal: error };
        throw error;
      },
    );
    return { edit, actor: this.actor, sent, answered: performance.now(), ...end };
  }

  close(): void {
    this.#connection.close();
  }
}

export const messageOf = ({ variable, value }: Edit): string => `${variable} becomes ${value}`;

/** Neither had its answer when the other was sent. */
export function wereTogether(one: Outcome, other: Outcome): boolean {
  return one.sent < other.answered && other.sent < one.answered;
}

// Finding endpoints the way a backend does, with the client package, and calling every one of them over HTTP.

import { type Connection, connect } from "../../clients/index.js";

export type Called = {
  readonly group: string;
  readonly container: string;
  readonly url: string;
  /** Of the image, as the body says; undefined: no body that names this container. */
  readonly version: string | undefined;
};

export type Round = {
  readonly called: readonly Called[];
  /** Instances times named ports, summed over all groups. */
  readonly expected: number;
};

const PATIENCE_MS = 5000;

/** Looks up everything that is ready and calls each named port of it. */
export async function callEverything(server: string): Promise<Round> {
  const connection = connect(server);
  try {
    const { endpoints } = await connection.discovery.lookup({ target: { $case: "selector", value: {} } });
    const targets = endpoints.flatMap(({ container, address }) =>
      (container?.ports ?? []).map((port) => ({
        group: `${container?.group?.service}/${(container?.group?.labels ?? []).join(",")}`,
        container: container?.name ?? "",
        url: `http://${address}:${port.external}/`,
      })),
    );
    const called = await Promise.all(targets.map(async (target) => ({ ...target, version: await version(target) })));
    return { called, expected: await expectedEndpoints(connection) };
  } finally {
    connection.close();
  }
}

async function expectedEndpoints({ discovery }: Connection): Promise<number> {
  const { groups } = await discovery.listGroups({ selector: {} });
  return groups.reduce((sum, { config }) => sum + (config?.instances ?? 1) * (config?.ports.length ?? 0), 0);
}

async function version(target: { readonly container: string; readonly url: string }): Promise<string | undefined> {
  try {
    const answer = await fetch(target.url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    const body = (await answer.json()) as { container?: unknown; version?: unknown };
    return body.container === target.container && typeof body.version === "string" ? body.version : undefined;
  } catch {
    return undefined;
  }
}

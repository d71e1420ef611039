// The Docker Engine's HTTP API in a few lines, for tests that look or act without any code of src/docker.

import { request } from "node:http";
import type { Readable } from "node:stream";

export type EngineAnswer = { readonly status: number; readonly body: string };

/** One request to the engine at this socket; any status is an answer. */
export function engineRequest(
  socket: string,
  method: string,
  path: string,
  body?: object | Readable,
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const stream = body !== undefined && "pipe" in body;
    const headers = body === undefined ? {} : { "content-type": stream ? "application/x-tar" : "application/json" };
    const asking = request({ socketPath: socket, method, path, headers, agent: false });
    asking.on("error", reject);
    asking.on("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
    });
    if (stream) (body as Readable).on("error", (error) => asking.destroy(error)).pipe(asking);
    else asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The same, for answers that have to be good. */
export async function engineJson<T>(socket: string, method: string, path: string, body?: object): Promise<T> {
  const answer = await engineRequest(socket, method, path, body);
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return (answer.body === "" ? undefined : JSON.parse(answer.body)) as T;
}

/** Whether an engine answers at this socket. */
export async function engineAnswers(socket: string): Promise<boolean> {
  return await engineRequest(socket, "GET", "/_ping").then(
    (answer) => answer.status === 200,
    () => false,
  );
}

/** Removes every container with this label, running or not, and its anonymous volumes. */
export async function removeContainers(socket: string, label: string): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const rows = await engineJson<{ Id: string }[]>(socket, "GET", `/containers/json?all=1&filters=${filters}`);
  await Promise.all(rows.map((row) => engineRequest(socket, "DELETE", `/containers/${row.Id}?force=1&v=1`)));
}

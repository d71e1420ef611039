// The http probe: one GET, judged by its status. Redirects are an answer and are not followed.

import { request } from "node:http";
import type { Seen, Target } from "./attempt.js";

/** More of a body is not waited for. */
const BODY_READ = 64 * 1024;

/** Passes on 2xx and 3xx once the body has ended, or 64 KiB of it have come. Rejects when there is no answer. */
export function probeHttp(target: Target, path: string, until: AbortSignal): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const asking = request({
      host: target.address,
      port: target.port,
      path: encodeURI(decoded(path)),
      agent: false,
      headers: { "user-agent": "theseus-probe", accept: "*/*", connection: "close" },
      signal: until,
    });
    asking.on("error", reject);
    asking.on("response", (response) => {
      const status = response.statusCode ?? 0;
      const seen = { passed: status >= 200 && status < 400, text: String(status) };
      let read = 0;
      response.on("error", reject);
      response.on("end", () => resolve(seen));
      response.on("data", (chunk: Buffer) => {
        read += chunk.length;
        if (read < BODY_READ) return;
        resolve(seen);
        asking.destroy();
      });
    });
    asking.end();
  });
}

/** A path may be written with or without %-escapes. */
function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

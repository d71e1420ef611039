// What the viewer's gateway answers to requests of every kind, a server beside it or not.

import { request } from "node:http";
import { connect as connectSocket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type RunningViewer, startViewer } from "../viewer/support/viewer.js";

const NOBODY = "127.0.0.1:1";
const PAGES = ["/", "/groups", "/group?ref=a/b", "/rollout", "/containers", "/container", "/hosts", "/rollouts"];
const MORE_PAGES = ["/logs", "/discovery", "/events"];

let viewer: RunningViewer;
let port: number;

beforeAll(async () => {
  viewer = await startViewer(NOBODY);
  port = Number(new URL(viewer.url).port);
}, 60_000);

afterAll(() => viewer?.child.stop(), 60_000);

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    call.on("error", reject);
    call.end();
  });
}

/** The first line of what comes back. */
function askRaw(text: string): Promise<string> {
  return new Promise((resolve) => {
    let came = "";
    const socket = connectSocket(port, "127.0.0.1", () => void socket.write(text));
    socket.setEncoding("utf8").on("data", (part: string) => {
      came += part;
      if (came.includes("\r\n")) socket.destroy();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(came.split("\r\n")[0] ?? ""));
  });
}

describe("the gateway of the viewer", () => {
  it.each([...PAGES, ...MORE_PAGES])(
    "serves the page at %s, never kept, with headers that keep it safe",
    async (path) => {
      const { status, headers, body } = await ask(path);
      expect(status).toBe(200);
      expect(body).toContain('<div id="page">');
      expect(headers).toMatchObject({
        "cache-control": "no-store",
        "content-security-policy":
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
          "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
      });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    },
  );

  it("serves the bundle's files, named for what is in them, packed where that is taken", async () => {
    const { body } = await ask("/");
    const script = /src="([^"]+)"/.exec(body)?.[1] ?? "";
    const plain = await ask(script);
    expect(plain.headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
    });
    const packed = await ask(script, { "accept-encoding": "br, gzip" });
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(Number(packed.headers["content-length"])).toBeLessThan(Number(plain.headers["content-length"]));
    expect((await ask(script, { "accept-encoding": "gzip;q=0" })).headers["content-encoding"]).toBeUndefined();
    expect((await ask(script, {}, "HEAD")).body).toBe("");
  });

  it.each([
    "/assets/",
    "/assets/../index.html",
    "/assets/..%2f..%2fpackage.json",
    "/../../etc/passwd",
    "/assets/%2e%2e/weight.json",
    "/weight.json",
    "/index.html",
    "/nothing",
    "/group/web",
    "/.env",
  ])("has nothing at %s", async (path) => {
    expect((await ask(path)).status).toBe(404);
    const page = await ask(path, { accept: "text/html,*/*" });
    expect([page.status, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
    expect(page.body).toContain("There is no such page");
  });

  it("answers JSON where there is no such call, or no server", async () => {
    const missing = await ask("/api/nothing", { accept: "text/html" });
    expect([missing.status, JSON.parse(missing.body)]).toMatchObject([404, { error: { code: "NO_SUCH_CALL" } }]);
    const away = await ask("/api/group?ref=web/dev");
    expect([away.status, JSON.parse(away.body)]).toMatchObject([503, { error: { code: "SERVER_UNREACHABLE" } }]);
    for (const path of ["/api/group", "/api/rollout?ref=web", "/api/container?ref=web/dev", "/api/logs?target=x"])
      expect([path, (await ask(path)).status]).toEqual([path, 400]);
    for (const path of ["/api/events?since=x", "/api/lookup?labels=a,,b", "/api/stats", "/api/rollout?ref=a/b&rev=-1"])
      expect([path, (await ask(path)).status]).toEqual([path, 400]);
  });

  it("says that there is no server, in the stream too, rather than nothing", async () => {
    const first = await new Promise<string>((resolve, reject) => {
      const call = request({ host: "127.0.0.1", port, path: "/api/stream", agent: false }, (response) => {
        let came = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          came += text;
          if (!came.includes("\n\n")) return;
          call.destroy();
          resolve(came);
        });
      });
      call.on("error", reject);
      call.end();
    });
    expect(first).toMatch(/^id: [0-9a-z-]+\nevent: snapshot\ndata: \{"truth":\{"state":"server-away"/);
  }, 20_000);

  it("can only be read, and not with everything", async () => {
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
      const { status, headers } = await ask("/api/group?ref=web/dev", {}, method);
      expect([status, headers["allow"]]).toEqual([405, "GET, HEAD"]);
    }
    expect((await ask(`/groups?q=${"a".repeat(9_000)}`)).status).toBe(414);
    expect((await ask("/groups?q=%zz")).status).toBe(400);
    const host = `Host: 127.0.0.1:${port}\r\n`;
    expect(await askRaw(`GET /?q=${"a".repeat(1_000_000)} HTTP/1.1\r\n${host}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await askRaw(`GET / HTTP/1.1\r\n${host}X-A: ${"a".repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await askRaw("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await askRaw(`GET http://evil.example/ HTTP/1.1\r\n${host}\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await askRaw("GET / HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1\.1 4(00|21) /);
    expect(await askRaw("GET / HTTP/1.1\r\nHost: \r\n\r\n")).toMatch(/^HTTP\/1\.1 421 /);
  });

  it("refuses other hosts, and calls that another site's page has caused", async () => {
    const foreign = ["evil.example", `evil.example:${port}`, `127.0.0.1:${port + 1}`, "localhost", "[::1]"];
    for (const host of foreign)
      for (const path of ["/", "/api/stream", "/healthz"])
        expect([host, path, (await ask(path, { host })).status]).toEqual([host, path, 421]);
    for (const site of ["cross-site", "same-site"])
      for (const path of ["/api/stream", "/api/group?ref=web/dev", "/healthz", "/metrics"])
        expect([path, (await ask(path, { "sec-fetch-site": site })).status]).toEqual([path, 403]);
    expect((await ask("/api/stream", { origin: "http://evil.example" })).status).toBe(403);
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await ask("/groups", { ...link, "sec-fetch-dest": "document" })).status).toBe(200);
    expect((await ask("/groups", { ...link, "sec-fetch-dest": "iframe" })).status).toBe(403);
  });

  it("tells how it is itself", async () => {
    const health = await ask("/healthz");
    expect([health.status, JSON.parse(health.body)]).toMatchObject([200, { truth: { state: "server-away" } }]);
    const { body, headers } = await ask("/metrics");
    expect(headers["content-type"]).toContain("text/plain");
    expect(body).toContain('theseus_viewer_truth{state="server-away"} 1\n');
    expect(body).toMatch(/^theseus_viewer_failed_calls_total [1-9]\d*$/m);
    expect(viewer.child.stderr).toBe(`of the server at ${NOBODY}; ctrl-c stops it\n`);
  });
});

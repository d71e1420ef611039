// Requests under names that are not the viewer's, as a name that was led astray (DNS rebinding) or a careless proxy sends
// them: none gets anything of the page or of what it shows.

import { connect } from "node:net";

const PATHS = ["/", "/api/stream", "/groups"];

/** Thirty forms of the Host header, with the viewer's own port in them where one is likely to slip through. */
export function foreignHosts(port: number): readonly (string | undefined)[] {
  return [
    ...[undefined, "", " ", "evil.invalid", `evil.invalid:${port}`, "evil.invalid:80", "EVIL.INVALID"],
    ...[`localhost.evil.invalid:${port}`, `127.0.0.1.evil.invalid:${port}`, `evil.invalid#127.0.0.1:${port}`],
    ...[`127.0.0.1@evil.invalid:${port}`, `evil.invalid@127.0.0.1:${port}`, `127.0.0.1:${port}@evil.invalid`],
    ...[`127.0.0.1:${port}.evil.invalid`, `127.0.0.1:${port + 1}`, "127.0.0.1:1", "127.0.0.1", "localhost"],
    ...[`127.0.0.1.:${port}`, `localhost.:${port}`, `127.0.0.1:0${port}`, `127.1:${port}`, `2130706433:${port}`],
    ...[`0x7f000001:${port}`, `0177.0.0.1:${port}`, `10.0.0.1:${port}`, `[::2]:${port}`, `[::1%25lo]:${port}`],
    ...[`127.0.0.1:${port}, evil.invalid`, `http://127.0.0.1:${port}`],
  ];
}

/** @returns what was answered with anything but a refusal. */
export async function servedForeigners(port: number): Promise<{ asked: number; faults: readonly string[] }> {
  const faults: string[] = [];
  let asked = 0;
  for (const host of foreignHosts(port)) {
    for (const path of PATHS) {
      asked += 1;
      const answer = await answerTo(port, path, host);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
      if (status < 400 || status >= 500) faults.push(`Host ${JSON.stringify(host)} is answered ${path} with ${status}`);
      const [head = "", body = ""] = answer.split("\r\n\r\n", 2);
      if (/data:|data-screen|<script/i.test(body) || /access-control-allow/i.test(head))
        faults.push(`Host ${JSON.stringify(host)} is told something at ${path}: ${answer.slice(-100)}`);
    }
  }
  return { asked, faults };
}

/** All that comes back, as it comes. @param host undefined: without that header. */
function answerTo(port: number, path: string, host: string | undefined): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => {
      const line = host === undefined ? "" : `Host: ${host}\r\n`;
      socket.write(`GET ${path} HTTP/1.1\r\n${line}Accept: */*\r\nConnection: close\r\n\r\n`);
    });
    const late = setTimeout(() => socket.destroy(), 2_000);
    socket.setEncoding("utf8").on("data", (text: string) => {
      answer += text;
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(late);
      resolve(answer);
    });
  });
}

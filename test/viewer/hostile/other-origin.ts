// A page of another origin, open in the same browser, that tries everything a page may try against the viewer.

import { createServer, type Server } from "node:http";
import { useBrowser } from "../support/browser.js";

/** Each is tried with the viewer's address, and resolves to what it got; refused or nothing at all is "". */
const TRIES = `async (url) => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const got = {};
  const attempt = async (name, work) => { got[name] = await Promise.race([work().catch(() => ""), wait(1500).then(() => "")]); };
  const body = async (answer) => (answer.type === "opaque" ? "" : (await answer.text()).slice(0, 200));
  await Promise.all([
    attempt("fetch", async () => body(await fetch(url + "api/stream"))),
    attempt("fetch of the page", async () => body(await fetch(url))),
    attempt("fetch, no-cors", async () => body(await fetch(url + "api/stream", { mode: "no-cors", credentials: "include" }))),
    attempt("fetch with a header", async () => body(await fetch(url + "api/stream", { headers: { "last-event-id": "1" } }))),
    attempt("post", async () => body(await fetch(url + "api/group", { method: "POST", mode: "no-cors", body: "x" }))),
    attempt("event source", () => new Promise((done) => {
      const source = new EventSource(url + "api/stream");
      for (const name of ["snapshot", "delta", "truth", "message", "open"]) source.addEventListener(name, (e) => done(name + " " + e.data));
      source.onerror = () => { source.close(); done(""); };
    })),
    attempt("xhr", () => new Promise((done) => {
      const asked = new XMLHttpRequest(); asked.open("GET", url + "api/stream");
      asked.onload = () => done(asked.responseText); asked.onerror = () => done(""); asked.send();
    })),
    attempt("script", () => new Promise((done) => {
      const script = document.createElement("script"); script.src = url + "api/group?ns=default&ref=web/dev";
      script.onload = () => done("loaded"); script.onerror = () => done(""); document.head.append(script);
    })),
    attempt("style", () => new Promise((done) => {
      const style = document.createElement("link"); style.rel = "stylesheet"; style.href = url + "api/stream";
      style.onload = () => done("loaded"); style.onerror = () => done(""); document.head.append(style);
    })),
    attempt("image", () => new Promise((done) => {
      const image = new Image(); image.onload = () => done("loaded"); image.onerror = () => done(""); image.src = url + "api/stream";
    })),
    attempt("frame", () => new Promise((done) => {
      const frame = document.createElement("iframe"); frame.src = url; document.body.append(frame);
      frame.onload = () => {
        let seen = "";
        try { seen = frame.contentDocument?.body?.innerText ?? ""; } catch { seen = ""; }
        done(seen + (frame.contentWindow.length > 0 ? "frames" : ""));
      };
    })),
    attempt("worker", async () => { new Worker(url + "assets/x.js"); return "started"; }),
  ]);
  return got;
}`;

/** A form that sends itself, and a window that is opened: what they may do is go there, as a link does. */
const WINDOW = `async (url) => {
  const other = window.open(url, "theirs");
  await new Promise((done) => setTimeout(done, 1500));
  let seen = "";
  try { seen = other?.document?.body?.innerText ?? ""; } catch { seen = ""; }
  other?.close();
  return seen;
}`;

function startOtherOrigin(): Promise<Server> {
  const server = createServer((_, answer) => {
    answer.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>other</title><body>other</body>");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** @returns what a page of another origin got, and how often the viewer was seen to answer it with content. */
export async function stolen(url: string): Promise<{ tries: number; faults: readonly string[] }> {
  const server = await startOtherOrigin();
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const context = await (await useBrowser()).newContext();
  const faults: string[] = [];
  try {
    let tries = 0;
    // Another port of this machine is the same site; another name is not.
    for (const host of ["127.0.0.1", "localhost"]) {
      const page = await context.newPage();
      page.on("response", (answer) => {
        const [what, asked] = [answer.request().resourceType(), answer.url()];
        // A window or a frame may go there, as a link does; what it shows is looked at.
        if (asked.startsWith(url) && answer.status() < 400 && what !== "document")
          faults.push(`${host}: a ${what} of ${asked} was answered with ${answer.status()}`);
      });
      await page.goto(`http://${host}:${port}/`);
      const got = await page.evaluate<Record<string, string>>(`(${TRIES})(${JSON.stringify(url)})`);
      for (const [name, text] of Object.entries(got)) if (text !== "") faults.push(`${host}: ${name} got "${text}"`);
      const seen = await page.evaluate<string>(`(${WINDOW})(${JSON.stringify(url)})`);
      if (seen !== "") faults.push(`${host}: a window that was opened is read: "${seen.slice(0, 80)}"`);
      tries += Object.keys(got).length + 1;
      await page.close();
    }
    return { tries, faults };
  } finally {
    await context.close();
    server.close();
  }
}

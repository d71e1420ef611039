// Requests that no page of ours makes: a path that is not there, a filter that is none, a cursor from the future, a query
// of a megabyte. Each gets a clear page or a refusal, and nothing is thrown.

import { get } from "node:http";
import { until } from "../../support/until.js";
import { ViewerStream } from "../../support/viewer-stream.js";
import type { Visit } from "../support/browser.js";
import { untilPage } from "../support/wait.js";

const REFUSED: readonly string[] = [
  "nowhere/at/all",
  "assets/../../../etc/passwd",
  "assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "%00",
  "%zz",
  "api/nothing",
  "api/group?ns=default&ref=nobody/here",
  "api/group?ns=default&ref=%00",
  "api/rollout?ns=default&ref=web/dev&rev=minus",
  "api/container?ns=default&ref=web/dev&name=nobody",
  "api/lookup?ns=default&service=web&labels=%7C%7C",
  "api/events?ns=default&since=never",
  `groups?filter=${"a".repeat(1_000_000)}`,
  `api/stream?${"a".repeat(1_000_000)}`,
];

/** A cursor of this viewer, of a change that is still to come. */
async function futureCursor(url: string): Promise<string> {
  const stream = new ViewerStream(url);
  try {
    const cursor = await until("a cursor", () => stream.cursor || undefined);
    return cursor.replace(/-(\d+)-/, (_, sequence: string) => `-${Number(sequence) + 1_000}-`);
  } finally {
    stream.close();
  }
}

type Answered = { readonly status: number; readonly text: string };

/** As it is written: fetch() would take the dots out of a path. */
function asWritten(url: string, path: string): Promise<Answered> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = get({ host: hostname, port, path: `/${path}`, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    request.once("error", reject);
  });
}

async function fetched(url: string, path: string): Promise<Answered> {
  const answer = await fetch(url + path);
  return { status: answer.status, text: await answer.text() };
}

/** @returns what was answered neither clearly nor with a refusal. */
export async function oddAnswers(url: string): Promise<{ asked: number; faults: readonly string[] }> {
  const faults: string[] = [];
  for (const path of REFUSED) {
    const asked = path.includes("..") ? asWritten(url, path) : fetched(url, path);
    const answer = await asked.catch((error: unknown) => String(error));
    const what = `/${path.slice(0, 60)}`;
    if (typeof answer === "string") {
      faults.push(`${what} is not answered: ${answer}`);
      continue;
    }
    const { status, text } = answer;
    if (status < 400 || status > 499) faults.push(`${what} is answered with ${status}`);
    if (text.trim() === "" && status !== 414 && status !== 431) faults.push(`${what}: no word of why`);
  }
  // What was never given out: an answer from the beginning.
  const cursors = [await futureCursor(url), "'\"><script>"];
  for (const cursor of cursors) {
    const first = await firstEvent(`${url}api/stream`, { "last-event-id": cursor });
    if (!first.startsWith("snapshot")) faults.push(`a stream from ${cursor} begins with ${first}`);
  }
  return { asked: REFUSED.length + cursors.length, faults };
}

/** The first event that is not a sign of life. */
async function firstEvent(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const stop = new AbortController();
  const answer = await fetch(url, { headers, signal: stop.signal });
  let text = "";
  try {
    for await (const part of answer.body ?? []) {
      text += Buffer.from(part as Uint8Array).toString();
      const name = /^event: ?(?!ping|truth)(\w+)/m.exec(text)?.[1];
      if (name !== undefined) return name;
    }
    return `nothing: ${answer.status}`;
  } finally {
    stop.abort();
  }
}

const ODD_PAGES = [
  "groups?filter=(((",
  "groups?filter=state:",
  "groups?sort=nobody&cols=,,,",
  "group",
  "rollout?rev=-1",
];
const MORE_PAGES = ["logs?tail=x", "container?ns=%00", "events?since=x", "hosts?as=nothing", "discovery?labels=%7C"];

/** Each shows its screen, and why there is nothing on it. */
export async function oddPages(visit: Visit, url: string): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const path of [...ODD_PAGES, ...MORE_PAGES]) {
    visit.mayFail = true;
    const before = visit.faults.length;
    await visit.page.goto(url + path);
    await visit.page.waitForSelector("[data-screen]").catch(() => faults.push(`/${path} shows no screen`));
    const says = `(document.querySelector("main")?.innerText ?? "").trim() !== ""`;
    await untilPage(visit.page, "words", says, 3_000).catch(() => faults.push(`/${path} is an empty page`));
    faults.push(...visit.faults.splice(before).map((fault) => `/${path}: ${fault}`));
  }
  visit.mayFail = false;
  return faults;
}

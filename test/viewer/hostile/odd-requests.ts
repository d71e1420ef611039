// Requests that no page of ours makes: a path that is not there, a filter that is none, a cursor from the future, a query
// of a megabyte. Each gets a clear page or a refusal, and nothing is thrown.

import type { Visit } from "../support/browser.js";
import { untilPage } from "../support/wait.js";

const FUTURE = "99999999999999999";

type Odd = { readonly path: string; readonly headers?: Readonly<Record<string, string>> };

const REFUSED: readonly Odd[] = [
  { path: "nowhere/at/all" },
  { path: "assets/../../../etc/passwd" },
  { path: "assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd" },
  { path: "%00" },
  { path: "%zz" },
  { path: "api/nothing" },
  { path: "api/group?ns=default&ref=nobody/here" },
  { path: "api/group?ns=default&ref=%00" },
  { path: "api/rollout?ns=default&ref=web/dev&rev=minus" },
  { path: "api/container?ns=default&ref=web/dev&name=nobody" },
  { path: "api/lookup?ns=default&service=web&labels=%7C%7C" },
  { path: "api/events?ns=default&since=never" },
  { path: `groups?filter=${"a".repeat(1_000_000)}` },
  { path: `api/stream?${"a".repeat(1_000_000)}` },
];

/** What is asked for with what was never given out: an answer from the beginning. */
const FROM_THE_FUTURE: readonly Odd[] = [
  { path: "api/stream", headers: { "last-event-id": FUTURE } },
  { path: "api/stream", headers: { "last-event-id": "'\"><script>" } },
];

/** @returns what was answered neither clearly nor with a refusal. */
export async function oddAnswers(url: string): Promise<{ asked: number; faults: readonly string[] }> {
  const faults: string[] = [];
  for (const { path, headers = {} } of REFUSED) {
    const answer = await fetch(url + path, { headers }).catch((error: unknown) => String(error));
    const what = `/${path.slice(0, 60)}`;
    if (typeof answer === "string") faults.push(`${what} is not answered: ${answer}`);
    else {
      const text = await answer.text();
      if (answer.status < 400 || answer.status > 499) faults.push(`${what} is answered with ${answer.status}`);
      if (text.trim() === "" && answer.status !== 414 && answer.status !== 431) faults.push(`${what}: no word of why`);
    }
  }
  for (const { path, headers = {} } of FROM_THE_FUTURE) {
    const first = await firstEvent(url + path, headers);
    if (!first.startsWith("snapshot")) faults.push(`a stream from ${headers["last-event-id"]} begins with ${first}`);
  }
  return { asked: REFUSED.length + FROM_THE_FUTURE.length, faults };
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

// Which paths there are. Pure.

/** Screens of the page; what is shown on them stands in the query. */
export const PAGES: ReadonlySet<string> = new Set([
  "/",
  "/groups",
  "/group",
  "/rollout",
  "/containers",
  "/container",
  "/hosts",
  "/rollouts",
  "/logs",
  "/discovery",
  "/events",
]);

/** Characters of a path with its query. */
const LONGEST = 8 * 1024;

export type Target =
  | { readonly kind: "target"; readonly path: string; readonly query: URLSearchParams }
  | { readonly kind: "refused"; readonly status: 400 | 414; readonly why: string };

/** @param url as the request line has it. */
export function targetOf(url: string): Target {
  if (url.length > LONGEST) return { kind: "refused", status: 414, why: "the query is longer than 8 kB" };
  if (!url.startsWith("/") || url.startsWith("//"))
    return { kind: "refused", status: 400, why: "a path begins with one slash" };
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = mark < 0 ? "" : url.slice(mark + 1);
  if (!isWellFormed(path) || !isWellFormed(query))
    return { kind: "refused", status: 400, why: "the path or the query is not well formed" };
  return { kind: "target", path, query: new URLSearchParams(query) };
}

function isWellFormed(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

// The URL is the view: which screen it names, and what the screen was told. Pure; the browser's address bar is view.ts.

export type Route =
  | "overview"
  | "groups"
  | "group"
  | "rollout"
  | "rollouts"
  | "containers"
  | "container"
  | "hosts"
  | "logs"
  | "discovery"
  | "events"
  | "unknown";

export type Query = Readonly<Record<string, string>>;
/** Of a change: undefined and "" take the name away. */
export type QueryChange = Readonly<Record<string, string | number | undefined>>;

export interface View {
  readonly route: Route;
  readonly path: string;
  readonly query: Query;
}

const PATHS: Readonly<Record<string, Route>> = {
  "/": "overview",
  "/groups": "groups",
  "/group": "group",
  "/rollout": "rollout",
  "/rollouts": "rollouts",
  "/containers": "containers",
  "/container": "container",
  "/hosts": "hosts",
  "/logs": "logs",
  "/discovery": "discovery",
  "/events": "events",
};

/** What stays when one goes from a list to another list. */
const KEPT = ["ns", "filter"];

/** Reads path and query ("/groups?ns=shop"). Every text gives a view; a path that is not known is "unknown". */
export function parseView(url: string): View {
  const mark = url.indexOf("?");
  const path = mark === -1 ? url : url.slice(0, mark);
  const query: Record<string, string> = {};
  const pairs = new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1));
  for (const [name, value] of pairs) if (value !== "" && !Object.hasOwn(query, name)) define(query, name, value);
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") : path;
  return { route: Object.hasOwn(PATHS, trimmed) ? (PATHS[trimmed] ?? "unknown") : "unknown", path, query };
}

/** Also for a name like "__proto__". */
function define(query: Record<string, string>, name: string, value: string): void {
  Object.defineProperty(query, name, { value, enumerable: true, writable: true, configurable: true });
}

/** The address of a route; parseView reads it back. */
export function href(route: Exclude<Route, "unknown">, query: QueryChange = {}): string {
  return address(route === "overview" ? "/" : `/${route}`, query);
}

/** A path with a query, without the names that say nothing. */
export function address(path: string, query: QueryChange): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== "") pairs.append(name, String(value));
  // Readable where a URL allows it: references and filters are full of these.
  const text = pairs.toString().replaceAll("%2F", "/").replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text === "" ? path : `${path}?${text}`;
}

/** The query with some names set or taken away. */
export function changedQuery(query: Query, change: QueryChange): Record<string, string> {
  const next: Record<string, string> = {};
  for (const [name, value] of Object.entries(query)) define(next, name, value);
  for (const [name, value] of Object.entries(change))
    if (value === undefined || value === "") delete next[name];
    else define(next, name, String(value));
  return next;
}

/** What of `query` goes along to another list: the filter, and the namespace. */
export function keptQuery(query: Query): Record<string, string> {
  return Object.fromEntries(KEPT.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
}

/** Screens that show what passes the filter. */
const FILTERED: ReadonlySet<Route> = new Set<Route>(["overview", "groups", "rollouts", "containers", "hosts"]);

export const isFilteredScreen = (route: Route): boolean => FILTERED.has(route);

/** The way up from `here` to a list: as it was when it was left, or with the filter and the namespace of the list that was. */
export function upHref(to: Exclude<Route, "unknown">, left: View | undefined, here: View): string {
  return left?.route === to ? address(left.path, left.query) : href(to, keptQuery((left ?? here).query));
}

export const groupHref = (row: { ns: string; ref: string }, tab = ""): string =>
  href("group", { ns: row.ns, ref: row.ref, tab });
export const rolloutHref = (row: { ns: string; ref: string }, rev = 0): string =>
  href("rollout", { ns: row.ns, ref: row.ref, rev: rev === 0 ? undefined : rev });
export const containerHref = (row: { ns: string; ref: string; name: string }): string =>
  href("container", { ns: row.ns, ref: row.ref, name: row.name });

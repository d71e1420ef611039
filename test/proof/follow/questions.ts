// What is watched, and what of the store a watch of it has to show: worked out from keys and values as etcdctl tells
// them. Shares no code with Theseus.

/** Endpoint -> what is told of it. */
export type State = ReadonlyMap<string, string>;

type Place = { readonly namespace: string; readonly service: string; readonly labels: readonly string[] };

export type Question = {
  /** As the request has it. */
  readonly selector?: { readonly service?: string; readonly labels?: string; readonly allNamespaces?: boolean };
  readonly group?: { readonly service: string; readonly labels: readonly string[] };
  readonly port?: string;
  readonly includeNotReady?: boolean;
  /** The same once more, in plain words. */
  readonly means: (place: Place) => boolean;
};

const isHere = ({ namespace }: Place): boolean => namespace === "default";

export const QUESTIONS: readonly Question[] = [
  { selector: { service: "s0" }, means: (place) => isHere(place) && place.service === "s0" },
  {
    selector: { labels: "dev,!old" },
    includeNotReady: true,
    means: (place) => isHere(place) && place.labels.includes("dev") && !place.labels.includes("old"),
  },
  {
    group: { service: "s1", labels: ["dev", "front"] },
    includeNotReady: true,
    means: (place) => isHere(place) && place.service === "s1" && place.labels.join() === "dev,front",
  },
  {
    selector: { labels: "dev|prod", allNamespaces: true },
    port: "admin",
    means: ({ labels }) => labels.includes("dev") || labels.includes("prod"),
  },
];

export const idOf = ({ namespace, service, labels }: Place, name: string): string =>
  `${namespace}/${service}/${labels.join(",") || "-"}/${name}`;

export type EndpointFacts = {
  readonly address: string;
  readonly port: number;
  readonly state: string;
  readonly ready: boolean;
  readonly weight: number;
};

export const textOf = ({ address, port, state, ready, weight }: EndpointFacts): string =>
  `${address}:${port} ${state} ${ready ? "ready" : "not ready"} weight ${weight}`;

type Record = {
  readonly instance_host: string;
  readonly instance_port: number | null;
  readonly port_mappings: Readonly<{ [name: string]: { readonly external: number } | undefined }>;
  readonly state?: string;
  readonly weight?: number;
};

const INFO = /^(?:\/namespaces\/([^/]+))?\/services\/([^/]+)\/([^/]+)\/containers\/([^/]+)\/info$/;

/** Whose key it is, when the question means it. */
export function endpointAt(question: Question, key: string): string | undefined {
  const [, namespace = "default", service = "", labelText = "", name = ""] = INFO.exec(key) ?? [];
  const place = { namespace, service, labels: labelText === "-" ? [] : labelText.split(",") };
  return name !== "" && question.means(place) ? idOf(place, name) : undefined;
}

/** What the question is told of a record; undefined: nothing. */
export function shown(question: Question, value: string): string | undefined {
  const record = recordIn(value);
  if (record === undefined) return undefined;
  const { port = "", includeNotReady = false } = question;
  const number = port === "" ? (record.instance_port ?? 0) : record.port_mappings[port]?.external;
  const { state = "ready", weight = 100, instance_host: address } = record;
  const ready = state === "ready" || state === "stale";
  if (number === undefined || !(ready || includeNotReady)) return undefined;
  return textOf({ address, port: number, state, ready, weight });
}

function recordIn(value: string): Record | undefined {
  try {
    return JSON.parse(value) as Record;
  } catch {
    return undefined;
  }
}

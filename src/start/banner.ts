// What a started server says on standard output: where it listens. Lines for people, one JSON line for programs.

/** As "host:port", with the ports that were really bound. */
export type Listening = {
  readonly grpc: string;
  /** Undefined when it is off, or when there is no bridge yet. */
  readonly discovery: string | undefined;
  readonly http: string | undefined;
};

export type Facts = {
  readonly version: string;
  readonly serverId: string;
  readonly etcd: readonly string[];
  readonly docker: string;
  readonly listening: Listening;
};

/** Ends with a line feed. */
export function banner(facts: Facts, form: "text" | "json"): string {
  return form === "json" ? `${JSON.stringify(jsonOf(facts))}\n` : textOf(facts);
}

function jsonOf({ version, serverId, etcd, docker, listening }: Facts): Record<string, unknown> {
  const { grpc, discovery, http } = listening;
  return {
    kind: "Server",
    version,
    serverId,
    grpc,
    ...(discovery === undefined ? {} : { discovery }),
    ...(http === undefined ? {} : { http }),
    etcd,
    docker,
  };
}

function textOf({ version, serverId, etcd, docker, listening }: Facts): string {
  const { grpc, discovery, http } = listening;
  const rows: (readonly [string, string, string])[] = [["gRPC", grpc, "discovery and changes"]];
  if (discovery !== undefined) rows.push(["discovery", discovery, "discovery alone, for containers"]);
  if (http !== undefined) rows.push(["HTTP", http, "/healthz /readyz /metrics"]);
  rows.push(["etcd", etcd.join(","), ""], ["docker", docker, ""]);
  const lines = rows.map(([name, value, note]) => `  ${name.padEnd(11)}${value.padEnd(22)} ${note}`.trimEnd());
  return `theseus ${version} · server ${serverId}\n${lines.join("\n")}\nctrl-c stops; containers stay\n`;
}

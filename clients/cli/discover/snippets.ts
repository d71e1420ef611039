// Endpoints as variables, and as parts of the configurations of HAProxy and nginx. Pure. Nothing that others have
// registered can be anything but an address there: what does not look like one is left out.

import { createHash } from "node:crypto";
import { isIP } from "node:net";
import type { Endpoint } from "../../gen/theseus/v1/discovery_service.js";
import { hostPort } from "../../host-port.js";
import { namespaceOf } from "../output/objects.js";
import { formatGroup } from "../references.js";

const HOST_NAME = /^[a-z0-9_]([a-z0-9_.-]{0,252}[a-z0-9])?$/i;
const DEFAULT_WEIGHT = 100;
const MOST_OF_HAPROXY = 256;

/** An address and a port that can stand in a configuration. */
export function isAddressable({ address, port }: Endpoint): boolean {
  // A zone, as in fe80::1%eth0, means something on its own machine alone.
  return port > 0 && ((isIP(address) > 0 && !address.includes("%")) || HOST_NAME.test(address));
}

/** Three variables, named for the service and the port: the first endpoint's address and port, and all of them. */
export function envText(endpoints: readonly Endpoint[], service: string, port: string | undefined): string {
  const portNames = [...new Set(endpoints.map(({ portName }) => port ?? portName))];
  return portNames
    .map((name) => {
      const those = endpoints.filter(({ portName }) => port !== undefined || portName === name);
      const prefix = [service, name].join("_").toUpperCase().replaceAll("-", "_").replace(/_$/, "");
      const all = those.map((one) => hostPort(one.address, one.port)).join(",");
      return `${prefix}_HOST=${those[0]?.address}\n${prefix}_PORT=${those[0]?.port}\n${prefix}_ENDPOINTS=${all}\n`;
    })
    .join("");
}

/** A whole backend; those that are not ready, or draining, have no weight. */
export function haproxyText(endpoints: readonly Endpoint[], backend: string): string {
  const names = serverNames(endpoints);
  const most = Math.max(MOST_OF_HAPROXY, ...endpoints.map(({ weight }) => weight));
  const plain = endpoints.every(({ weight }) => weight === DEFAULT_WEIGHT);
  const lines = endpoints.map((endpoint, index) => {
    const { address, port, weight } = endpoint;
    const scaled = weight === 0 ? 0 : Math.max(1, Math.round((weight * MOST_OF_HAPROXY) / most));
    const given = takesWork(endpoint) ? scaled : 0;
    const words = ["  server", names[index], hostPort(address, port), "check"];
    if (given === 0 || !plain) words.push(`weight ${given}`);
    // A name that cannot be resolved just now would keep HAProxy from starting.
    if (isIP(address) === 0) words.push("init-addr last,libc,none");
    return words.join(" ");
  });
  return [`backend ${backend}`, "  balance roundrobin", ...lines, ""].join("\n");
}

/** A whole upstream. nginx refuses one without servers, so that an empty one has a server that is down. */
export function nginxText(endpoints: readonly Endpoint[], upstream: string): string {
  const plain = endpoints.every(({ weight }) => weight === DEFAULT_WEIGHT);
  const lines = endpoints.map((endpoint) => {
    const words = [`  server ${hostPort(endpoint.address, endpoint.port)}`];
    if (!takesWork(endpoint)) words.push("down");
    else if (!plain) words.push(`weight=${endpoint.weight}`);
    return `${[...words, "max_fails=3", "fail_timeout=5s"].join(" ")}; # ${placeOf(endpoint)}`;
  });
  const empty = "  server 127.0.0.1:9 down; # nothing is ready";
  return [`upstream ${upstream} {`, ...(lines.length === 0 ? [empty] : lines), "}", ""].join("\n");
}

/** A name that both take, from any text. */
export function blockName(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_.-]+/g, "_").replaceAll(/^_+|_+$/g, "") || "all";
}

function takesWork({ ready, draining, weight }: Endpoint): boolean {
  return ready && !draining && weight > 0;
}

/** "web/dev:3" */
function placeOf({ container }: Endpoint): string {
  if (container?.group === undefined) return "-";
  return `${formatGroup(container.group)}${container.slot > 0 ? `:${container.slot}` : ""}`;
}

/** The same over time for the same container, and no two alike: HAProxy refuses a name that is there twice. */
function serverNames(endpoints: readonly Endpoint[]): string[] {
  const names = endpoints.map(({ container }) => {
    const { service = "", labels = [] } = container?.group ?? {};
    const place = container !== undefined && container.slot > 0 ? container.slot : (container?.name ?? "");
    const parts = [service, labels.join("-"), String(place)].filter((part) => part !== "");
    return parts.join(".").replaceAll(/[^A-Za-z0-9_.-]/g, "-");
  });
  return names.map((name, index) => {
    const alike = names.filter((other) => other === name).length > 1;
    return alike ? `${name}-${shortHash(endpoints[index], index)}` : name;
  });
}

function shortHash(endpoint: Endpoint | undefined, index: number): string {
  const { group, name } = endpoint?.container ?? {};
  const whole = [group === undefined ? "" : `${namespaceOf(group)}/${formatGroup(group)}`, name ?? index].join(" ");
  return createHash("sha256").update(whole).digest("hex").slice(0, 8);
}

// The stored forms of a container: its intent, and its info as contracts.md 2 shows it.

import {
  CONTAINER_STATES,
  type ContainerInfo,
  type Intent,
  ORIGINS,
  PHASES,
  type PortMapping,
  type Reserves,
} from "../model/container.js";
import {
  assumed,
  decimal,
  instant,
  list,
  mapOf,
  may,
  must,
  oneOf,
  orNull,
  port,
  record,
  text,
  whole,
} from "./json-codec.js";

const reservesCodec = record<Reserves>({ cpu: may("cpu", decimal), mem: may("mem", whole) });

/** The key containers/{name}; the name stands in the key and in the value. */
export const intentCodec = record<Intent>({
  name: must("name", text),
  slot: must("slot", whole),
  generation: must("generation", whole),
  configRevision: must("config_revision", whole),
  fingerprint: must("fingerprint", text),
  host: must("host", text),
  hostPorts: must("host_ports", mapOf(port)),
  phase: must("phase", oneOf(...PHASES)),
  reserves: may("reserves", reservesCodec),
  reason: may("reason", text),
});

const portMappingCodec = record<PortMapping>({
  external: must("external", port),
  exposed: must("exposed", port),
  protocol: assumed("protocol", oneOf("tcp", "udp"), "tcp"),
});

/** The key containers/{name}/info. The first four fields alone are a valid record. */
export const infoCodec = record<ContainerInfo>({
  instanceName: must("instance_name", text),
  instanceHost: must("instance_host", text),
  instancePort: must("instance_port", orNull(port)),
  portMappings: must("port_mappings", mapOf(portMappingCodec)),
  state: may("state", oneOf(...CONTAINER_STATES)),
  labels: may("labels", list(text)),
  host: may("host", text),
  slot: may("slot", whole),
  generation: may("generation", whole),
  configRevision: may("config_revision", whole),
  origin: may("origin", oneOf(...ORIGINS)),
  weight: may("weight", whole),
  since: may("since", instant),
  startedAt: may("started_at", instant),
});

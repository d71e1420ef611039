// The keys of ports and health checks.

import { z } from "zod";
import { block, choice, duration, either, text, whole, words } from "./leaves.js";

export const PORT_NAME = /^[a-z][a-z0-9-]{0,14}$/;
export const PORT_NAME_RULE = "a port name: a-z 0-9 - , at most 15, starting with a letter";

const portNumber = (description: string) => whole(1, 65_535, { description });
const portName = (description: string) => text(PORT_NAME_RULE, { description }, PORT_NAME);

export const port = either(
  portNumber("Port inside the container."),
  block(
    {
      container: portNumber("Port inside the container."),
      host: portNumber("Port on the host, only where it must be fixed; else Theseus chooses one.").optional(),
      protocol: choice(["tcp", "udp"], { description: "Transport.", default: "tcp" }).optional(),
    },
    { description: "The long form." },
  ),
  "a port number, or a map with container, host and protocol",
  { description: "A port number, or the long form." },
);

const http = either(
  text("a path like /healthz", { description: "A path on the first tcp port." }, /^\/[\x21-\x7e]*$/),
  block(
    {
      port: portName("Name of a port of this group; else the first tcp port.").optional(),
      path: text(
        "a path like /healthz",
        { description: "Path and query.", default: "/" },
        /^\/[\x21-\x7e]*$/,
      ).optional(),
    },
    { description: "The long form." },
  ),
  "a path like /healthz, or a map with port and path",
  { description: "Passes on a 2xx or 3xx answer." },
);

const onPort = (expected: string, description: string, long: z.ZodType) =>
  either(portName("Name of a port of this group."), long, expected, { description });

const tcp = onPort(
  "the name of a port, or a map with port",
  "Passes when the connection is still open 100 ms after connect.",
  block({ port: portName("Name of a port of this group.") }, { description: "The long form." }),
);

const grpc = onPort(
  "the name of a port, or a map with port and service",
  "Passes when grpc.health.v1.Health answers SERVING.",
  block(
    {
      port: portName("Name of a port of this group."),
      service: text("the name of a gRPC service", {
        description: "Which service is asked for.",
        default: "",
      }).optional(),
    },
    { description: "The long form." },
  ),
);

export const health = either(
  z.literal("none", { error: "none" }),
  block(
    {
      http: http.optional(),
      tcp: tcp.optional(),
      grpc: grpc.optional(),
      exec: words("A command inside the container; Docker's own HEALTHCHECK. Passes on exit 0.").optional(),
      interval: duration({ description: "Pace once it has been ready.", default: "5s" }, 100).optional(),
      timeout: duration({ description: "How long one check may take.", default: "2s" }, 10).optional(),
      passes: whole(1, 100, {
        description: "Passes in a row until it is ready; after it failed, for 10 s at least.",
        default: 2,
      }).optional(),
      fails: whole(1, 100, { description: "Failures in a row until it is unhealthy.", default: 3 }).optional(),
      start_period: duration({ description: "Failures do not count for so long.", default: "0s" }).optional(),
      start_interval: duration({ description: "Pace until it is first ready.", default: "250ms" }, 50).optional(),
    },
    { description: "One of http, tcp, grpc, exec, and its pace." },
  ),
  "none, or a map with one of http, tcp, grpc, exec",
  { description: "How readiness is found out; else a tcp check on each named port, or the image's own HEALTHCHECK." },
);

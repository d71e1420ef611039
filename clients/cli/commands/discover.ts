// `theseus discover`: the answer of Discovery as a client gets it, in the forms that scripts want.

import { randomInt } from "node:crypto";
import type { Endpoint, LookupResponse } from "../../gen/theseus/v1/discovery_service.js";
import { type Context, isSet, note, optionalArgument, optionalText } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { sameTarget } from "../globals.js";
import { endpointColumns, hostPort } from "../output/columns.js";
import { printListing } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { endpointObject } from "../output/objects.js";
import { formatGroup, parseReference } from "../references.js";
import { withServer } from "../server.js";
import { type Target, targetOf } from "../target.js";

export function run(context: Context): Promise<ExitCode> {
  const name = optionalArgument(context, 0);
  const reference = name === undefined ? undefined : parseReference(name);
  const target = targetOf(context, reference);
  return withServer(context, async (server) => {
    const request = {
      target: requestTarget(target),
      port: optionalText(context, "port") ?? "",
      includeNotReady: isSet(context, "all"),
    };
    const answer = await server.discovery.lookup(request, server.call);
    const endpoints = answer.endpoints.filter(
      ({ container }) => target.kind !== "slot" || container?.slot === target.slot,
    );
    if (endpoints.length === 0) throw await explain(context, server.theseus, server.call, target, answer);
    await print(context, isSet(context, "one") ? oneOf(endpoints) : endpoints, answer);
    return EXIT.ok;
  });
}

function requestTarget(target: Target) {
  if (target.kind === "selected") return { $case: "selector", value: target.selector } as const;
  return { $case: "group", value: target.ref } as const;
}

function oneOf(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const pool = ready.length > 0 ? ready : endpoints;
  const chosen = pool[randomInt(pool.length)];
  return chosen === undefined ? [] : [chosen];
}

async function print(context: Context, endpoints: readonly Endpoint[], answer: LookupResponse): Promise<void> {
  const { globals, io } = context;
  const addresses = globals.format === "host:port" || (isSet(context, "one") && !globals.formatAsked);
  if (addresses) return io.stdout.write(endpoints.map((endpoint) => `${addressOf(endpoint)}\n`).join(""));
  await printListing(context, {
    kind: "Endpoint",
    items: endpoints,
    columns: endpointColumns(lookOf(context)),
    name: addressOf,
    json: endpointObject,
    namespace: globals.allNamespaces ? undefined : globals.namespace,
    revision: answer.revision,
    asOf: answer.asOfTime,
  });
  const ready = answer.endpoints.filter((endpoint) => endpoint.ready).length;
  if (globals.format === "table" || globals.format === "wide")
    note(context, `${ready} ready of ${answer.matchingContainers} · revision ${answer.revision}`);
}

function addressOf({ address, port }: Endpoint): string {
  return port === 0 ? address : hostPort(address, port);
}

type Theseus = Parameters<Parameters<typeof withServer>[1]>[0]["theseus"];
type Call = Parameters<Parameters<typeof withServer>[1]>[0]["call"];

/** Which of the three it is: no such thing, nothing that matches, or nothing that is ready. */
async function explain(
  context: Context,
  theseus: Theseus,
  call: Call,
  target: Target,
  answer: LookupResponse,
): Promise<Failure> {
  const asked = askedText(target);
  const flags = sameTarget(context.globals);
  if (answer.matchingGroups > 0) return nothingReady(context, asked, answer, flags);
  // The discovery listener of containers knows no TheseusService; then only the namespace is left unchecked.
  if (!context.globals.allNamespaces && answer.nearMisses.length === 0)
    await theseus.getNamespace({ name: context.globals.namespace }, call).catch(unlessUnknownNamespace);
  const [near] = answer.nearMisses;
  return new Failure(target.kind === "selected" ? "NO_SUCH_SERVICE" : "NO_SUCH_GROUP", {
    what: missingText(target, asked),
    why: [near === undefined ? "nothing is spelt nearly so" : `these are near: ${answer.nearMisses.join("  ")}`],
    now: `nothing was changed; this is as of revision ${answer.revision}`,
    next: [near === undefined ? `theseus get groups${flags}` : `theseus discover ${near}${flags}`],
  });
}

function missingText(target: Target, asked: string): string {
  if (target.kind !== "selected") return `there is no group ${asked}`;
  const { service, labels } = target.selector;
  return labels === "" && service !== "" ? `there is no service ${service}` : `no group matches ${asked}`;
}

function unlessUnknownNamespace(error: unknown): void {
  if (error instanceof Error && "reason" in error && error.reason === "NO_SUCH_NAMESPACE") throw error;
}

function askedText(target: Target): string {
  if (target.kind !== "selected") return `${formatGroup(target.ref)}${target.kind === "slot" ? `:${target.slot}` : ""}`;
  const { service, labels } = target.selector;
  return [service === "" ? "any service" : service, labels === "" ? "" : `-l ${labels}`]
    .filter((word) => word !== "")
    .join(" ");
}

function nothingReady(context: Context, asked: string, answer: LookupResponse, flags: string): Failure {
  const port = optionalText(context, "port");
  const { matchingGroups: groups, matchingContainers: containers } = answer;
  const counted = `${groups} ${groups === 1 ? "group matches" : "groups match"}, with ${containers} ${containers === 1 ? "container" : "containers"}`;
  const reason = port === undefined ? "none of them is ready" : `none of them is ready on a port named ${port}`;
  return new Failure("NOTHING_READY", {
    what: `nothing is ready for ${asked}`,
    why: [containers === 0 ? counted : `${counted}; ${reason}`],
    now: `this is as of revision ${answer.revision}`,
    next: [`theseus get containers ${asked.startsWith("any service") ? "" : asked}${flags}`.trim()],
    retryable: true,
  });
}

// An answer of Discovery as a text, in the form that was asked for.

import type { Endpoint } from "../../gen/theseus/v1/discovery_service.js";
import { hostPort } from "../../host-port.js";
import { type Context, isSet, optionalText } from "../context.js";
import { usage } from "../failure.js";
import type { Format } from "../formats.js";
import { sameTarget } from "../globals.js";
import { endpointColumns } from "../output/columns.js";
import { type Listing, listingText } from "../output/listing.js";
import { lookOf } from "../output/look.js";
import { endpointObject } from "../output/objects.js";
import { styleFor } from "../output/style.js";
import { type Answer, askedText, type Question } from "./answer.js";
import { unresolvedNames } from "./resolved-names.js";
import { blockName, envText, haproxyText, isAddressable, nginxText } from "./snippets.js";

const NO_TERMINAL = { write: () => undefined, isTTY: false };

export interface Shown {
  readonly endpoints: readonly Endpoint[];
  /** What is left out may be shown later, though nothing changes in Discovery. */
  readonly mayGrow: boolean;
}

export interface Form {
  /** The endpoints that can stand in it. Says on stderr what is left out. */
  readonly shown: (endpoints: readonly Endpoint[]) => Promise<Shown>;
  /** The whole text of an answer. @throws Failure USAGE for a column that there is not. */
  readonly text: (answer: Answer) => Promise<string>;
}

/**
 * @param plain for a file: without colour and glyphs, also when a person looks on.
 * @throws Failure USAGE for flags that do not go with the format.
 */
export function formOf(context: Context, question: Question, plain: boolean): Form {
  const format = formatOf(context);
  const name = nameOf(context, format, question);
  const head = (revision: bigint) => `# ${commandOf(context, question)}   revision ${revision}\n`;
  const shown = addressableOf(context);
  switch (format) {
    case "host:port":
      return { shown: all, text: async ({ endpoints }) => endpoints.map((one) => `${addressOf(one)}\n`).join("") };
    case "env":
      return { shown, text: async ({ endpoints }) => envText(endpoints, name, question.port) };
    case "haproxy":
      return { shown, text: async ({ endpoints, revision }) => head(revision) + haproxyText(endpoints, name) };
    case "nginx":
      return {
        shown: resolvableOf(context, shown),
        text: async ({ endpoints, revision }) => head(revision) + nginxText(endpoints, name),
      };
    case "table":
    case "wide":
    case "name":
    case "json":
    case "yaml":
    case "jsonl":
    case "tsv":
      return { shown: all, text: (answer) => listed(context, answer, plain) };
  }
}

const all = async (endpoints: readonly Endpoint[]): Promise<Shown> => ({ endpoints, mayGrow: false });

/** True for the forms that say only the whole of an answer to a person. */
export function isForPeople(context: Context): boolean {
  const format = formatOf(context);
  return format === "table" || format === "wide";
}

function formatOf(context: Context): Format {
  const { format, formatAsked } = context.globals;
  if (isSet(context, "one") && !formatAsked) return "host:port";
  // Of a watch each line is a whole list.
  return format === "jsonl" && isSet(context, "watch") ? "json" : format;
}

/** What a block of the form is called. */
function nameOf(context: Context, format: Format, { target, port }: Question): string {
  const [backend, upstream] = [optionalText(context, "backend"), optionalText(context, "upstream")];
  if (backend !== undefined && format !== "haproxy") throw usage("--backend goes with -o haproxy");
  if (upstream !== undefined && format !== "nginx") throw usage("--upstream goes with -o nginx");
  const given = backend ?? upstream;
  if (given !== undefined && blockName(given) !== given)
    throw usage(`"${given}" is no name that ${format} takes`, ["letters, digits, _ . -"]);
  if (given !== undefined) return given;
  const { service, labels } =
    target.kind === "selected" ? target.selector : { service: target.ref.service, labels: target.ref.labels.join("_") };
  if (format === "env" && service === "")
    throw usage("-o env names its variables after one service", ["name the service"], ["theseus discover web -o env"]);
  return format === "env" ? service : blockName([service, labels, port ?? ""].filter((word) => word !== "").join("_"));
}

/** As it can be typed again. */
function commandOf(context: Context, { target, port }: Question): string {
  const asked = askedText(target).replace(/^any service ?/, "");
  const words = ["theseus discover", asked, port === undefined ? "" : `-p ${port}`];
  const all = context.globals.allNamespaces ? " -A" : sameTarget({ ...context.globals, serverFlag: undefined });
  return words.filter((word) => word !== "").join(" ") + all;
}

/** Says how many are left out, again only when it is another number. */
function addressableOf(context: Context): Form["shown"] {
  let told = 0;
  return async (endpoints) => {
    const those = endpoints.filter(isAddressable);
    const left = endpoints.length - those.length;
    if (left > 0 && left !== told) context.io.stderr.write(`${left} left out: without a port, or not at an address\n`);
    told = left;
    return { endpoints: those, mayGrow: false };
  };
}

/** nginx takes nothing at all when one name cannot be resolved: such a one is left out, until it can be. */
function resolvableOf(context: Context, shown: Form["shown"]): Form["shown"] {
  let told = "";
  return async (all) => {
    const { endpoints } = await shown(all);
    const unknown = await unresolvedNames(endpoints);
    const text = [...unknown].join(" ");
    if (text !== told && text !== "") context.io.stderr.write(`left out, their names do not resolve here: ${text}\n`);
    told = text;
    return { endpoints: endpoints.filter(({ address }) => !unknown.has(address)), mayGrow: unknown.size > 0 };
  };
}

function addressOf({ address, port }: Endpoint): string {
  return hostPort(address, port);
}

function listed(context: Context, answer: Answer, plain: boolean): Promise<string> {
  const { allNamespaces, namespace } = context.globals;
  const { revision, endpoints: items, asOf } = answer;
  const style = plain ? styleFor(NO_TERMINAL, { color: "never" }) : lookOf(context).style;
  const listing: Listing<Endpoint> = {
    kind: "Endpoint",
    items,
    columns: endpointColumns({ ...lookOf(context), style }),
    name: addressOf,
    json: endpointObject,
    namespace: allNamespaces ? undefined : namespace,
    revision,
    asOf,
  };
  return listingText({ ...context, globals: { ...context.globals, format: formatOf(context) } }, listing);
}

// `theseus recover`: what runs that the store cannot know since it was restored from an older backup, and a person's word
// on it. Without --adopt or --remove it only shows.

import type { GetRecoveryResponse, RecoveryItem } from "../../gen/theseus/v1/theseus_service.js";
import { changeFields } from "../change.js";
import { isDryRun } from "../change-group.js";
import { confirm } from "../confirm.js";
import { type Context, isSet, note } from "../context.js";
import { EXIT, type ExitCode } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { sameTarget } from "../globals.js";
import { API_VERSION, isObjectFormat, printObject } from "../output/listing.js";
import {
  ACTIONS,
  countText,
  isDecided,
  itemName,
  recoveryObject,
  recoveryTable,
  takesWord,
  type Word,
} from "../output/recovery.js";
import { type Server, withServer } from "../server.js";
import { untilCarriedOut } from "../wait/recovery.js";

export function run(context: Context): Promise<ExitCode> {
  const word = wordOf(context);
  return withServer(context, async (server) => {
    const found = await server.theseus.getRecovery({}, server.call);
    if (found.items.length === 0) return reportNothing(context);
    if (word === undefined || isDryRun(context)) return show(context, found);
    return carryOut(context, server, { word, found });
  });
}

/** @throws Failure USAGE for both at once. */
function wordOf(context: Context): Word | undefined {
  const [adopt, remove] = [isSet(context, "adopt"), isSet(context, "remove")];
  if (adopt && remove) throw usage("--adopt and --remove are two different words", ["one word is given at a time"]);
  if (adopt) return "adopt";
  return remove ? "remove" : undefined;
}

async function reportNothing(context: Context): Promise<ExitCode> {
  const { format } = context.globals;
  if (isObjectFormat(format))
    await printObject(context, { apiVersion: API_VERSION, kind: "Recovery", items: [] }, format);
  else context.io.stdout.write("nothing to recover: the store knows everything that runs\n");
  return EXIT.ok;
}

async function show(context: Context, found: GetRecoveryResponse): Promise<ExitCode> {
  const { format } = context.globals;
  if (isObjectFormat(format)) {
    const more = found.more === 0 ? {} : { more: found.more };
    const items = found.items.map(recoveryObject);
    await printObject(context, { apiVersion: API_VERSION, kind: "Recovery", items, ...more }, format);
    return EXIT.ok;
  }
  context.io.stdout.write(recoveryTable(found));
  const target = sameTarget(context.globals);
  if (found.more === 0 && found.items.every(isDecided))
    note(context, `what was said is being carried out; look again: theseus recover${target}`);
  else note(context, `nothing of these groups is changed until you say: theseus recover --adopt${target}, or --remove`);
  return EXIT.ok;
}

interface Order {
  readonly word: Word;
  readonly found: GetRecoveryResponse;
}

async function carryOut(context: Context, server: Server, { word, found }: Order): Promise<ExitCode> {
  const chosen = found.items.filter((item) => takesWord(item, word));
  if (chosen.length === 0) throw nothingTakes(context, word, found.items);
  if (!isObjectFormat(context.globals.format)) context.io.stdout.write(recoveryTable(found));
  await confirm(context, [effectText(word, chosen, found.items)]);
  const request = { action: ACTIONS[word], token: found.token, ...changeFields(context) };
  await server.theseus.recover(request, server.call);
  if (isSet(context, "detach")) return reportAccepted(context, word, chosen);
  const left = await untilCarriedOut({ context, server }, { word, items: chosen });
  return report(context, { word, done: chosen, left });
}

function effectText(word: Word, chosen: readonly RecoveryItem[], all: readonly RecoveryItem[]): string {
  const others = all.filter((item) => !chosen.includes(item));
  const effect = word === "adopt" ? `adopts ${countText(chosen)}` : `stops and removes ${countText(chosen)}`;
  return others.length === 0 ? effect : `${effect}; left as they are: ${others.map(itemName).join(", ")}`;
}

function nothingTakes(context: Context, word: Word, items: readonly RecoveryItem[]): Failure {
  const other = word === "adopt" ? "--remove" : "--adopt";
  return new Failure("CONFLICT", {
    what: `nothing of this can be ${word === "adopt" ? "adopted" : "removed"}`,
    why: items.map((item) => `${itemName(item)}: ${word === "adopt" ? item.ifAdopted : item.ifRemoved}`),
    now: "nothing was sent or changed",
    next: [`theseus recover ${other} --dry-run${sameTarget(context.globals)}`],
  });
}

async function reportAccepted(context: Context, word: Word, chosen: readonly RecoveryItem[]): Promise<ExitCode> {
  const { format } = context.globals;
  const result = { apiVersion: API_VERSION, kind: "RecoveryResult", action: word, accepted: chosen.map(itemName) };
  if (isObjectFormat(format)) await printObject(context, result, format);
  else context.io.stdout.write(`accepted: ${countText(chosen)}\n`);
  note(context, `the work goes on; look at it: theseus recover${sameTarget(context.globals)}`);
  return EXIT.ok;
}

interface Outcome {
  readonly word: Word;
  readonly done: readonly RecoveryItem[];
  /** What waits now. */
  readonly left: readonly RecoveryItem[];
}

async function report(context: Context, { word, done, left }: Outcome): Promise<ExitCode> {
  const waiting = new Set(left.map(({ containerId }) => containerId));
  const settled = done.filter(({ containerId }) => !waiting.has(containerId));
  const exit = left.length === 0 ? EXIT.ok : EXIT.partial;
  const { format } = context.globals;
  if (isObjectFormat(format)) {
    const result = { action: word, done: settled.map(itemName), left: left.map(recoveryObject) };
    await printObject(context, { apiVersion: API_VERSION, kind: "RecoveryResult", ...result }, format);
    return exit;
  }
  context.io.stdout.write(`${word === "adopt" ? "adopted" : "removed"} ${countText(settled)}\n`);
  for (const item of left) note(context, `still waits: ${itemName(item)}: ${item.reason}; ${item.ifAdopted}`);
  return exit;
}

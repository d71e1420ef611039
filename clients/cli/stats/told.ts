// Samples on stdout: once, or one after the other; a screen that is drawn anew for a person at a terminal, otherwise a block
// or an object for each.

import type { ContainerStats } from "../../gen/theseus/v1/theseus_service.js";
import type { Context } from "../context.js";
import { usage } from "../failure.js";
import type { Format } from "../formats.js";
import { API_VERSION, columnNamed, isObjectFormat, type Listing, listingText, printObject } from "../output/listing.js";
import { CLEAR } from "../output/screen.js";
import { fullName, sortedRows, statsColumns, statsObject } from "../output/stats.js";
import { styleFor } from "../output/style.js";
import { saysUtf8 } from "./figures.js";
import { Loads, type Row } from "./rows.js";

export interface Sample {
  readonly time: Date;
  readonly containers: readonly ContainerStats[];
}

export interface How {
  readonly follow: boolean;
  /** As of --sort, where the person has not said. */
  readonly sort: string | undefined;
}

const FOLLOWED: readonly Format[] = ["table", "wide", "json", "jsonl"];

export class ToldStats {
  readonly #loads = new Loads();
  readonly #listing: Omit<Listing<Row>, "items">;
  readonly #isScreen: boolean;
  #hasTold = false;

  /** @throws Failure USAGE for a format that cannot follow, and for a column that does not exist. */
  constructor(
    private readonly context: Context,
    private readonly how: How,
  ) {
    const { io, globals } = context;
    const { format, allNamespaces } = globals;
    if (how.follow && !FOLLOWED.includes(format))
      throw usage(`stats that are followed cannot be told as ${format}`, [`formats are ${FOLLOWED.join(" ")}`]);
    this.#isScreen = how.follow && io.stdout.isTTY;
    const columns = statsColumns({
      style: styleFor(io.stdout, globals),
      allNamespaces,
      isFlat: format === "tsv",
      load: how.follow,
      isUtf8: saysUtf8(io.env),
    });
    this.#listing = { kind: "Stats", columns, name: fullName, json: () => ({}) };
    this.#sorting();
    for (const id of globals.columns) columnNamed(columns, id);
  }

  async tell(sample: Sample): Promise<void> {
    const { context } = this;
    const { format } = context.globals;
    if (isObjectFormat(format)) return printObject(context, listOf(context, sample), format);
    const { column, descending } = this.#sorting();
    const rows = sortedRows(this.#loads.take(sample.containers), column, descending);
    const items = format === "name" || format === "tsv" ? rows.filter(({ container }) => container) : rows;
    const globals = { ...context.globals, sort: undefined };
    const text = await listingText({ ...context, globals }, { ...this.#listing, items });
    context.io.stdout.write(this.how.follow ? this.#block(sample.time, text) : text);
    this.#hasTold = true;
  }

  #sorting() {
    const sort = this.context.globals.sort ?? this.how.sort;
    if (sort === undefined) return { column: undefined, descending: false };
    return { column: columnNamed(this.#listing.columns, sort.replace(/^-/, "")), descending: sort.startsWith("-") };
  }

  #block(time: Date, text: string): string {
    const lines = text === "" ? ["nothing runs"] : text.trimEnd().split("\n");
    if (this.#isScreen) return `${CLEAR}${[clock(time), ...this.#fitting(lines)].join("\n")}\n`;
    return `${this.#hasTold ? "\n" : ""}${[time.toISOString(), ...lines].join("\n")}\n`;
  }

  /** What stands below the end of a screen would push its beginning away. */
  #fitting(lines: readonly string[]): readonly string[] {
    const room = (this.context.io.stdout.rows ?? Number.POSITIVE_INFINITY) - 3;
    if (lines.length <= room || room < 2) return lines;
    return [...lines.slice(0, room), `and ${lines.length - room} more`];
  }
}

function clock(time: Date): string {
  return time.toISOString().slice(11, 19);
}

function listOf({ globals }: Context, { time, containers }: Sample): object {
  const namespace = globals.allNamespaces ? {} : { namespace: globals.namespace };
  const items = containers.map(statsObject);
  return { apiVersion: API_VERSION, kind: "StatsList", ...namespace, asOf: time.toISOString(), items };
}

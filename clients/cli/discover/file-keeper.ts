// `discover --watch --out`: a file that follows Discovery. One change after another, each for the newest answer: check,
// replace, then; only after all of them does Discovery hear that it was taken.

import { createHash } from "node:crypto";
import type { Follower } from "../../follower.js";
import { Backoff } from "../../pause.js";
import type { ServiceState } from "../../watch-fold.js";
import { type Context, note } from "../context.js";
import { type Answer, askedText, type Question, readyOf, wanted } from "./answer.js";
import { laterOrChanged, nextChange, type Pace } from "./changes.js";
import type { Form } from "./form.js";
import type { KeptFile } from "./kept-file.js";
import { missText } from "./miss.js";
import { runShell } from "./shell.js";

export interface Keeping {
  readonly context: Context;
  readonly question: Question;
  readonly form: Form;
  readonly file: KeptFile;
  /** Command lines; {} in the first one, and $FILE in both, is the file to look at. */
  readonly check: string | undefined;
  readonly then: string | undefined;
  readonly settle: number;
}

/** done: nothing is left to do. poor: the answer is not worth the file. failed: it has to be tried again. */
type End = "done" | "poor" | "failed";

const COMMAND_LIMIT = 60_000;
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 30_000;
/** Until what could not be shown is looked at again. */
const AGAIN = 10_000;

export class FileKeeper {
  readonly #keeping: Keeping;
  readonly #pace: Pace;
  readonly #backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
  #told = "";
  #attempt = 0;
  /** What the file has, and what --then has ended well for, each without the words that change by themselves. */
  #replaced: string | undefined;
  #done: string | undefined;
  /** Of what the file has. */
  #revision = 0n;
  #isInitial = true;
  /** More may be shown later of the same answer. */
  #mayGrow = false;

  constructor(keeping: Keeping) {
    this.#keeping = keeping;
    this.#pace = { settle: keeping.settle, signal: keeping.context.io.interrupted };
  }

  /** @throws TheseusClientError: CANCELLED, or why no server will ever answer. */
  async follow(follower: Follower): Promise<never> {
    let state = await nextChange(follower, undefined, this.#pace);
    for (;;) {
      const end = await this.#carryOut(state);
      if (end === "done") follower.taken(state);
      if (end === "failed") {
        state = await laterOrChanged(follower, state, this.#pace, this.#backoff.next());
      } else {
        this.#backoff.reset();
        state = await this.#after(follower, state);
      }
    }
  }

  #after(follower: Follower, state: ServiceState): Promise<ServiceState> {
    return this.#mayGrow ? laterOrChanged(follower, state, this.#pace, AGAIN) : nextChange(follower, state, this.#pace);
  }

  async #carryOut(state: ServiceState): Promise<End> {
    const { question, form } = this.#keeping;
    const whole = wanted(state, question);
    const { endpoints, mayGrow } = await form.shown(whole.endpoints);
    const answer = { ...whole, endpoints };
    this.#mayGrow = mayGrow;
    const lack = await this.#lackOf(answer);
    if (lack !== undefined) {
      this.#sayLack(lack);
      return (await this.#finish()) ? "poor" : "failed";
    }
    this.#told = "";
    // Times and revisions change without the endpoints.
    const text = await form.text({ ...answer, revision: 0n, asOf: new Date(0) });
    const digest = createHash("sha256").update(text).digest("hex");
    const isThere = digest === this.#replaced || (await this.#replace(answer, digest));
    return (await this.#finish()) && isThere ? "done" : "failed";
  }

  /** Why an answer is not worth the file. */
  async #lackOf(answer: Answer): Promise<string | undefined> {
    const { question, file } = this.#keeping;
    const ready = readyOf(answer);
    if (ready === 0 && (question.minimum > 0 || (await file.hasContent()))) return missText(question, answer);
    if (ready >= question.minimum) return undefined;
    return `${ready} of at least ${question.minimum} are ready for ${askedText(question.target)}`;
  }

  #sayLack(lack: string): void {
    if (lack !== this.#told) this.#say(`left as it is: ${lack}`);
    this.#told = lack;
  }

  async #replace(answer: Answer, digest: string): Promise<boolean> {
    const { context, form, file } = this.#keeping;
    try {
      const isReplaced = await file.replace(await form.text(answer), (candidate) => this.#isGood(candidate, answer));
      if (!isReplaced) return false;
    } catch (error) {
      this.#say(`left as it is, it cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    this.#replaced = digest;
    this.#revision = answer.revision;
    this.#attempt = 0;
    note(context, `${file.path}: written, ${readyOf(answer)} ready, revision ${answer.revision}`);
    return true;
  }

  async #isGood(candidate: string, answer: Answer): Promise<boolean> {
    const { check } = this.#keeping;
    if (check === undefined) return true;
    const failure = await this.#run(
      check.replaceAll("{}", () => quoted(candidate)),
      candidate,
      answer.revision,
    );
    if (failure !== undefined) this.#say(`left as it is, --check refuses the new one: ${failure}`);
    return failure === undefined;
  }

  /** True once what stands in the file has had its --then, also when no newer answer is worth the file. */
  async #finish(): Promise<boolean> {
    const { then, file } = this.#keeping;
    if (this.#done === this.#replaced) return true;
    this.#attempt += 1;
    const failure = then === undefined ? undefined : await this.#run(then, file.path, this.#revision);
    if (failure !== undefined) {
      this.#say(`--then failed, and will be run again: ${failure}, attempt ${this.#attempt}`);
      return false;
    }
    this.#done = this.#replaced;
    this.#isInitial = false;
    return true;
  }

  #run(line: string, path: string, revision: bigint): Promise<string | undefined> {
    const { io } = this.#keeping.context;
    const env = { FILE: path, THESEUS_INITIAL: String(this.#isInitial), THESEUS_REVISION: String(revision) };
    return runShell(line, { env, io, signal: io.interrupted, limit: COMMAND_LIMIT });
  }

  #say(text: string): void {
    this.#keeping.context.io.stderr.write(`${this.#keeping.file.path}: ${text}\n`);
  }
}

/** One word for the shell; as it is where it can be, so that it may stand inside quotes. */
function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

// Reads a filter: words between blanks or commas, all of which have to hold. "a|b" either, "!x" not, "~x" switched off,
// "field:value", "\"some text\"". A selector of labels is a filter. Pure, and never throws.

import { type Clause, FIELDS, type Field, type FilterAtom, type FilterProblem, type Parsed } from "./term.js";

const LONGEST = 2_000;
const LABEL = /^[a-z0-9]([a-z0-9._=-]{0,61}[a-z0-9])?$/;
const NUMBER = /^\d{1,15}$/;
/** A label whose end is still to come. */
const LABEL_BEGUN = /^[a-z0-9][a-z0-9._=-]{0,62}$/;

export interface ParseWishes {
  /** Its end is being typed: a last term that is not whole yet is taken for its beginning, and an empty one for none. */
  readonly isOpen?: boolean;
}

/** Reads a filter, or says what is wrong with it and where. The empty text is the filter that everything passes. */
export function parseFilter(text: string, { isOpen = false }: ParseWishes = {}): Parsed {
  if (text.length > LONGEST)
    return {
      problem: `a filter has at most ${LONGEST} characters, this one has ${text.length}`,
      at: LONGEST,
      length: text.length - LONGEST,
    };
  return new Reader(text, isOpen).read();
}

class Complaint extends Error {
  readonly told: FilterProblem;
  constructor(told: FilterProblem) {
    super(told.problem);
    this.told = told;
  }
}

class Reader {
  readonly #text: string;
  readonly #isOpen: boolean;
  #at = 0;

  constructor(text: string, isOpen: boolean) {
    this.#text = text;
    this.#isOpen = isOpen;
  }

  read(): Parsed {
    const clauses: Clause[] = [];
    try {
      for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
        const clause = this.#clause();
        if (clause.atoms.length > 0) clauses.push(clause);
      }
    } catch (error) {
      if (error instanceof Complaint) return error.told;
      throw error;
    }
    return { filter: clauses };
  }

  #skip(): void {
    while (/[\s,]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
  }

  #clause(): Clause {
    const at = this.#at;
    const isOff = this.#take("~");
    const atoms: FilterAtom[] = [];
    do {
      const atom = this.#atom();
      if (atom !== undefined) atoms.push(atom);
    } while (this.#take("|"));
    return { text: this.#text.slice(at, this.#at), at, isOff, atoms };
  }

  #take(sign: string): boolean {
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  /** None, where one has only been begun. */
  #atom(): FilterAtom | undefined {
    const at = this.#at;
    const negated = this.#take("!");
    if (this.#text[this.#at] === '"') {
      const value = this.#quoted();
      return value === ""
        ? this.#nothing(at, "there is nothing between the quotes")
        : this.#done("text", negated, value);
    }
    const word = this.#word();
    const colon = word.indexOf(":");
    if (colon !== -1) return this.#fieldAtom(at, negated, word, colon);
    if (word === "") return this.#nothing(at, "a term is missing here");
    if (LABEL.test(word) || (this.#isLast() && LABEL_BEGUN.test(word))) return this.#done("label", negated, word);
    throw this.#complaint(
      at,
      `"${word}" is not a label; text is looked for between quotes: "${word.replaceAll('"', "")}"`,
    );
  }

  #fieldAtom(at: number, negated: boolean, word: string, colon: number): FilterAtom | undefined {
    const name = word.slice(0, colon);
    if (!isField(name)) {
      const known = Object.keys(FIELDS).map((field) => `${field}:`);
      throw this.#complaint(at, `there is no field "${name}:"; there are ${known.join(" ")}`);
    }
    const rest = word.slice(colon + 1);
    const value = rest === "" && this.#text[this.#at] === '"' ? this.#quoted() : rest;
    if (value === "") return this.#nothing(at, `${name}: wants ${FIELDS[name]} after it`);
    if ((name === "rev" || name === "port") && !NUMBER.test(value))
      throw this.#complaint(at, `${name}: wants a whole number, not "${value}"`);
    return { ...this.#ending(negated, value), kind: "field", field: name };
  }

  #done(kind: "label" | "text", negated: boolean, value: string): FilterAtom {
    return { ...this.#ending(negated, value), kind };
  }

  #ending(negated: boolean, value: string) {
    return { negated, value, isOpen: this.#isLast() };
  }

  #isLast(): boolean {
    return this.#isOpen && this.#at === this.#text.length;
  }

  #nothing(at: number, problem: string): undefined {
    if (this.#isLast()) return undefined;
    throw this.#complaint(at, problem);
  }

  #word(): string {
    const from = this.#at;
    while (this.#at < this.#text.length && !/[\s,|"]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    return this.#text.slice(from, this.#at);
  }

  /** `\"` and `\\` stand for the sign itself. */
  #quoted(): string {
    const from = this.#at;
    let value = "";
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const sign = this.#text[this.#at] ?? "";
      if (sign === '"') {
        this.#at += 1;
        return value;
      }
      if (sign === "\\") this.#at += 1;
      value += this.#text[this.#at] ?? "";
    }
    this.#at = this.#text.length;
    if (this.#isOpen) return value;
    throw new Complaint({ problem: "the quote is not closed", at: from, length: this.#text.length - from });
  }

  #complaint(at: number, problem: string): Complaint {
    return new Complaint({ problem, at, length: Math.max(1, this.#at - at) });
  }
}

const isField = (name: string): name is Field => Object.hasOwn(FIELDS, name);

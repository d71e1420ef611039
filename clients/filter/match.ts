// Whether a thing passes a filter. A filter is prepared once and asked thousands of times. Pure.

import { FIELDS, type Field, type Filter, type FilterAtom } from "./term.js";

/** What a filter looks at: a group, or one container. Lists, because a group has many hosts. */
export interface Subject {
  readonly ns: string;
  readonly service: string;
  readonly labels: readonly string[];
  readonly hosts: readonly string[];
  readonly states: readonly string[];
  readonly revs: readonly number[];
  readonly images: readonly string[];
  readonly ports: readonly number[];
  /** What "some text" is looked for in, in lower case. */
  readonly texts: readonly string[];
}

export type Passes = (subject: Subject) => boolean;

/** Everything passes a filter without clauses, or with all of them switched off. */
export function filterBy(filter: Filter): Passes {
  const acting = filter.filter(({ isOff }) => !isOff).map(({ atoms }) => atoms.filter(saysSomething));
  const clauses = acting.filter(({ length }) => length > 0).map((atoms) => either(atoms.map(atomTest)));
  const [only] = clauses;
  if (clauses.length === 1 && only !== undefined) return only;
  return (subject) => clauses.every((passes) => passes(subject));
}

/** A word that is being typed and may become the name of a field takes nothing away: the rows stay while it is written. */
function saysSomething({ kind, isOpen, value }: FilterAtom): boolean {
  return kind !== "label" || !isOpen || !NAMES.some((name) => name.startsWith(value));
}

const NAMES = Object.keys(FIELDS);

function either(tests: readonly Passes[]): Passes {
  const [only] = tests;
  return tests.length === 1 && only !== undefined ? only : (subject) => tests.some((passes) => passes(subject));
}

function atomTest(atom: FilterAtom): Passes {
  const holds = plainTest(atom);
  return atom.negated ? (subject) => !holds(subject) : holds;
}

function plainTest(atom: FilterAtom): Passes {
  const { value, isOpen } = atom;
  if (atom.kind === "label") {
    if (isOpen) return ({ labels }) => labels.some((label) => label.startsWith(value));
    return ({ labels }) => labels.includes(value);
  }
  const small = value.toLowerCase();
  if (atom.kind === "text") return ({ texts }) => texts.some((text) => text.includes(small));
  return fieldTest(atom.field, small, isOpen);
}

function fieldTest(field: Field, value: string, isOpen: boolean): Passes {
  const is = wordTest(value, isOpen);
  switch (field) {
    case "svc":
      return ({ service }) => is(service);
    case "ns":
      return ({ ns }) => is(ns);
    case "host":
      return ({ hosts }) => hosts.some(is);
    case "state":
      return ({ states }) => states.some(is);
    case "rev":
      return ({ revs }) => revs.some((rev) => is(String(rev)));
    case "port":
      return ({ ports }) => ports.some((port) => is(String(port)));
    case "image":
      return ({ images }) => images.some((image) => image.toLowerCase().includes(value));
  }
}

/** The whole word, `*` standing for any part of it; of an open one its beginning. */
function wordTest(value: string, isOpen: boolean): (word: string) => boolean {
  const parts = value.split("*");
  const [first = "", ...rest] = parts;
  if (rest.length === 0)
    return isOpen ? (word) => word.toLowerCase().startsWith(value) : (word) => word.toLowerCase() === value;
  const last = isOpen ? "" : (rest.pop() ?? "");
  return (word) => {
    const text = word.toLowerCase();
    if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found === -1 || found + part.length > text.length - last.length) return false;
      at = found + part.length;
    }
    return true;
  };
}

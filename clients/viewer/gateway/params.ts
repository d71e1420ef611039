// What a query of the page asks for, checked. Every complaint is a Failure that becomes a 400.

import { usage } from "../../cli/failure.js";
import { checkedNamespace, checkedSelector, isPortName, serviceProblem } from "../../cli/names.js";
import { parseGroup } from "../../cli/references.js";
import type { GroupRef } from "../../gen/theseus/v1/reference.js";

const MOST_VALUES = 100;
const LONGEST_TEXT = 300;
const MOST_COUNT = 999_999_999_999_999;

export class Params {
  readonly #query: URLSearchParams;

  constructor(query: URLSearchParams) {
    this.#query = query;
  }

  /** "" where it was not given. @throws Failure USAGE when it was given twice or is very long. */
  text(name: string): string {
    const values = this.#query.getAll(name);
    if (values.length > 1) throw usage(`"${name}" was given ${values.length} times`);
    return checkedText(name, values[0] ?? "");
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === "") throw usage(`"${name}" is missing`);
    return value;
  }

  list(name: string): readonly string[] {
    const values = this.#query.getAll(name);
    if (values.length > MOST_VALUES) throw usage(`"${name}" was given ${values.length} times, at most ${MOST_VALUES}`);
    return values.map((value) => checkedText(name, value));
  }

  /** A whole number from 0; undefined where it was not given. */
  count(name: string, most = MOST_COUNT): number | undefined {
    const value = this.text(name);
    if (value === "") return undefined;
    if (!/^\d{1,15}$/.test(value) || Number(value) > most) throw usage(`"${name}" is a whole number from 0 to ${most}`);
    return Number(value);
  }

  isOn(name: string): boolean {
    const value = this.text(name);
    if (value !== "" && value !== "0" && value !== "1") throw usage(`"${name}" is 1 or 0`);
    return value === "1";
  }

  namespace(): string {
    return checkedNamespace(this.text("ns") || "default");
  }

  /** "" where it was not given: every service. */
  service(): string {
    const name = this.text("service");
    const problem = name === "" ? undefined : serviceProblem(name);
    if (problem !== undefined) throw usage(`"service" is no name of a service: ${problem}`);
    return name;
  }

  labels(): string {
    return checkedSelector(this.text("labels"));
  }

  port(): string {
    const name = this.text("port");
    if (name !== "" && !isPortName(name)) throw usage('"port" is the name of a port');
    return name;
  }

  /** By `ns` and `ref`. */
  group(): GroupRef {
    return groupRef(this.namespace(), this.required("ref"));
  }
}

/** @throws Failure BAD_NAME or BAD_LABEL. */
export function groupRef(namespace: string, ref: string): GroupRef {
  const { service, labels } = parseGroup(ref);
  return { namespace, service, labels: [...labels] };
}

function checkedText(name: string, value: string): string {
  if (value.length > LONGEST_TEXT * 4) throw usage(`"${name}" is too long`);
  if (/\p{Cc}/u.test(value)) throw usage(`"${name}" has characters that do not print`);
  return value;
}

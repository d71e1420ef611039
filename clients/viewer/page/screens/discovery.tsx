// A lookup as a client would get it.

import { useId } from "preact/hooks";
import { useKeys } from "../keys.js";
import { fleet } from "../live/fleet.js";
import { lookupQuestion } from "../lookup/asked.js";
import { LookupView } from "../lookup/view.js";
import { navigate, setQuery, view } from "../view.js";
import { href } from "../view-url.js";

/** Screen S10. Of the address: `ns`, `service`, `labels` (the selector grammar), `port`, and `format` to be shown. */
export function Discovery() {
  const question = lookupQuestion(view.value.query);
  useKeys({ Escape: () => navigate(href("overview")) }, "screen");
  const sign = `${fleet.containers.version.value} ${fleet.groups.version.value}`;
  const services = [
    ...new Set([...fleet.groups.all()].filter(({ ns }) => ns === question.ns).map((row) => row.service)),
  ];
  return (
    <section class="detail" data-screen="discovery">
      <div class="detail-head">
        <div class="head-line">
          <h1>Discovery</h1>
        </div>
        <form class="tools" aria-label="a lookup" onSubmit={(event) => event.preventDefault()}>
          <label>
            namespace{" "}
            <select value={question.ns} onChange={(event) => setQuery({ ns: event.currentTarget.value })}>
              {[...new Set([question.ns, ...fleet.namespaces.value])].sort().map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          </label>
          <Field name="service" value={question.service} hint="all services" options={services.sort()} />
          <Field name="labels" value={question.labels} hint="prod,!canary" />
          <Field name="port" value={question.port} hint="http" />
        </form>
      </div>
      <LookupView question={question} sign={sign} />
    </section>
  );
}

interface FieldProps {
  readonly name: "service" | "labels" | "port";
  readonly value: string;
  readonly hint: string;
  readonly options?: readonly string[];
}

function Field({ name, value, hint, options = [] }: FieldProps) {
  const id = useId();
  return (
    <label>
      {name}{" "}
      <input
        type="text"
        value={value}
        placeholder={hint}
        list={options.length === 0 ? undefined : id}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setQuery({ [name]: event.currentTarget.value })}
      />
      {options.length === 0 ? null : (
        <datalist id={id}>
          {options.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </label>
  );
}

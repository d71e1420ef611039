// What one asks of a log: text, level, slot, wrapped lines, a moment. All of it stands in the address.

import { useState } from "preact/hooks";
import { gatewayNow } from "../live/clock.js";
import { setQuery } from "../view.js";
import type { LogQuestion, Shown } from "./asked.js";
import { LEVELS } from "./level.js";
import type { Source } from "./line.js";
import { momentOf } from "./moment.js";

interface ToolsProps {
  readonly question: LogQuestion;
  readonly shown: Shown;
  readonly problem: string;
  readonly sources: readonly Source[];
  readonly jump: (time: number) => void;
}

export function LogTools({ question, shown, problem, sources, jump }: ToolsProps) {
  return (
    <form class="tools" aria-label="in these lines" onSubmit={(event) => event.preventDefault()}>
      <label>
        grep{" "}
        <input
          type="search"
          value={shown.grep}
          placeholder="text or /expression/"
          aria-invalid={problem !== ""}
          aria-describedby="grep-problem"
          onInput={(event) => setQuery({ q: event.currentTarget.value })}
        />
      </label>
      <LevelChoice level={shown.level} />
      {question.targets.length === 1 ? <SlotChoice slot={question.targets[0]?.slot ?? 0} sources={sources} /> : null}
      <HostChoice host={question.host} sources={sources} />
      <Jump jump={jump} />
      <label class="check">
        <input
          type="checkbox"
          checked={shown.wraps}
          onChange={(event) => setQuery({ wrap: event.currentTarget.checked ? undefined : "off" })}
        />{" "}
        wrap
      </label>
      <span id="grep-problem" class="bad" role="status">
        {problem === "" ? "" : `✗ ${problem}`}
      </span>
    </form>
  );
}

function LevelChoice({ level }: Pick<Shown, "level">) {
  return (
    <label>
      level{" "}
      <select value={level} onChange={(event) => setQuery({ level: event.currentTarget.value })}>
        <option value="">all</option>
        {LEVELS.map((one) => (
          <option key={one} value={one}>
            {one === "error" ? "error" : `${one} and worse`}
          </option>
        ))}
      </select>
    </label>
  );
}

function SlotChoice({ slot, sources }: { slot: number; sources: readonly Source[] }) {
  const slots = [...new Set([...sources.map((one) => one.slot), slot])].filter((one) => one > 0).sort((a, b) => a - b);
  return (
    <label>
      slot{" "}
      <select
        value={String(slot)}
        onChange={(event) =>
          setQuery({ slot: event.currentTarget.value === "0" ? undefined : event.currentTarget.value })
        }
      >
        <option value="0">all</option>
        {slots.map((one) => (
          <option key={one} value={String(one)}>
            only {one}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Where lines come from one host alone, that is seen, and can be taken back. */
function HostChoice({ host, sources }: { host: string; sources: readonly Source[] }) {
  const hosts = [...new Set([...sources.map((one) => one.host), host])].filter((one) => one !== "").sort();
  if (host === "" && hosts.length < 2) return null;
  return (
    <label>
      host{" "}
      <select value={host} onChange={(event) => setQuery({ host: event.currentTarget.value })}>
        <option value="">all</option>
        {hosts.map((one) => (
          <option key={one} value={one}>
            only {one}
          </option>
        ))}
      </select>
    </label>
  );
}

function Jump({ jump }: Pick<ToolsProps, "jump">) {
  const [text, setText] = useState("");
  const time = momentOf(text, gatewayNow());
  return (
    <label>
      go to{" "}
      <input
        type="text"
        class="moment"
        size={9}
        value={text}
        placeholder="14:02:31"
        aria-invalid={text !== "" && time === undefined}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || time === undefined) return;
          event.preventDefault();
          jump(time);
        }}
      />
    </label>
  );
}

// Which changes of groups and hosts are worth being said aloud: how rollouts go on, and what fails. Pure.

import type { GroupRow, HostRow } from "../../wire.js";

export interface News {
  readonly polite: string;
  readonly urgent: string;
}

const BAD_ENDS = ["failed", "rolling-back", "rolled-back", "rollback-failed"];

/** What became of one group between two rows of it. */
export function groupNews(before: GroupRow | undefined, after: GroupRow): News {
  const [was, is] = [before?.rollout ?? null, after.rollout];
  if (before !== undefined && before.state !== "failing" && after.state === "failing")
    return urgent(`${after.ref} is failing: ${after.ready} of ${after.wanted} ready`);
  if (is !== null && was?.id === is.id && was.state !== is.state && BAD_ENDS.includes(is.state))
    return urgent(
      `rollout of ${after.ref} ${is.state.replaceAll("-", " ")}${is.failure ? `: ${is.failure.text}` : ""}`,
    );
  if (is !== null && is.state === "running" && (was?.id !== is.id || was.readyNew !== is.readyNew))
    return { polite: `rollout of ${after.ref} ${is.readyNew} of ${is.wanted}`, urgent: "" };
  if (was !== null && was.state === "running" && (is === null || is.state === "done"))
    return { polite: `rollout of ${after.ref} is done`, urgent: "" };
  return { polite: "", urgent: "" };
}

export function hostNews(before: HostRow | undefined, after: HostRow): News {
  if (before === undefined || before.state === after.state) return { polite: "", urgent: "" };
  if (after.state === "silent") return urgent(`host ${after.name} is silent`);
  return { polite: `host ${after.name} is ${after.state}`, urgent: "" };
}

const urgent = (text: string): News => ({ polite: "", urgent: text });

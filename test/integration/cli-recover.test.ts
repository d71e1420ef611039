// `theseus recover`, and what other commands say while something waits for it.

import { status } from "@grpc/grpc-js";
import { afterAll, describe, expect, it } from "@jest/globals";
import { GetHostResponse, GetRecoveryResponse, RecoveryAction } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage } from "../support/cli-stage.js";
import { type Handlers, Refusal } from "../support/fake-theseus.js";

const stage = new CliStage();
afterAll(() => stage.strike());

const group = { namespace: "default", service: "web", labels: ["dev"] };
const both = [RecoveryAction.ADOPT, RecoveryAction.REMOVE];

function item(slot: number, more: object = {}) {
  return {
    ...{ container: `web.dev.${slot}.2-aaaaaa`, containerId: `id${slot}`, host: "local", group, slot, generation: 2n },
    ...{
      reason: "the store knows 1",
      ifAdopted: `stays as web/dev:${slot}`,
      ifRemoved: "stopped and removed",
      takes: both,
    },
    ...more,
  };
}

/** What GetRecovery answers, call after call; the last one stays. */
function waiting(...answers: readonly (readonly object[])[]): Handlers {
  const left = [...answers];
  return {
    getRecovery: () => {
      const items = (left.length > 1 ? left.shift() : left[0]) ?? [];
      return GetRecoveryResponse.fromPartial({ items: items as never, token: "t1" });
    },
    recover: () => ({ revision: 7n }),
  };
}

describe("theseus recover", () => {
  it("says so when there is nothing", async () => {
    const { exit, stdout } = await stage.theseus(waiting([]), ["recover", "--adopt", "--yes"]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^nothing to recover/);
    expect(stage.sent("recover")).toEqual([]);
  });

  it.each([[["recover"]], [["recover", "--remove", "--dry-run"]]])(
    "%j only shows what each word would do",
    async (argv) => {
      const { exit, stdout, stderr } = await stage.theseus(waiting([item(1), item(2)]), argv);
      expect(exit).toBe(0);
      expect(stdout.split("\n")[0]).toMatch(/^WHAT +GROUP +HOST +WHY +IF ADOPTED +IF REMOVED$/);
      expect(stdout).toMatch(/web\.dev\.2\.2-aaaaaa +web\/dev:2 +local +the store knows 1 +stays as web\/dev:2/);
      expect(stderr).toContain("theseus recover --adopt");
      expect(stage.sent("recover")).toEqual([]);
    },
  );

  it("says that it is being carried out when every one has its word, and asks for no other", async () => {
    const decided = { decided: RecoveryAction.ADOPT };
    const all = await stage.theseus(waiting([item(1, decided), item(2, decided)]), ["recover"]);
    expect(all.exit).toBe(0);
    expect(all.stderr).toContain("is being carried out");
    expect(all.stderr).not.toContain("until you say");
    const some = await stage.theseus(waiting([item(1, decided), item(2)]), ["recover"]);
    expect(some.stderr).toContain("until you say");
  });

  it("prints objects for programs", async () => {
    const engine = { containerId: "E2", host: "b", reason: "another", takes: [RecoveryAction.ADOPT] };
    const { stdout } = await stage.theseus(waiting([item(1), engine]), ["recover", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "Recovery",
      items: [
        { container: "web.dev.1.2-aaaaaa", containerId: "id1", group: "web/dev", slot: 1, takes: ["adopt", "remove"] },
        { engineId: "E2", host: "b", takes: ["adopt"] },
      ],
    });
  });

  it("needs a yes where nobody can be asked, and sends nothing without", async () => {
    const { exit, stderr } = await stage.theseus(waiting([item(1)]), ["recover", "--remove"]);
    expect(exit).toBe(2);
    expect(stderr).toContain("CONFIRMATION_NEEDED");
    expect(stderr).toContain("theseus recover --remove --yes");
    expect(stage.sent("recover")).toEqual([]);
  });

  it("asks a person, and takes no for no", async () => {
    const { exit, stderr } = await stage.theseus(waiting([item(1)]), ["recover", "--adopt"], { answer: "n" });
    expect(exit).toBe(130);
    expect(stderr).toContain("adopts 1 container\ngo on? [y/N]");
    expect(stage.sent("recover")).toEqual([]);
  });

  it("sends the word on exactly what it showed, and waits until it is carried out", async () => {
    const decided = { decided: RecoveryAction.ADOPT };
    const story = waiting([item(1), item(2)], [item(1, decided), item(2, decided)], [item(2, decided)], []);
    const { exit, stdout } = await stage.theseus(story, ["recover", "--adopt", "-y", "-m", "old backup"]);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/adopted 2 containers\n$/);
    expect(stage.sent("recover")).toMatchObject([
      { action: RecoveryAction.ADOPT, token: "t1", change: { message: "old backup" }, requestId: expect.any(String) },
    ]);
    expect(stage.names().filter((name) => name === "getRecovery")).toHaveLength(4);
  });

  it("tells what is left, with exit 12", async () => {
    const stubborn = item(2, { takes: [RecoveryAction.REMOVE], ifAdopted: "cannot be adopted: no config" });
    const argv = ["recover", "--adopt", "-y", "-o", "json"];
    const { exit, stdout } = await stage.theseus(waiting([item(1), stubborn], [stubborn]), argv);
    expect(exit).toBe(12);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "RecoveryResult",
      action: "adopt",
      done: ["web.dev.1.2-aaaaaa"],
      left: [{ container: "web.dev.2.2-aaaaaa" }],
    });
  });

  it("does not wait with --detach, and stops waiting when the time is up", async () => {
    const still = item(1, { decided: RecoveryAction.REMOVE });
    const detached = await stage.theseus(waiting([item(1)]), ["recover", "--remove", "-y", "--detach"]);
    expect(detached).toMatchObject({ exit: 0, stdout: expect.stringContaining("accepted: 1 container") });
    const argv = ["recover", "--remove", "-y", "--timeout", "400ms"];
    const late = await stage.theseus(waiting([item(1)], [still]), argv);
    expect(late.exit).toBe(9);
    expect(late.stderr).toContain("web.dev.1.2-aaaaaa");
  });

  it("refuses two words at once, and a word that nothing takes", async () => {
    expect((await stage.theseus(waiting([]), ["recover", "--adopt", "--remove"])).exit).toBe(2);
    const engine = { containerId: "E2", host: "b", ifRemoved: "does not apply", takes: [RecoveryAction.ADOPT] };
    const { exit, stderr } = await stage.theseus(waiting([engine]), ["recover", "--remove", "-y"]);
    expect(exit).toBe(5);
    expect(stderr).toContain("engine of b: does not apply");
  });

  it("passes the server's refusal on", async () => {
    const failure = { code: status.ABORTED, reason: "CONFLICT", message: "it changed since you looked" };
    const refusing: Handlers = {
      ...waiting([item(1)]),
      recover: () => {
        throw new Refusal(failure);
      },
    };
    const { exit, stderr } = await stage.theseus(refusing, ["recover", "--adopt", "-y"]);
    expect(exit).toBe(5);
    expect(stderr).toContain("it changed since you looked");
  });
});

describe("theseus describe", () => {
  const nobody: Handlers = {
    getGroup: () => {
      throw new Refusal({ code: status.NOT_FOUND, reason: "NO_SUCH_GROUP", message: "there is no group web/dev" });
    },
  };

  it("names the containers of a group that the store does not know", async () => {
    const { exit, stderr } = await stage.theseus({ ...waiting([item(1)]), ...nobody }, ["describe", "web/dev"]);
    expect(exit).toBe(4);
    expect(stderr).toContain("web.dev.1.2-aaaaaa");
    expect(stderr).toContain("theseus recover");
    const other = await stage.theseus({ ...waiting([item(1)]), ...nobody }, ["describe", "web/prod"]);
    expect(other.stderr).not.toContain("recover");
  });

  it("names what waits on a host", async () => {
    const handlers: Handlers = {
      ...waiting([item(1), item(2, { host: "elsewhere" })]),
      getHost: () => GetHostResponse.fromPartial({ host: { name: "local" } }),
      listContainers: () => ({ containers: [], nextPageToken: "", revision: 1n }),
    };
    const { stdout } = await stage.theseus(handlers, ["describe", "host", "local"]);
    expect(stdout).toMatch(/recover +web\.dev\.1\.2-aaaaaa: the store knows 1/);
    expect(stdout).not.toContain("web.dev.2.2-aaaaaa");
  });
});

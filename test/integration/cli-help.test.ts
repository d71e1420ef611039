// Help, versions, and servers that are ill or absent, against a server that says what it is told to say.

import { afterEach, describe, expect, it } from "@jest/globals";
import { GetServerStatusResponse } from "../../clients/gen/theseus/v1/theseus_service.js";
import { CliStage } from "../support/cli-stage.js";
import { type Handlers, startFakeTheseus } from "../support/fake-theseus.js";
import { type CliResult, runCli } from "../support/run-cli.js";

/** An address where nothing listens. */
async function closedAddress(): Promise<string> {
  const server = await startFakeTheseus({});
  server.close();
  return server.address;
}

const stage = new CliStage();
afterEach(() => stage.strike());

const json = ({ stdout }: CliResult): unknown => JSON.parse(stdout);

describe("server status and version", () => {
  const well = GetServerStatusResponse.fromPartial({
    version: "0.1.0",
    serverId: "s1",
    leaderId: "s1",
    storeReachable: true,
    revision: 7n,
    serverIds: ["s1"],
  });

  it("are well, or say what is not", async () => {
    expect(await stage.theseus({ getServerStatus: () => well }, ["server", "status"])).toMatchObject({
      exit: 0,
      stderr: "",
    });
    const ill = { ...well, storeReachable: false, leaderId: "", problems: ["the disk is full"] };
    const { exit, stdout } = await stage.theseus({ getServerStatus: () => ill }, ["server", "status"]);
    expect(exit).toBe(1);
    expect(stdout).toMatch(/FAIL {2}store.*\nWARN {2}leader.*\nFAIL {2}problem {3}the disk is full\n/);
    expect(json(await stage.theseus({ getServerStatus: () => ill }, ["server", "status", "-o", "json"]))).toMatchObject(
      {
        kind: "Report",
        ok: false,
      },
    );
  });

  it("can be waited for", async () => {
    let asked = 0;
    const starting: Handlers = {
      getServerStatus: () => {
        asked += 1;
        return asked < 3 ? { ...well, leaderId: "" } : well;
      },
    };
    expect((await stage.theseus(starting, ["server", "status", "--wait"])).exit).toBe(0);
    expect(asked).toBe(3);
  });

  it("of this program needs no server", async () => {
    expect(await runCli(["version", "--client", "--server", "127.0.0.1:1"])).toMatchObject({
      exit: 0,
      stdout: expect.stringMatching(/^client {2}\d+\.\d+\.\d+/),
    });
    expect(json(await stage.theseus({ getServerStatus: () => well }, ["version", "-o", "json"]))).toMatchObject({
      client: { api: "theseus.v1" },
      server: { version: "0.1.0" },
    });
  });
});

describe("without a server", () => {
  it("every command is exit 10 with four lines", async () => {
    const address = await closedAddress();
    for (const argv of [
      ["get", "groups"],
      ["describe", "web/dev"],
      ["discover", "web"],
      ["version"],
      ["server", "status"],
      ["scale", "web/dev", "3"],
    ]) {
      const { exit, stderr, stdout } = await runCli([...argv, "--server", address]);
      expect({ argv, exit, stdout }).toEqual({
        argv,
        exit: 10,
        stdout: argv[0] === "version" ? expect.any(String) : "",
      });
      expect(stderr).toMatch(
        /^error: no answer .*\[SERVER_UNREACHABLE\]\n {2}why {3}connect ECONNREFUSED .*\n {2}now {3}.*\n {2}next {2}/,
      );
    }
  });
});

describe("help", () => {
  it("is printed for every command, on stdout", async () => {
    for (const words of [[], ["get"], ["apply"], ["set", "image"], ["namespace", "remove"], ["server", "status"]]) {
      const asked = await runCli([...words, "--help"]);
      expect({ words, ...asked }).toMatchObject({
        exit: 0,
        stderr: "",
        stdout: expect.stringContaining("Usage: theseus"),
      });
      expect(await runCli(["help", ...words])).toEqual(asked);
    }
    expect((await runCli(["help", "exit-codes"])).stdout).toMatch(/^EXIT {2}NAME/);
  });

  it("mistyped commands and flags are told the nearest", async () => {
    expect(await runCli(["aply"])).toMatchObject({ exit: 2, stderr: expect.stringContaining("did you mean apply") });
    expect(await runCli(["apply", "--fiel", "x"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("did you mean --file"),
    });
    expect(await runCli(["set", "imgae"])).toMatchObject({ exit: 2 });
    expect(await runCli(["scale"])).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining("missing required argument"),
    });
    expect(JSON.parse((await runCli(["aply", "-o", "json"])).stderr)).toMatchObject({
      error: { code: "USAGE", exit: 2 },
    });
  });
});

import { describe, expect, it } from "@jest/globals";
import { plainWords, remedies } from "../../../src/etcd/error-words.js";
import { brokenBackup, translate } from "../../../src/etcd/errors.js";

/** As etcd3 has them: the class carries what the code said. */
class GRPCUnavailableError extends Error {}
class GRPCNotImplementedError extends Error {}
class GRPCResourceExhastedError extends Error {}
class GRPCDataLossError extends Error {}

const AT = { call: "range", writes: false, endpoint: "https://e:2379" };
const lost = (cause: string) =>
  new GRPCUnavailableError(`14 UNAVAILABLE: No connection established. Last error: ${cause}. Resolution note: `);
const ALERT =
  "809C4B5C817F0000:error:0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate:../deps/openssl/rec_layer_s3.c:1601:SSL alert number 42\n (2026-11-22T18:59:34.032Z)";

const FAILURES: readonly (readonly [Error, string])[] = [
  [lost("Error: connect ECONNREFUSED 127.0.0.1:1"), "connect ECONNREFUSED 127.0.0.1:1"],
  [lost(ALERT), "it refuses our certificate: it is none, or not of the authority that etcd trusts"],
  [
    lost("Error: unable to verify the first certificate"),
    "its certificate is not of the authority that --etcd-ca names",
  ],
  [
    lost("Error: Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list: "),
    "its certificate is for other names than this address",
  ],
  [lost("Error: certificate has expired"), "its certificate has expired"],
  [
    lost("Error: Client network socket disconnected before secure TLS connection was established"),
    "it does not speak TLS; is https:// right?",
  ],
  [lost("Protocol error (2026-11-22T18:59:34.253Z)"), "what answers there does not speak gRPC; is it an etcd?"],
  [
    lost("Failed to connect (2026-11-22T18:59:34.211Z)"),
    "it takes the connection and closes it at once; is it an etcd, and does it want https://?",
  ],
  [lost("null"), "it takes the connection and closes it at once; is it an etcd, and does it want https://?"],
  [
    lost("read ECONNRESET (2026-11-22T19:44:46.612Z)"),
    "it takes the connection and closes it at once; is it an etcd, and does it want https://?",
  ],
  [lost("connect EHOSTUNREACH 10.0.0.1:2379 (2026-11-22T19:44:46.612Z)"), "connect EHOSTUNREACH 10.0.0.1:2379"],
  [
    new Error("14 UNAVAILABLE: Channel closed before call started"),
    "no connection in time: nothing takes it, or what does says nothing",
  ],
  [
    new Error("4 DEADLINE_EXCEEDED: Deadline exceeded after 2.002s,Waiting for LB pick"),
    "no connection in time: nothing takes it, or what does says nothing",
  ],
  [new Error("4 DEADLINE_EXCEEDED: Deadline exceeded after 2.001s,remote_addr=127.0.0.1:2379"), "no answer in time"],
  [
    new Error("14 UNAVAILABLE: Name resolution failed for target dns:nosuch.invalid:2379"),
    "its name cannot be resolved to an address",
  ],
  [
    new GRPCNotImplementedError("12 UNIMPLEMENTED: The server does not implement the method /etcdserverpb.KV/Range"),
    "what answers there is a gRPC server, and no etcd",
  ],
  [
    new Error("3 INVALID_ARGUMENT: etcdserver: user name is empty"),
    "it wants a user and a password, and none was given",
  ],
  [new Error("14 UNAVAILABLE: Connection dropped"), "the connection broke"],
  [new Error(""), "it failed and did not say why"],
];

describe("what is wrong with etcd", () => {
  it.each(FAILURES.map(([error, words]) => [words, error] as const))("is told: %s", (words, error) => {
    expect(plainWords(error)).toBe(words);
  });

  it("what nobody knows is told by its first line, and not without end", () => {
    expect(plainWords(new Error(`13 INTERNAL: ${"x".repeat(500)}\nmore`))).toBe("x".repeat(200));
  });

  it("is to be put right where it is wrong", () => {
    expect(remedies(lost(ALERT))?.[0]).toMatch(/--etcd-cert.* start it again after a change$/);
    expect(remedies(new Error("etcdserver: permission denied"))?.[0]).toMatch(/^etcdctl role grant-permission /);
    expect(remedies(lost("Error: connect ECONNREFUSED 127.0.0.1:1"))).toBeUndefined();
  });
});

describe("the reason of a failed call", () => {
  const reasonOf = (error: unknown, writes = false) => translate(error, { ...AT, writes }).reason;

  it("is the store's, whatever answers in its place", () => {
    expect(reasonOf(new GRPCNotImplementedError("12 UNIMPLEMENTED: unknown service etcdserverpb.KV"), true)).toBe(
      "STORE_UNREACHABLE",
    );
    expect(reasonOf(lost(ALERT), true)).toBe("STORE_UNREACHABLE");
    expect(reasonOf(new GRPCDataLossError("15 DATA_LOSS: etcdserver: corrupt cluster"), true)).toBe(
      "STORE_UNREACHABLE",
    );
    expect(reasonOf(new GRPCUnavailableError("14 UNAVAILABLE: Connection dropped"), true)).toBe("OUTCOME_UNKNOWN");
  });

  it("of a full store comes with the commands that make room", () => {
    const full = new GRPCResourceExhastedError("8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded");
    expect(translate(full, AT)).toMatchObject({
      reason: "STORE_FULL",
      facts: {
        next: [
          expect.stringMatching(/^etcdctl --endpoints=https:\/\/e:2379 compact \$\(/),
          expect.stringMatching(/ defrag /),
          expect.stringMatching(/ alarm disarm$/),
          expect.stringMatching(/--quota-backend-bytes$/),
        ],
      },
    });
  });

  it("of a backup that is not for this user says which role it takes", () => {
    const { reason, facts } = brokenBackup(new Error("2 UNKNOWN: auth: permission denied"), AT);
    expect([reason, facts.next?.[0]]).toEqual(["STORE_UNREACHABLE", expect.stringContaining("grant-role USER root")]);
  });

  it("of half a backup is never another", () => {
    expect(brokenBackup(undefined, AT)).toMatchObject({ reason: "STORE_UNREACHABLE" });
    expect(brokenBackup(new Error("what"), AT)).toMatchObject({ reason: "STORE_UNREACHABLE" });
  });
});

// How failures travel: one ErrorInfo with the lines people see, and never more than headers hold.

import { status as Code } from "@grpc/grpc-js";
import { describe, expect, it } from "@jest/globals";
import { BadRequest, ErrorInfo, RequestInfo, RetryInfo } from "../../../clients/gen/google/rpc/error_details.js";
import { Status } from "../../../clients/gen/google/rpc/status.js";
import { ErrorReason } from "../../../clients/gen/theseus/v1/error_reason.js";
import { failureOf, protoReason, toWireStatus } from "../../../src/grpc/status.js";
import { type ErrorFacts, REASONS, type Reason, TheseusError } from "../../../src/model/errors.js";
import { detailsOf } from "./rig.js";

function sent(reason: Reason, facts: ErrorFacts) {
  const wire = toWireStatus(failureOf(new TheseusError(reason, facts), "id1"), "id1");
  const [bytes] = wire.metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(bytes)) throw new Error("no details");
  return { wire, bytes, status: Status.decode(bytes) };
}

describe("a failure on the wire", () => {
  it.each(REASONS)("%s has its number in the proto and a code that is an error", (reason) => {
    expect(ErrorReason[protoReason(reason)]).toBe(reason);
    const { wire, status } = sent(reason, { what: "it happened" });
    expect(wire.code).not.toBe(Code.OK);
    expect(status).toMatchObject({ code: wire.code, message: "it happened" });
    expect(detailsOf(status, "ErrorInfo", ErrorInfo)).toEqual([{ reason, domain: "theseus", metadata: {} }]);
    expect(detailsOf(status, "RequestInfo", RequestInfo)).toEqual([{ requestId: "id1", servingData: "" }]);
  });

  it("carries the four lines and the values in them", () => {
    const facts = { what: "w", why: ["a", "b"], now: "n", next: ["x", "y"], metadata: { port: "80" }, retryable: true };
    const { status } = sent("PORT_TAKEN", facts);
    expect(detailsOf(status, "ErrorInfo", ErrorInfo)[0]?.metadata).toEqual({
      why: "a\nb",
      now: "n",
      next: "x\ny",
      port: "80",
      retryable: "true",
    });
    expect(detailsOf(status, "RetryInfo", RetryInfo)).toHaveLength(1);
  });

  it("with a thousand violations stays within what headers hold, and counts the rest", () => {
    const violations = Array.from({ length: 1000 }, (_, i) => ({ field: `env.NAME_${i}`, text: "x".repeat(80) }));
    const { bytes, status } = sent("INVALID_REQUEST", {
      what: "w",
      why: violations.map(({ text }) => text),
      violations,
    });
    expect(bytes.length).toBeLessThanOrEqual(32 * 1024);
    const shown = detailsOf(status, "BadRequest", BadRequest)[0]?.fieldViolations ?? [];
    expect(shown.at(-1)?.description).toBe(`and ${1000 - (shown.length - 1)} more`);
  });

  it("with text that no header takes is still sent", () => {
    expect(() => encodeURI(sent("INTERNAL", { what: "half \ud800 pair\n" }).wire.details)).not.toThrow();
  });

  it("that nobody foresaw is INTERNAL and tells nothing of itself", () => {
    const failure = failureOf(new TypeError("x is undefined"), "id7");
    expect(failure).toMatchObject({ reason: "INTERNAL", code: Code.INTERNAL, facts: { cause: expect.any(TypeError) } });
    expect(failure.facts.what).toContain("id7");
    expect(failure.facts.what).not.toContain("undefined");
  });
});

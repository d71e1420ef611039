import { describe, expect, it } from "@jest/globals";
import { targetsOf } from "../../../clients/viewer/gateway/log-api.js";
import { Params } from "../../../clients/viewer/gateway/params.js";
import { targetOf } from "../../../clients/viewer/gateway/routes.js";

const params = (query: string) => new Params(new URLSearchParams(query));

describe("the path of a request", () => {
  it("is split from its query", () => {
    const target = targetOf("/api/group?ns=shop&ref=web/dev");
    expect(target).toMatchObject({ kind: "target", path: "/api/group" });
    expect(target.kind === "target" && target.query.get("ref")).toBe("web/dev");
    expect(targetOf("/?q=%3Cscript%3E")).toMatchObject({ path: "/" });
  });

  it("is refused when it is too long, another's, or not well formed", () => {
    expect(targetOf(`/groups?q=${"a".repeat(8_200)}`)).toMatchObject({ kind: "refused", status: 414 });
    for (const url of ["", "*", "http://evil.example/", "//evil.example/", "/%", "/?q=%zz", "/?q=%c3%28"])
      expect(targetOf(url)).toMatchObject({ kind: "refused", status: 400 });
  });
});

describe("what a query asks for", () => {
  it("is read by name, with what is usual", () => {
    expect(params("ref=web/prod,dev").group()).toEqual({
      namespace: "default",
      service: "web",
      labels: ["dev", "prod"],
    });
    expect(params("ns=shop&ref=web/-").group()).toEqual({ namespace: "shop", service: "web", labels: [] });
    expect(params("tail=5").count("tail")).toBe(5);
    expect([params("follow=1").isOn("follow"), params("").isOn("follow")]).toEqual([true, false]);
  });

  it.each([
    ["ns=Shop&ref=web/dev", (of: Params) => of.group()],
    ["ns=default&ref=web", (of: Params) => of.group()],
    ["ns=default", (of: Params) => of.group()],
    ["ns=a&ns=b&ref=web/dev", (of: Params) => of.group()],
    ["ref=web/dev%00", (of: Params) => of.group()],
    ["ref=web/dev:3", (of: Params) => of.group()],
    ["ref=web/DEV", (of: Params) => of.group()],
    ["service=-a", (of: Params) => of.service()],
    ["labels=a,,b", (of: Params) => of.labels()],
    ["port=HTTP", (of: Params) => of.port()],
    ["tail=-1", (of: Params) => of.count("tail")],
    ["tail=1e3", (of: Params) => of.count("tail")],
    ["tail=6", (of: Params) => of.count("tail", 5)],
    ["target=default%20web/dev&slot=2147483648", targetsOf],
    ["follow=yes", (of: Params) => of.isOn("follow")],
    [`host=${"a".repeat(2_000)}`, (of: Params) => of.text("host")],
    [`${"target=x&".repeat(101)}`, (of: Params) => of.list("target")],
  ])("is refused when it cannot be: %s", (query, read) => {
    expect(() => read(params(query))).toThrow(/\S/);
  });
});

import { describe, expect, test } from "vitest";
import type { Call } from "../server/call.ts";
import { checkExposure } from "./check-exposure.ts";
import { guardCheck, type GuardOptions } from "./guard-check.ts";
import { isLoopback } from "./is-loopback.ts";

const local: GuardOptions = { host: "127.0.0.1" };
const open: GuardOptions = { host: "0.0.0.0" };

/** What a guard says to a request with these headers. */
function said(options: GuardOptions, host: string | undefined, origin?: string) {
  const headers = { ...(host === undefined ? {} : { host }), ...(origin === undefined ? {} : { origin }) };
  // A guard looks at nothing else.
  const error = guardCheck(options)({ incoming: { headers } } as unknown as Call);
  return error === undefined ? "good" : `${error.code} ${String(Object.values(error.details)[0])}`;
}

describe("the host of a request", () => {
  test.each([
    "localhost",
    "LOCALHOST:3000",
    "localhost.",
    "127.0.0.1:3000",
    "127.9.9.9",
    "[::1]:3000",
    "[::ffff:127.0.0.1]",
  ])("is good when only this computer has it: %s", (host) => {
    expect(said(local, host)).toBe("good");
    expect(said(open, host)).toBe("good");
  });

  test.each([
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example:3000",
    "169.254.169.254",
    "0.0.0.0",
    "[::]",
    "2130706433",
    "127.1",
    "localhost:3000:3000",
    "user@localhost",
    "localhost/",
    "localhost, evil.example",
    "localhost\tevil",
    "[localhost]",
    "[127.0.0.1]",
    "[::1",
    "::1",
    "localhost..",
    "",
    undefined,
  ])("is refused where it is another: %s", (host) => {
    expect(said(local, host)).toBe("FORBIDDEN host");
  });

  test("may be any in digits where others are to reach the service, but no name", () => {
    expect(said(open, "10.1.2.3:80")).toBe("good");
    expect(said(open, "[fd00::1]")).toBe("good");
    expect(said(open, "evil.example")).toBe("FORBIDDEN host");
    expect(said(open, "2130706433")).toBe("FORBIDDEN host");
  });

  test("may be the one where the service listens, and those that are allowed", () => {
    const options = {
      host: "agents.internal",
      allowedHosts: ["API.example.com", "*.svc.example", "192.0.2.1"],
    };
    expect(said(options, "agents.internal:80")).toBe("good");
    expect(said(options, "api.example.com")).toBe("good");
    expect(said(options, "a.b.svc.example:8080")).toBe("good");
    expect(said({ ...options, host: "127.0.0.1" }, "192.0.2.1")).toBe("good");
    expect(said(options, "svc.example")).toBe("FORBIDDEN host");
    expect(said(options, "evilsvc.example")).toBe("FORBIDDEN host");
    expect(said(options, "api.example.com.evil.example")).toBe("FORBIDDEN host");
    expect(said({ ...local, allowedHosts: ["*"] }, "any.example")).toBe("good");
    expect(said({ ...local, allowedHosts: ["*"] }, "any example")).toBe("FORBIDDEN host");
  });

  test("is looked at again after many others", () => {
    const check = guardCheck(local);
    for (let port = 1; port <= 300; port++) {
      const headers = { host: `localhost:${port}` };
      expect(check({ incoming: { headers } } as unknown as Call)).toBeUndefined();
    }
  });
});

describe("the origin of a request", () => {
  test("is good when it is the service itself", () => {
    expect(said(local, "localhost:3000", "http://localhost:3000")).toBe("good");
    expect(said(local, "localhost:3000", "https://LOCALHOST:3000")).toBe("good");
  });

  test.each([
    "null",
    "",
    "http://localhost",
    "http://localhost:3001",
    "http://127.0.0.1:3000",
    "http://evil.example",
    "file://localhost:3000",
    "http://localhost:3000.evil.example",
    "http://localhost:3000, http://localhost:3000",
    "https://app.example.com.evil.example",
    "http://app.example.com",
  ])("is refused where it is another: %s", (origin) => {
    const allowedOrigins = ["https://app.example.com"];
    expect(said({ ...local, allowedOrigins }, "localhost:3000", origin)).toBe("FORBIDDEN origin");
  });

  test("may be one that is allowed", () => {
    const allowedOrigins = ["https://app.example.com"];
    expect(said({ ...local, allowedOrigins }, "localhost:3000", "https://app.example.com")).toBe("good");
  });
});

test.each([
  ["allowedHosts", "api.example.com"],
  ["allowedHosts", ["api.example.com:80"]],
  ["allowedHosts", ["https://api.example.com"]],
  ["allowedHosts", ["a.*.example.com"]],
  ["allowedHosts", [""]],
  ["allowedHosts", [1]],
  ["allowedOrigins", ["*"]],
  ["allowedOrigins", ["app.example.com"]],
  ["allowedOrigins", ["https://app.example.com/"]],
  ["allowedOrigins", ["https://app.example.com:443"]],
  ["allowedOrigins", ["null"]],
])("refuses %s of %j", (name, value) => {
  // A caller without types.
  expect(() => guardCheck({ ...local, [name]: value })).toThrow(expect.objectContaining({ code: "CONFIG" }));
});

describe("a service without tokens", () => {
  test.each([
    "127.0.0.1",
    "127.255.0.1",
    "localhost",
    "LocalHost",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::ffff:127.0.0.1",
  ])("may listen at %s", (host) => {
    expect(isLoopback(host)).toBe(true);
    expect(() => checkExposure(host, false)).not.toThrow();
  });

  test.each([
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "128.0.0.1",
    "::2",
    "::ffff:10.0.0.1",
    "example.com",
    "127.1",
    "localhost.",
  ])("may not listen at %s, but one with tokens may", (host) => {
    const refusal = { code: "CONFIG", hint: expect.stringContaining("tokens") };
    expect(() => checkExposure(host, false)).toThrow(expect.objectContaining(refusal));
    expect(() => checkExposure(host, true)).not.toThrow();
  });
});

test("says which header was refused, what it named, and what allows it", () => {
  const long = `${"a".repeat(200)}.example`;
  const refusal = (host: string, origin?: string) => {
    const headers = { host, ...(origin === undefined ? {} : { origin }) };
    // A guard looks at nothing else.
    return guardCheck(local)({ incoming: { headers } } as unknown as Call);
  };
  const byHost = refusal('evil"\u0007.example');
  expect(byHost?.message).toContain(
    String.raw`Host header names what this service does not allow: "evil\"\u0007.example"`,
  );
  expect(byHost?.hint).toContain("--allowed-host");
  const byOrigin = refusal("localhost", `https://${long}`);
  expect(byOrigin?.message).toContain(`Origin header names what this service does not allow: "https://aaa`);
  expect(byOrigin?.message.length).toBeLessThan(250);
  expect(byOrigin?.hint).toContain("--allowed-origin");
});

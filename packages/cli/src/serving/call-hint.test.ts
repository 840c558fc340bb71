import { AtomicError, type ErrorDetails } from "@atomic-agents/core";
import { expect, test } from "vitest";
import { callHint } from "./call-hint.ts";

const timeout = (timeoutMs: number, cause?: unknown) =>
  new AtomicError("TIMEOUT", "It took too long.", { details: { scope: "run", timeoutMs }, cause });

const connection = (executed: ErrorDetails["CONNECTION"]["executed"], cause?: unknown) =>
  new AtomicError("CONNECTION", "It did not answer.", {
    details: { executed, url: "http://a" },
    requestId: "r-1",
    cause,
  });

test("whose limit a run has met", () => {
  expect(callHint(timeout(500))).toBe("Give it more with --timeout.");
  expect(callHint(timeout(3_000, timeout(3_000)))).toMatch(/given 3000 ms.*what the service allows/);
});

test("whether work may have been done when the connection failed", () => {
  expect(callHint(connection("no"))).toMatch(/^Nothing was done\./);
  expect(callHint(connection("perhaps"))).toMatch(/may have been done: look for r-1 in the log/);
});

test("a hint that says more than that of all such errors stays", () => {
  expect(callHint(connection("no").with({ hint: "Is it running?" }))).toBe("Is it running?");
  const overloaded = new AtomicError("OVERLOADED", "It is full.", { details: {} });
  expect(callHint(overloaded)).toBe(overloaded.hint);
});

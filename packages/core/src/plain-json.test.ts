import { expect, test } from "vitest";
import { AtomicError } from "./errors/atomic-error.ts";
import { errorFromJson } from "./errors/error-from-json.ts";
import { redacted } from "./plain-json.ts";
import { Secret } from "./secret.ts";

test("a value that is shown has neither the texts of secrets nor what stands under keys like password", () => {
  const secret = new Secret("opal-heron-1187", "vault");
  const value = { url: `https://x/${secret.reveal()}`, deep: [{ API_KEY: "k", kept: 5n }], at: Number.NaN };
  expect(redacted(value)).toEqual({
    url: "https://x/[secret vault]",
    deep: [{ API_KEY: "[redacted]", kept: "[bigint 5]" }],
    at: null,
  });
  expect(redacted(value, { redactKeys: ["kept"] })).toMatchObject({
    deep: [{ API_KEY: "k", kept: "[redacted]" }],
  });
});

test("a value that is shown takes no more room than it may", () => {
  const text = JSON.stringify(redacted(Array.from({ length: 10_000 }, (_, index) => `é ${index}`)));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16_384);
  expect(
    Buffer.byteLength(JSON.stringify(redacted("é".repeat(5_000), { maxBytes: 1_024 }))),
  ).toBeLessThanOrEqual(1_024);
});

test.each([
  [{ maxBytes: 1_023 }, "maxBytes"],
  [{ maxBytes: Number.NaN }, "maxBytes"],
  [{ redactKeys: "password" }, "redactKeys"],
  [{ redactKeys: [5] }, "redactKeys"],
  [{ keys: [] }, "keys"],
])("options %j are refused", (options, path) => {
  expect(() => redacted(1, options as object)).toThrow(
    expect.objectContaining({ code: "CONFIG", details: expect.objectContaining({ path }) as unknown }),
  );
});

test("an error comes back from JSON with all that JSON has of it", () => {
  const error = new AtomicError("TIMEOUT", "too slow", {
    agent: "a",
    stage: "s",
    runId: "r",
    details: { scope: "attempt", timeoutMs: 5 },
    disposition: "dead-letter",
    retryable: false,
    timestamp: 1_000,
  });
  const read = errorFromJson(JSON.parse(JSON.stringify(error)));
  expect(read.toJSON()).toEqual(error.toJSON());
  expect(AtomicError.isInstance(read, "TIMEOUT")).toBe(true);
  for (const json of [null, "x", [], 5]) expect(() => errorFromJson(json)).toThrow("must be an object");
});

test("of what is no error of ours, all that can be read is", () => {
  // Neither has a text.
  const odd: unknown = JSON.parse('{ "toString": 1, "valueOf": 1 }');
  expect(errorFromJson({ code: odd, message: "x", timestamp: odd })).toMatchObject({
    code: "EXECUTION",
    message: "no code: x",
    details: { thrown: "x" },
    timestamp: Number.NaN,
  });
  expect(errorFromJson({ code: "TIMEOUT", message: odd, timestamp: odd })).toMatchObject({
    code: "TIMEOUT",
    message: "",
  });
});

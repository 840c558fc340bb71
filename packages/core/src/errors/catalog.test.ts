import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { AtomicError, type CatalogEntry, type ErrorCode, errorCatalog, type ErrorDetails } from "../index.ts";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const document = readFileSync(`${repository}docs/errors.md`, "utf8");

/** One of each code, with details of its type: a code without details, or details without a code, does not compile. */
const details: { readonly [TCode in keyof ErrorDetails | ErrorCode]: ErrorDetails[TCode] } = {
  VALIDATION_INPUT: { issues: [] },
  VALIDATION_OUTPUT: { issues: [] },
  EXECUTION: { thrown: "busy" },
  TIMEOUT: { scope: "attempt", timeoutMs: 5 },
  CANCELLED: { reason: "by the caller" },
  BUDGET_EXCEEDED: { kind: "calls", limit: 1, spent: 1, asked: 1 },
  RATE_LIMITED: { retryAfterMs: 5 },
  NO_ROUTE: { chosen: "a", cases: ["b"] },
  ALL_FAILED: { failures: [{ agent: "a", code: "EXECUTION", message: "busy" }] },
  CIRCUIT_OPEN: { retryAfterMs: 10 },
  NO_INSTANCE: { replicas: 2, capacity: 2, waitedMs: 10 },
  RESOURCE: { resource: "db", phase: "create" },
  LOOP_LIMIT: { maxRounds: 100 },
  EVENT_TIME: { problem: "late", time: "", watermark: "", windowEnd: "" },
  MIDDLEWARE: { pipeline: "p", stage: "s", position: 1, problem: "next-twice" },
  BAD_REQUEST: { status: 413, problem: "too-large" },
  UNAUTHENTICATED: { problem: "missing" },
  FORBIDDEN: { needs: "execute" },
  NOT_FOUND: { what: "run", name: "r" },
  IDEMPOTENCY_CONFLICT: { key: "k" },
  OVERLOADED: { retryAfterMs: 5 },
  CONNECTION: { executed: "no", url: "http://localhost" },
  INCOMPATIBLE: { side: "input", verdict: "never", reasons: [] },
  CONFIG: { path: "timeoutMs", expected: "a number", got: "-1" },
};

const entries: readonly (readonly [ErrorCode, CatalogEntry])[] = Object.entries(errorCatalog) as readonly [
  ErrorCode,
  CatalogEntry,
][];

test("catalogue, document and the types of details have the same codes, in one order", () => {
  const codes = Object.keys(errorCatalog);
  expect([...document.matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code)).toEqual(codes);
  expect([...document.matchAll(/^\| \[`([A-Z_]+)`\]/gm)].map(([, code]) => code)).toEqual(codes);
  expect(Object.keys(details)).toEqual(codes);
});

describe.each(entries)("%s", (code, entry) => {
  test("is documented as the catalogue has it", () => {
    const section = document.split(`\n## ${code}\n`)[1]?.split("\n## ")[0] ?? "";
    for (const text of [entry.meaning, entry.cause, entry.fix]) expect(section).toContain(text);
    expect(section).toContain(`**HTTP status**: ${entry.httpStatus}\n`);
    expect(section).toContain(`**Retryable**: ${entry.retryable ? "yes" : "no"}\n`);
    const shape = /\*\*details\*\*: `(.+)`/.exec(section)?.[1] ?? "";
    for (const key of Object.keys(details[code])) expect(shape).toMatch(new RegExp(`\\b${key}\\??: `));
  });

  test("gives its error what the catalogue says", () => {
    const error = new AtomicError(code, "what happened", { details: details[code] });
    expect(error).toMatchObject({ code, retryable: entry.retryable, hint: entry.fix, disposition: "stop" });
    expect(AtomicError.isInstance(error, code)).toBe(true);
    expect(entry.httpStatus).toBeGreaterThanOrEqual(400);
    expect(entry.httpStatus).toBeLessThan(600);
  });
});

test("the document is what the script makes of the catalogue", async () => {
  const script = `${repository}scripts/make-error-docs.ts`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--no-warnings", script, "--check"]);
  expect(stdout).toContain("says what the catalogue says");
});

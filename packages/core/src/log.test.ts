import { createVirtualClock } from "@atomic-agents/testing";
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { AtomicError } from "./errors/atomic-error.ts";
import { createLog, type Log, type LogFields, type LogOptions } from "./log.ts";

/** What a log wrote, line by line. */
function written(
  write: (log: Log) => void,
  options: LogOptions = {},
): readonly Readonly<Record<string, unknown>>[] {
  const lines: string[] = [];
  write(createLog({ ...options, write: (line) => lines.push(line) }));
  for (const line of lines) expect(line).not.toContain("\n");
  // Each line is an object.
  return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

const all = (log: Log) => {
  log.debug("d");
  log.info("i");
  log.warn("w", { count: 1 });
  log.error("e");
};

test("writes a JSON object a line, from its level up", () => {
  expect(written(all)).toMatchObject([
    { level: "warn", message: "w", count: 1 },
    { level: "error", message: "e" },
  ]);
  expect(written(all, { level: "debug" }).map(({ level }) => level)).toEqual([
    "debug",
    "info",
    "warn",
    "error",
  ]);
  expect(written(all, { level: "silent" })).toEqual([]);
});

test("has its time from the clock it is given", async () => {
  const clock = createVirtualClock({ timestampMs: Date.UTC(2030, 0, 1) });
  const lines: unknown[] = [];
  const log = createLog({ clock, write: (line) => lines.push((JSON.parse(line) as { time: unknown }).time) });
  log.warn("a");
  await clock.advance(1_500);
  log.with({ a: 1 }).warn("b");
  clock.setTimestamp(1e300);
  log.warn("c");
  expect(lines).toEqual(["2030-01-01T00:00:00.000Z", "2030-01-01T00:00:01.500Z", null]);
});

test("has the computer's time, and writes to standard error, when nothing else is said", () => {
  const program = `
    import { createLog } from "@atomic-agents/core";
    createLog().warn("first\\nline", { n: 1 });
    createLog().info("not this one");`;
  const before = Date.now();
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--conditions=@atomic-agents/source", "--input-type=module", "--eval", program],
    { encoding: "utf8", cwd: new URL(".", import.meta.url) },
  );
  expect(stdout).toBe("");
  expect(stderr.endsWith("\n")).toBe(true);
  const line = JSON.parse(stderr) as { readonly time: string };
  expect(line).toMatchObject({ level: "warn", message: "first\nline", n: 1 });
  expect(Date.parse(line.time)).toBeGreaterThanOrEqual(before);
});

describe("fields", () => {
  test("come from the log, from those it was made of, and from the line; the last of a name stands", () => {
    const [first, second, third] = written(
      (log) => {
        const child = log.with({ b: 2, c: 2 });
        child.with({ c: 3 }).warn("m", { d: 4 });
        child.warn("m", { a: 5 });
        log.warn("m");
      },
      { fields: { a: 1, b: 1 } },
    );
    expect(first).toMatchObject({ a: 1, b: 2, c: 3, d: 4 });
    expect(second).toMatchObject({ a: 5, b: 2, c: 2 });
    expect(third).toMatchObject({ a: 1, b: 1 });
    expect(third).not.toHaveProperty("c");
  });

  test("are written once each", () => {
    const lines: string[] = [];
    const log = createLog({ fields: { a: 1 }, write: (line) => lines.push(line) });
    log.with({ a: 2 }).warn("m", { a: 3 });
    expect(lines[0]).toMatch(/"message":"m","a":3\}$/);
  });

  test("do not take the place of time, level and message", () => {
    const [line] = written((log) => log.warn("m", { time: 1, level: 2, message: 3 }));
    expect(line).toMatchObject({ level: "warn", message: "m" });
    expect(line).toMatchObject({ "fields.time": 1, "fields.level": 2, "fields.message": 3 });
  });

  test("of a log are those that it had when it was made", () => {
    const fields: Record<string, unknown> = { a: 1 };
    const [line] = written((log) => {
      const child = log.with(fields);
      fields["a"] = 2;
      child.warn("m");
    });
    expect(line).toMatchObject({ a: 1 });
  });

  test("a child has the level, and the functions of a log need no log", () => {
    const lines = written((log) => {
      const { info, warn } = log.with({ a: 1 });
      info("i");
      warn("w");
    });
    expect(lines).toMatchObject([{ message: "w", a: 1 }]);
  });
});

test("writes whatever it is given", () => {
  const shared = { a: 1 };
  const circular: Record<string, unknown> = { first: shared, second: shared };
  circular["self"] = circular;
  const throwing = {
    toJSON: () => {
      throw new Error("no");
    },
  };
  const getter = {
    get value(): never {
      throw new Error("no");
    },
  };
  // As programs in JavaScript call it.
  const loose = (value: unknown) => value as LogFields & string;
  const lines = written((log) => {
    log.warn("circular", { circular });
    log.warn("error", { error: new TypeError("x"), big: 5n });
    log.warn("throwing", { throwing, after: 1 });
    log.warn("getter", { ...{ after: 1 }, getter });
    log.warn("getter of a field", getter);
    log.warn("an error", loose(new RangeError("y")));
    log.warn("a text", loose("text"));
    log.warn("a list", loose([1]));
    log.warn("null", loose(null));
    log.warn(loose(new Error("z")));
    log.warn(loose(undefined));
  });
  expect(lines).toMatchObject([
    { circular: { first: { a: 1 }, second: { a: 1 }, self: "[circular]" } },
    { error: { name: "TypeError", message: "x" }, big: "5" },
    { throwing: "[could not be read]", after: 1 },
    { getter: { value: "[could not be read]" }, after: 1 },
    { value: "[could not be read]" },
    { error: { name: "RangeError", message: "y" } },
    { fields: "text" },
    { fields: [1] },
    { message: "null" },
    { message: { name: "Error", message: "z" } },
    { message: null },
  ]);
});

test("an AtomicError has its parts, its cause and its stack", () => {
  const error = new AtomicError("TIMEOUT", "too slow", {
    agent: "slow",
    details: { scope: "attempt", timeoutMs: 5 },
    cause: new Error("inner"),
  });
  expect(written((log) => log.error("failed", { error }))).toMatchObject([
    {
      error: {
        name: "AtomicError",
        code: "TIMEOUT",
        message: "too slow",
        agent: "slow",
        details: { scope: "attempt", timeoutMs: 5 },
        cause: { message: "inner" },
        stack: expect.stringContaining("log.test.ts") as unknown,
      },
    },
  ]);
});

test("a line is never longer than it may be", () => {
  for (const maxLineBytes of [1_024, undefined]) {
    const lines: string[] = [];
    const log = createLog({ write: (line) => lines.push(line), maxLineBytes });
    log.with({ list: Array.from({ length: 50_000 }, () => "é") }).warn("m".repeat(100_000), { last: 1 });
    const [line = ""] = lines;
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(maxLineBytes ?? 65_536);
    expect(line.length).toBeGreaterThan((maxLineBytes ?? 65_536) / 8);
    expect(line).toContain("… [cut, 100000 characters]");
    expect(line).toContain('"[cut]"');
  }
});

describe("redactKeys", () => {
  const fields = {
    password: "a",
    nested: [{ "API-Key": "b", user: "c", pin: 1, token: null }],
    Authorization: { scheme: "d" },
  };

  test("are those of credentials unless said otherwise, at any depth", () => {
    expect(written((log) => log.with({ cookie: "e" }).warn("m", fields))).toMatchObject([
      {
        password: "[redacted]",
        nested: [{ "API-Key": "[redacted]", user: "c", pin: 1, token: null }],
        Authorization: "[redacted]",
        cookie: "[redacted]",
      },
    ]);
  });

  test("are others when others are given, or none", () => {
    expect(written((log) => log.warn("m", fields), { redactKeys: ["pin"] })).toMatchObject([
      { password: "a", nested: [{ "API-Key": "b", pin: "[redacted]" }] },
    ]);
    expect(written((log) => log.warn("m", fields), { redactKeys: [] })).toMatchObject([fields]);
  });
});

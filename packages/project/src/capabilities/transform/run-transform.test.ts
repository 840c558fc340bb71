import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileTransform } from "./compile-transform.ts";
import type { TransformOptions } from "./transform-options.ts";

const keys = ["a", "b", "c", "d", "1", "toString"];
const key = fc.constantFrom(...keys);
const value = fc.constantFrom<unknown>(1, 0.5, "1", "x", "", null, undefined, true, [1], { e: 1 });
/** In any order of keys, so that there are many forms of them. */
const record = fc
  .uniqueArray(fc.tuple(key, value), { maxLength: 5, selector: ([name]) => name })
  .map((entries): Readonly<Record<string, unknown>> => Object.fromEntries(entries));

const steps: fc.Arbitrary<TransformOptions> = fc.record(
  {
    rename: fc.dictionary(key, fc.constantFrom("a", "b", "n", "m"), { maxKeys: 2 }),
    cast: fc.dictionary(
      fc.constantFrom(...keys, "n"),
      fc.constantFrom("integer" as const, "text" as const, { to: "number" as const, otherwise: 0 }),
      { maxKeys: 2 },
    ),
    derive: fc.dictionary(
      fc.constantFrom(...keys, "x"),
      fc.constantFrom("record", "7", 'get(record, "n", 1)'),
      {
        minKeys: 1,
        maxKeys: 2,
      },
    ),
    pick: fc.subarray([...keys, "n"]),
    drop: fc.subarray([...keys, "x"], { maxLength: 2 }),
  },
  { requiredKeys: [] },
);

type Apply = (record: unknown) => unknown;

/** What does it; undefined where it is refused. */
function compiled(options: TransformOptions): Apply | undefined {
  const { apply, problems, deriveError } = compileTransform(options, undefined);
  const isRefused = deriveError !== undefined || problems.some(({ severity }) => severity === "error");
  return isRefused ? undefined : apply;
}

/** With the order of keys, or how it failed. */
function outcome(apply: Apply, given: unknown): string {
  try {
    return JSON.stringify(apply(given), (_, each: unknown) => (each === undefined ? "undefined" : each));
  } catch (thrown) {
    return `failed: ${(thrown as Error).message}`;
  }
}

describe("a transformation", () => {
  it("makes the same of a record whichever records were before it", () => {
    fc.assert(
      fc.property(steps, fc.array(record, { minLength: 20, maxLength: 60 }), (options, records) => {
        const apply = compiled(options);
        if (apply === undefined) return;
        for (const given of [...records, ...records]) {
          expect(outcome(apply, given)).toBe(outcome(compiled(options) as Apply, given));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("is the same as its steps one after another", () => {
    let compared = 0;
    fc.assert(
      fc.property(steps, fc.array(record, { minLength: 20, maxLength: 60 }), (options, records) => {
        const whole = compiled(options);
        if (whole === undefined) return;
        const { rename, cast, derive, pick, drop } = options;
        const parts: readonly TransformOptions[] = [
          ...(rename === undefined ? [] : [{ rename }]),
          ...(cast === undefined ? [] : [{ cast }]),
          ...(derive === undefined ? [] : [{ derive }]),
          ...(pick === undefined ? [] : [{ pick: [...pick, ...Object.keys(derive ?? {})] }]),
          ...(drop === undefined ? [] : [{ drop }]),
        ];
        const each = parts.map((part) => compiled(part) as Apply);
        const inSteps: Apply = (given) => each.reduce((made, apply) => apply(made), given);
        for (const given of records) {
          const done = outcome(whole, given);
          expect(done).toBe(outcome(inSteps, given));
          if (!done.startsWith("failed")) compared++;
        }
      }),
    );
    expect(compared).toBeGreaterThan(500);
  });

  it("gives plain objects, and leaves the record as it was", () => {
    const apply = compiled({ rename: { a: "b" }, derive: { whole: "record" }, drop: ["c"] }) as Apply;
    const given = Object.freeze({ a: 1, c: 2 });
    const made = apply(given);
    expect(made).toStrictEqual({ b: 1, whole: { b: 1, c: 2 } });
    expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
  });
});

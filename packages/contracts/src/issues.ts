import { expectedOf } from "./expected.ts";
import { formatPath } from "./path.ts";
import { preview } from "./preview.ts";
import type { AnySchema, VendorIssue } from "./schema.ts";
import { countOf, oneLine } from "./text.ts";
import { asArray, asObject } from "./vendors/vendor-object.ts";

const maxIssues = 20;
const maxMessageLength = 500;

/** One complaint about a value. */
export interface Issue {
  /** Where in the value: `items[0].name`, `["a key"].b`; `""` is the value itself. */
  readonly path: string;
  /** What the vendor says, on one line. */
  readonly message: string;
  /** What would have been right, where the vendor says so. */
  readonly expected?: string;
  /** What was there: its type and the beginning of it, on one line; `nothing` where the key is missing. */
  readonly got: string;
}

/** The keys of a path, whose elements are keys or objects with one. */
function keysOf(issue: unknown): readonly unknown[] {
  return [...asArray(asObject(issue)?.["path"])].map((element) => {
    const segment = asObject(element);
    return segment !== undefined && "key" in segment ? segment["key"] : element;
  });
}

/** Follows the keys into the value. */
function previewAt(value: unknown, keys: readonly unknown[]): string {
  let here = value;
  for (const key of keys) {
    if (here instanceof Map) {
      if (!here.has(key)) return "nothing";
      here = here.get(key);
      continue;
    }
    const parent = asObject(here);
    if (parent === undefined) return typeof here === "string" ? preview(here) : "nothing";
    // The vendor gave it as a key; any other value is turned into one as property access does.
    const name = key as PropertyKey;
    if (!(name in parent)) return "nothing";
    here = parent[name];
  }
  return preview(here);
}

function describeIssue(issue: VendorIssue, value: unknown): Issue {
  let path = "";
  let got = "a value that cannot be read";
  let message = "is not valid";
  let expected: string | undefined;
  try {
    const keys = keysOf(issue);
    path = formatPath(keys);
    message = oneLine(String(issue.message), maxMessageLength);
    const object = asObject(issue);
    expected = expectedOf(asObject(object?.["vendorIssue"]) ?? object ?? {});
    // All that Zod says of a union that takes none of it.
    if (message === "Invalid input" && expected !== undefined) message += `: expected ${expected}`;
    got = previewAt(value, keys);
  } catch {
    // What was found out before it threw is told.
  }
  return { path, message, ...(expected !== undefined && { expected }), got };
}

/**
 * Makes a vendor's issues plain data that can be shown, logged or given back to a language model: path, message, what
 * was expected and what was there. `value` is what was validated.
 *
 * In the order of the vendor, at most 20; then one more, at the path `""`, says how many are left out. Every text is
 * short, on one line, with control and invisible characters escaped. Never throws, whatever getters or proxies the
 * value holds. What was there is shown, so a secret in the value may be.
 *
 * @example
 * ```ts
 * import { describeIssues } from "@atomic-agents/contracts";
 * import * as z from "zod";
 *
 * const Person = z.object({ name: z.string() });
 * const value = { name: 7 };
 * const result = await Person["~standard"].validate(value);
 * const [issue] = describeIssues(Person, result.issues ?? [], value);
 * issue?.path; // => "name"
 * issue?.message; // => "Invalid input: expected string, received number"
 * issue?.expected; // => "string"
 * issue?.got; // => "number 7"
 * ```
 */
export function describeIssues(
  schema: AnySchema,
  issues: readonly VendorIssue[],
  value: unknown,
): readonly Issue[] {
  const described = [...issues.slice(0, maxIssues)].map((issue) => describeIssue(issue, value));
  const left = issues.length - described.length;
  if (left <= 0) return described;
  const message = `and ${countOf(left, "more issues")} found by ${oneLine(schema["~standard"].vendor, 40)}`;
  return [...described, { path: "", message, got: preview(value) }];
}

import type { Io } from "../json-schema.ts";

/** Why a contract is not JSON, and where. */
export interface JsonProblem {
  /** Where in the schema: `items[].at`; `""` is the schema itself. Written as in `SchemaTrait`. */
  readonly path: string;
  /** What is there, as a sentence: `a Date is not JSON`. */
  readonly reason: string;
  /** True where the schema does not say what is there: it may be JSON. Left out where it surely is none. */
  readonly isUnsure?: true;
}

/** A problem with what may be JSON, or not. */
export function unsure({ path, reason }: JsonProblem): JsonProblem {
  return { path, reason, isUnsure: true };
}

/** Why what passes a check for a class is not JSON; arrays and plain objects may be. */
export function problemOfClass(path: string, given: unknown): JsonProblem {
  const name = typeof given === "function" && given.name !== "" ? given.name : "class without a name";
  if (name === "Function") return { path, reason: "a function is not JSON" };
  const reason = `${/^[AEIO]/.test(name) ? "an" : "a"} ${name} is not JSON`;
  return given === Array || given === Object ? unsure({ path, reason }) : { path, reason };
}

/** Why a value that a schema names (a literal, a unit) is not JSON; `undefined` where it is. */
export function reasonForValue(value: unknown): string | undefined {
  switch (typeof value) {
    case "undefined":
      return "undefined is not JSON";
    case "bigint":
    case "symbol":
    case "function":
      return `a ${typeof value} is not JSON`;
    case "number":
      if (Number.isFinite(value)) return undefined;
      return Number.isNaN(value) ? "NaN is not JSON" : "an infinite number is not JSON";
    case "object":
      if (value === null) return undefined;
      return value instanceof Date
        ? "a Date is not JSON"
        : "an object that is compared by identity is not JSON";
    case "string":
    case "boolean":
      return undefined;
  }
}

/** How things that are not JSON are called in a reason, what is JSON in their place, and how Zod makes them of it. */
const remedies: readonly (readonly [thing: RegExp, wire: string, zod?: string])[] = [
  [
    /\bDate\b/,
    "a string in the format date-time (in Zod z.iso.datetime())",
    "z.coerce.date() or z.codec(z.iso.datetime(), z.date(), …)",
  ],
  [/\bMap\b/, "a record, or an array of pairs", "z.codec(z.array(z.tuple([…])), z.map(…), …)"],
  [/\bSet\b/, "an array", "z.codec(z.array(…), z.set(…), …)"],
  [/\bbigint\b/, "a string of digits", "z.coerce.bigint() or z.codec(z.string(), z.bigint(), …)"],
  [/\b(URL|RegExp|Error)\b/, "a string", "z.codec(z.string(), …)"],
  [/\b(File|Blob|ArrayBuffer|Buffer|\w+Array)\b/, "a string: its content in base64, or where it is"],
  [/\bsymbol\b/, "a string"],
  [/\bNaN\b|\binfinite\b/, "null"],
];

/** What to try about a problem with one side of a contract. */
export function remedyFor({ reason }: JsonProblem, io: Io): string {
  if (/result of/.test(reason)) return "say what it results in by a schema behind it (a pipe or a codec)";
  if (/\bundefined\b/.test(reason)) return "leave the key out (optional), or use null";
  if (/\bPromise\b/.test(reason)) return "use the schema of what it is a promise of";
  if (/\bfunction\b/.test(reason)) return "leave it out of the contract";
  const [, wire, zod] = remedies.find(([thing]) => thing.test(reason)) ?? [];
  if (wire === undefined) {
    return "describe the value by a schema of strings, numbers, booleans, null, arrays and objects";
  }
  return io === "input"
    ? `use ${wire}, and make what you need of it in the code, or by a codec${zod === undefined ? "" : ` (in Zod ${zod})`}`
    : `use ${wire}, and give that`;
}

/** Why a contract is not JSON, and where. */
export interface JsonProblem {
  /** Where in the schema: `items[].at`; `""` is the schema itself. Written as in `SchemaTrait`. */
  readonly path: string;
  /** What is there, as a sentence: `a Date is not JSON`. */
  readonly reason: string;
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

/** How a thing that is not JSON is called in a reason, and what to do about it. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [
    /\bDate\b/,
    "use a string in the format date-time, and make a Date of it in the code (or by a codec on the input)",
  ],
  [
    /\bMap\b/,
    "use a record, or an array of pairs, and make a Map of it in the code (or by a codec on the input)",
  ],
  [/\bSet\b/, "use an array, and make a Set of it in the code (or by a codec on the input)"],
  [/\bbigint\b/, "use a string of digits, and make a bigint of it in the code (or by a codec on the input)"],
  [/\bundefined\b/, "leave the key out (optional), or use null"],
  [/\bNaN\b|\binfinite\b/, "use null"],
  [/\bsymbol\b/, "use a string"],
  [/\bFile\b|\bBlob\b/, "use a string: its content in base64, or where it is"],
  [/\bPromise\b/, "use the schema of what it is a promise of"],
  [/\bfunction\b/, "leave it out of the contract"],
  [/result of/, "say what it results in by a schema behind it (a pipe or a codec)"],
];

/** What to try about the first of the problems. */
export function remedyFor(reason: string): string {
  const remedy = remedies.find(([word]) => word.test(reason));
  return remedy === undefined
    ? "describe the value by a schema of strings, numbers, booleans, null, arrays and objects"
    : remedy[1];
}

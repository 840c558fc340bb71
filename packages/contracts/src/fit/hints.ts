import { asObject } from "../vendors/vendor-object.ts";

/** What two schemas name, and values worth trying are near to. */
export interface Hints {
  readonly numbers: readonly number[];
  readonly strings: readonly string[];
  readonly keys: readonly string[];
}

const most = 200;

/** Keywords with values, whose texts are no names of keywords and types. */
const data: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);

/** Texts that common patterns and formats take. */
const commonTexts = [
  "a",
  "A",
  "1",
  "abc",
  "ABC",
  "12345",
  "👍",
  "a-b",
  "a_b1",
  "Ada Lovelace",
  "ada@example.com",
  "https://example.com/a",
  "example.com",
  "2026-01-02",
  "10:20:30",
  "2026-01-02T10:20:30Z",
  "2026-01-02T10:20:30.000Z",
  "9b2f6a1e-3c4d-4e5f-8a6b-7c8d9e0f1a2b",
  "192.168.0.1",
  "2001:db8::1",
  "1.5",
  "-1",
  "#a0b1c2",
  "YWJj",
  "P1D",
  "+4915112345678",
] as const;

/** Gathers the numbers, texts and keys that stand in JSON Schemas. */
export function hintsOf(schemas: readonly unknown[]): Hints {
  const numbers = new Set<number>();
  const strings = new Set<string>();
  const keys = new Set<string>();
  const isFull = () => numbers.size + strings.size + keys.size > most;
  const visit = (value: unknown, depth: number, isData: boolean): void => {
    if (depth > 30 || isFull()) return;
    if (typeof value === "number") numbers.add(value);
    else if (isData && typeof value === "string" && value.length < 200) strings.add(value);
    const object = asObject(value);
    if (object === undefined) return;
    const { properties } = object;
    for (const key of Object.keys(asObject(properties) ?? {})) keys.add(key);
    for (const [key, each] of Object.entries(object)) visit(each, depth + 1, isData || data.has(key));
  };
  for (const schema of schemas) visit(schema, 0, false);
  return { numbers: [...numbers], strings: [...strings, ...commonTexts], keys: [...keys] };
}

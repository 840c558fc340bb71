import type { AnySchema } from "../schema-types.ts";

/** A value that no code expects. */
export interface HostileInput {
  readonly name: string;
  readonly value: unknown;
}

function circular(): unknown {
  const value: Record<string, unknown> = {};
  value["self"] = value;
  return value;
}

function deep(): unknown {
  let value: unknown = [];
  for (let depth = 0; depth < 10_000; depth++) value = [value];
  return value;
}

function throwing(): unknown {
  const refuse = () => {
    throw new Error("this value cannot be read");
  };
  return new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse });
}

function hostileInputs(): readonly HostileInput[] {
  return [
    { name: "undefined", value: undefined },
    { name: "null", value: null },
    { name: "NaN", value: Number.NaN },
    { name: "a symbol", value: Symbol("hostile") },
    { name: "a bigint", value: 10n },
    { name: "a function", value: () => {} },
    { name: "an empty array", value: [] },
    { name: "an empty object", value: {} },
    { name: "an object with an own __proto__", value: JSON.parse('{"__proto__":{"polluted":true}}') },
    { name: "a circular object", value: circular() },
    { name: "an array 10,000 levels deep", value: deep() },
    { name: "an object that throws when it is read", value: throwing() },
  ];
}

/** The hostile values that a schema refuses, so that giving them to an agent makes it do nothing. */
export async function refusedInputs(schema: AnySchema): Promise<readonly HostileInput[]> {
  const refused: HostileInput[] = [];
  for (const input of hostileInputs()) {
    try {
      const checked = await schema["~standard"].validate(input.value);
      if (checked.issues !== undefined) refused.push(input);
    } catch {
      // A schema that throws takes it no less for invalid.
      refused.push(input);
    }
  }
  return refused;
}

/** How many keys of a valid input are tried. */
const maxKeys = 5;

/** A valid input with a hostile value in one place. */
export function hostileVariants(valid: unknown): readonly HostileInput[] {
  if (typeof valid !== "object" || valid === null)
    return hostileParts().map(({ name, value }) => ({ name, value }));
  const entries = Object.keys(valid).slice(0, maxKeys);
  return entries.flatMap((key) =>
    hostileParts().map(({ name, value }) => ({
      name: `${name} as ${JSON.stringify(key)} in a valid input`,
      value: Array.isArray(valid) ? valid.with(Number(key), value) : { ...valid, [key]: value },
    })),
  );
}

function hostileParts(): readonly HostileInput[] {
  return [
    { name: "a circular object", value: circular() },
    { name: "an array 10,000 levels deep", value: deep() },
    { name: "an object that throws when it is read", value: throwing() },
    { name: "a text of 1,000,000 characters", value: "x".repeat(1_000_000) },
    { name: "an array of 10,000 items", value: Array.from({ length: 10_000 }, (_, index) => index) },
    {
      name: "an object of 10,000 keys",
      value: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, index])),
    },
    { name: "a bigint", value: 10n },
    { name: "a symbol", value: Symbol("hostile") },
    { name: "a Date of no time", value: new Date(Number.NaN) },
    { name: "undefined", value: undefined },
  ];
}

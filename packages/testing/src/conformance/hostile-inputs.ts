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
  for (let depth = 0; depth < 5_000; depth++) value = [value];
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
    { name: "an array 5,000 levels deep", value: deep() },
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

import { isDeepStrictEqual } from "node:util";
import { type AgentDescription, describe, isAgent } from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import type { Lab } from "./lab.ts";
import { isText } from "./validation.ts";
import { Broken, ensure, passed, type Verdict } from "./verdict.ts";

/** 20. */
export function describesItself(lab: Lab): Verdict {
  ensure(isAgent(lab.agent), () => "it is no agent of this library: nothing proves that its run validates");
  let description: AgentDescription;
  try {
    description = describe(lab.agent);
  } catch (thrown) {
    throw new Broken(`describe threw: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  for (const part of ["name", "version", "description"] as const) {
    ensure(isText(description[part]), () => `it has no ${part}`);
  }
  // What JSON leaves out, such as a side without a JSON Schema, is no difference.
  const defined = Object.fromEntries(Object.entries(description).filter(([, value]) => value !== undefined));
  ensure(isDeepStrictEqual(JSON.parse(JSON.stringify(description)), defined), () => {
    return "its description does not survive being written as JSON";
  });
  const { notJson } = description;
  return passed(
    notJson.length === 0 ? "as JSON" : `its contract is not JSON at ${notJson.length} places, and says so`,
  );
}

/** 60. */
export async function staysDescribed(lab: Lab): Promise<Verdict> {
  const written = () => JSON.stringify(describe(lab.agent));
  const before = written();
  spoil(describe(lab.agent));
  ensure(written() === before, () => "who changes its description changes what it says of itself");
  for (const input of [...lab.valid.slice(0, 2), ...lab.invalid.slice(0, 1)]) await lab.tryRun(input);
  ensure(written() === before, () => `having run, it describes itself otherwise: ${preview(written())}`);
  return passed("before and after it ran, and after its description was changed");
}

/** Changes whatever can be changed. */
function spoil(value: unknown, depth = 0): void {
  if (typeof value !== "object" || value === null || depth > 20) return;
  for (const inner of Object.values(value)) spoil(inner, depth + 1);
  if (!Object.isFrozen(value)) Reflect.set(value, "title", "spoilt");
}

const semantic = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** 40. */
export function wellNamed({ agent }: Lab): Verdict {
  const { id, name, version, description, capabilities } = agent;
  ensure(isLabel(id), () => `its id is ${preview(id)}`);
  ensure(isLabel(name) && name.length <= 200 && !name.includes("/"), () => {
    return `its name is ${preview(name)}: a line of 1 to 200 characters without a slash would do`;
  });
  ensure(isText(version) && semantic.test(version), () => {
    return `its version is ${preview(version)}: a semantic one like 1.0.0 would do`;
  });
  ensure(isLabel(description) && description !== name, () => {
    return `its description is ${preview(description)}: a sentence on one line would do, other than the name`;
  });
  ensure(Array.isArray(capabilities) && capabilities.every(isLabel), () => {
    return `its capabilities are ${preview(capabilities)}: a list of words would do`;
  });
  const double = capabilities.find((one, index) => capabilities.indexOf(one) !== index);
  ensure(double === undefined, () => `it lists the capability ${preview(double)} twice`);
  return passed(`${name} ${version}`);
}

/** Text that can stand in a line of a list as it is. */
function isLabel(value: unknown): value is string {
  return isText(value) && value.trim() === value && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value);
}

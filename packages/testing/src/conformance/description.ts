import { isDeepStrictEqual } from "node:util";
import { type AgentDescription, describe, isAgent } from "@atomic-agents/core";
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

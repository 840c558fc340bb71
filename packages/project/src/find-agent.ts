import { type AnyAgent, AtomicError } from "@atomic-agents/core";
import { loadBuiltInAgents } from "./built-in-agents.ts";
import { closest } from "./closest.ts";
import { loadAgent } from "./load-agent.ts";
import type { LoadOptions } from "./load-module.ts";
import { isModuleReference } from "./module-reference.ts";

/**
 * Finds an agent by what a user calls it: the name of a built-in agent, or `./module.ts#export`. What has a slash, a
 * colon, a `#`, a leading dot or the extension of a module is taken for a module.
 *
 * @throws AtomicError `CONFIG` for a name that no built-in agent has, with the nearest one that there is, and as
 * `loadAgent` does; `CANCELLED` when the signal aborts
 */
export async function findAgent(nameOrReference: string, options: LoadOptions = {}): Promise<AnyAgent> {
  if (isModuleReference(nameOrReference)) return loadAgent(nameOrReference, options);
  const agents = await loadBuiltInAgents();
  const found = agents.find(({ name }) => name === nameOrReference);
  if (found !== undefined) return found;
  const names = agents.map(({ name }) => name);
  const near = closest(nameOrReference, names);
  const ofYourOwn = "An agent of your own is named by its module, such as ./agents.ts#myAgent.";
  throw new AtomicError("CONFIG", `There is no built-in agent ${JSON.stringify(nameOrReference)}`, {
    details: { path: "agent", expected: `one of ${names.join(", ")}`, got: nameOrReference },
    hint: near === undefined ? ofYourOwn : `Did you mean ${JSON.stringify(near)}?`,
  });
}

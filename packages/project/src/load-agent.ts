import { type AnyAgent, isAgent } from "@atomic-agents/core";
import { kindOf } from "./kind-of.ts";
import { loadError } from "./load-error.ts";
import { listOf, loadModule, type LoadOptions, type ModuleExports } from "./load-module.ts";
import type { ModuleReference } from "./module-reference.ts";

/**
 * Loads an agent from a module: `./module.ts#export`, with TypeScript or JavaScript in the file. Without `#export` it
 * is the default export when that is an agent, or else the only agent among the exports.
 *
 * The module is first imported in a process of its own, so that one that throws, exits, or never comes to an end is an
 * error here and no more. Then it is imported in this process: its code is trusted. A module is imported once; a file
 * that has changed since is not read again.
 *
 * @throws AtomicError `CONFIG` that names the module and what is wrong; `CANCELLED` when `signal` aborts
 */
export async function loadAgent(reference: string, options: LoadOptions = {}): Promise<AnyAgent> {
  const { wanted, exports } = await loadModule(reference, options);
  return pickAgent(reference, wanted, exports);
}

function pickAgent(
  reference: string,
  { path, exportName }: ModuleReference,
  module: ModuleExports,
): AnyAgent {
  if (exportName !== undefined) {
    const value = module[exportName];
    if (isAgent(value)) return value;
    throw loadError(reference, `its export ${JSON.stringify(exportName)} is no agent but ${kindOf(value)}`, {
      expected: "an agent",
      got: kindOf(value),
      hint: agentHint(path, module) ?? "Make one with defineAgent, pipeline or another function of the core.",
    });
  }
  if (isAgent(module["default"])) return module["default"];
  const names = agentNames(module);
  const agents = new Set(names.map((name) => module[name]));
  const [only] = agents;
  if (agents.size === 1 && isAgent(only)) return only;
  if (agents.size > 1) {
    throw loadError(reference, `it exports ${agents.size} agents: ${names.join(", ")}`, {
      expected: "one agent, or the name of one",
      got: `${agents.size} agents`,
      hint: agentHint(path, module),
    });
  }
  throw loadError(reference, `it exports no agent; ${listOf("it exports", Object.keys(module))}`, {
    expected: "a module that exports an agent",
    got: `exports ${Object.keys(module).join(", ") || "of no name"}`,
    hint: "Make one with defineAgent, and export it.",
  });
}

function agentNames(module: ModuleExports): readonly string[] {
  return Object.keys(module).filter((name) => isAgent(module[name]));
}

function agentHint(path: string, module: ModuleExports): string | undefined {
  const names = agentNames(module);
  if (names.length === 0) return undefined;
  const shown = names.slice(0, 3).map((name) => `${path}#${name}`);
  return `Name one, such as ${shown.join(" or ")}.`;
}

import { type AnyAgent, AtomicError, isAgent } from "@atomic-agents/core";
import { pathToFileURL } from "node:url";
import { closest } from "./closest.ts";
import { importFailure, type ImportPlace, thrownFailure } from "./import-failure.ts";
import { loadError } from "./load-error.ts";
import { findModuleFile } from "./module-file.ts";
import { type ModuleReference, parseModuleReference } from "./module-reference.ts";
import { probeModule } from "./probe-module.ts";

/** How to load an agent. */
export interface LoadOptions {
  /** The folder that paths are relative to, and that modules must lie in; the process's current one when absent. */
  readonly cwd?: string | undefined;
  /** The most a module may take to be imported; 10,000 unless said otherwise. */
  readonly timeoutMs?: number | undefined;
  /** Stops the loading when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

const defaultTimeoutMs = 10_000;
/** The longest delay that timers take. */
const maxTimeoutMs = 2_147_483_647;

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
  const { cwd = process.cwd(), timeoutMs = defaultTimeoutMs, signal } = options;
  checkTimeout(timeoutMs);
  const wanted = parseModuleReference(reference);
  const file = findModuleFile(reference, wanted.path, cwd);
  const url = pathToFileURL(file).href;
  const place: ImportPlace = { reference, file, timeoutMs };

  const { outcome, errorOutput } = await probeModule(url, { cwd, timeoutMs, signal });
  if (outcome.outcome !== "loaded") throw importFailure(place, outcome, errorOutput);
  checkExportName(reference, wanted, outcome.exports);
  return pickAgent(reference, wanted, await importHere(url, place, signal));
}

function checkTimeout(timeoutMs: number): void {
  if (timeoutMs >= 1 && timeoutMs <= maxTimeoutMs) return;
  const expected = `a number of milliseconds from 1 to ${maxTimeoutMs}`;
  throw new AtomicError("CONFIG", `Load options: timeoutMs must be ${expected}, got ${String(timeoutMs)}`, {
    details: { path: "timeoutMs", expected, got: String(timeoutMs) },
    hint: "Leave it out for the default.",
  });
}

/** The module went through the probe; the limit holds here for one that behaves otherwise the second time. */
async function importHere(
  url: string,
  place: ImportPlace,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const interrupt = () => reject(importFailure(place, { outcome: "interrupted" }, ""));
  const timer = setTimeout(() => reject(importFailure(place, { outcome: "timeout" }, "")), place.timeoutMs);
  signal?.addEventListener("abort", interrupt, { once: true });
  if (signal?.aborted === true) interrupt();
  try {
    return await Promise.race([importModule(url, place), stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}

async function importModule(url: string, place: ImportPlace): Promise<Readonly<Record<string, unknown>>> {
  try {
    // What import gives is a module namespace: an object with the exports as its own keys.
    return (await import(url)) as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    const error =
      thrown instanceof Error
        ? { name: thrown.name, message: thrown.message, code: undefined, stack: thrown.stack ?? "" }
        : { name: "", message: String(thrown), code: undefined, stack: "" };
    throw thrownFailure(place, error, "", false, thrown);
  }
}

function checkExportName(reference: string, { exportName }: ModuleReference, names: readonly string[]): void {
  if (exportName === undefined || names.includes(exportName)) return;
  const near = closest(exportName, names);
  throw loadError(
    reference,
    `it has no export ${JSON.stringify(exportName)}; ${listOf("it exports", names)}`,
    {
      expected: names.length === 0 ? "a module with exports" : `one of ${names.join(", ")}`,
      got: exportName,
      hint: near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`,
    },
  );
}

function pickAgent(
  reference: string,
  { path, exportName }: ModuleReference,
  module: Readonly<Record<string, unknown>>,
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

function agentNames(module: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(module).filter((name) => isAgent(module[name]));
}

function agentHint(path: string, module: Readonly<Record<string, unknown>>): string | undefined {
  const names = agentNames(module);
  if (names.length === 0) return undefined;
  const shown = names.slice(0, 3).map((name) => `${path}#${name}`);
  return `Name one, such as ${shown.join(" or ")}.`;
}

function listOf(what: string, names: readonly string[]): string {
  return names.length === 0 ? "it exports nothing" : `${what} ${names.join(", ")}`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") {
    return /^class\b/.test(Function.prototype.toString.call(value)) ? "a class" : "a function";
  }
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

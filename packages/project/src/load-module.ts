import { AtomicError } from "@atomic-agents/core";
import { pathToFileURL } from "node:url";
import { closest } from "./closest.ts";
import { importFailure, type ImportPlace, thrownFailure } from "./import-failure.ts";
import { loadError } from "./load-error.ts";
import { findModuleFile } from "./module-file.ts";
import { type ModuleReference, parseModuleReference } from "./module-reference.ts";
import { probeModule } from "./probe-module.ts";

/** How to load a module. */
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

/** What a module exports by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** A module that has been imported. */
export interface LoadedModule {
  readonly wanted: ModuleReference;
  readonly exports: ModuleExports;
}

/** Files that have been imported in this process: what that does has been seen. */
const imported = new Set<string>();

/**
 * Imports the module that a reference names: first in a process of its own, so that one that throws, exits, or never
 * comes to an end is an error here and no more; then in this process, as code that is trusted.
 *
 * @throws AtomicError `CONFIG` that names the module and what is wrong; `CANCELLED` when `signal` aborts
 */
export async function loadModule(reference: string, options: LoadOptions = {}): Promise<LoadedModule> {
  const { cwd = process.cwd(), timeoutMs = defaultTimeoutMs, signal } = options;
  checkTimeout(timeoutMs);
  const wanted = parseModuleReference(reference);
  const file = findModuleFile(reference, wanted.path, cwd);
  const url = pathToFileURL(file).href;
  const place: ImportPlace = { reference, file, timeoutMs };

  if (!imported.has(url)) {
    const { outcome, errorOutput } = await probeModule(url, { cwd, timeoutMs, signal });
    if (outcome.outcome !== "loaded") throw importFailure(place, outcome, errorOutput);
    checkExportName(reference, wanted, outcome.exports);
  }
  const exports = await importHere(url, place, signal);
  imported.add(url);
  checkExportName(reference, wanted, Object.keys(exports).toSorted());
  return { wanted, exports };
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
): Promise<ModuleExports> {
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

async function importModule(url: string, place: ImportPlace): Promise<ModuleExports> {
  try {
    // What import gives is a module namespace: an object with the exports as its own keys.
    return (await import(url)) as ModuleExports;
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
      got: names.length === 0 ? "a module without any" : exportName,
      hint: near === undefined ? hintOf(names) : `Did you mean ${JSON.stringify(near)}?`,
    },
  );
}

function hintOf(names: readonly string[]): string {
  return names.length === 0
    ? "Is it saved, and does it say `export`?"
    : "Name one of its exports after the #.";
}

export function listOf(what: string, names: readonly string[]): string {
  return names.length === 0 ? "it exports nothing" : `${what} ${names.join(", ")}`;
}

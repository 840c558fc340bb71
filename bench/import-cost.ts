import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { median, quantile } from "./statistics.ts";

export interface ImportCost {
  readonly specifier: string;
  /** CPU of a process that imports the package, less that of one that imports nothing. */
  readonly medianMs: number;
  readonly lowerQuartileMs: number;
  readonly upperQuartileMs: number;
  readonly bareMedianMs: number;
  readonly rounds: number;
  /** All packages that come along at run time, the package itself left out. */
  readonly runtimeDependencies: readonly string[];
}

/** CPU milliseconds from the start of a process to the end of its imports. */
function processCpuMs(imports: string): number {
  const source = `${imports}; const { user, system } = process.cpuUsage(); process.stdout.write(String(user + system));`;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", source], {
    cwd: import.meta.dirname,
    encoding: "utf8",
    timeout: 30_000,
  });
  const micros = Number(child.stdout);
  if (child.status !== 0 || !(micros > 0)) throw new Error(`import cost: the child failed: ${child.stderr}`);
  return micros / 1_000;
}

function runtimeDependenciesOf(name: string, from: string, found = new Set<string>()): Set<string> {
  const path = findPackageJSON(name, from);
  if (path === undefined) throw new Error(`import cost: ${name} is not installed for ${from}`);
  const manifest = JSON.parse(readFileSync(path, "utf8")) as {
    readonly dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (found.has(dependency)) continue;
    found.add(dependency);
    runtimeDependenciesOf(dependency, path, found);
  }
  return found;
}

/** Measures in rounds, forward and backward in turns, so that all and the process that imports nothing see the same machine. */
export function importCosts(specifiers: readonly string[], rounds: number): readonly ImportCost[] {
  const imports = ["", ...specifiers.map((specifier) => `import ${JSON.stringify(specifier)}`)];
  for (const each of imports) processCpuMs(each);
  const times: number[][] = imports.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    const order = [...imports.keys()];
    for (const at of round % 2 === 0 ? order : order.toReversed()) {
      times[at]?.push(processCpuMs(imports[at] ?? ""));
    }
  }
  const [bare = [], ...others] = times;
  return specifiers.map((specifier, at) => {
    const differences = others[at]?.map((ms, round) => ms - (bare[round] ?? 0)) ?? [];
    return {
      specifier,
      medianMs: median(differences),
      lowerQuartileMs: quantile(differences, 0.25),
      upperQuartileMs: quantile(differences, 0.75),
      bareMedianMs: median(bare),
      rounds,
      runtimeDependencies: [...runtimeDependenciesOf(specifier, import.meta.url)].toSorted(),
    };
  });
}

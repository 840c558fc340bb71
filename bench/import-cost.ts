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
  readonly pairs: number;
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

/** Measures in pairs, bare first and bare second in turns, so that both see the same machine. */
export function importCost(specifier: string, pairs: number): ImportCost {
  const imports = `import ${JSON.stringify(specifier)}`;
  processCpuMs(imports);
  const differences: number[] = [];
  const bare: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const withFirst = pair % 2 === 0;
    const first = processCpuMs(withFirst ? imports : "");
    const second = processCpuMs(withFirst ? "" : imports);
    bare.push(withFirst ? second : first);
    differences.push(withFirst ? first - second : second - first);
  }
  return {
    specifier,
    medianMs: median(differences),
    lowerQuartileMs: quantile(differences, 0.25),
    upperQuartileMs: quantile(differences, 0.75),
    bareMedianMs: median(bare),
    pairs,
    runtimeDependencies: [...runtimeDependenciesOf(specifier, import.meta.url)].toSorted(),
  };
}

/** The workspace as the checks see it: its packages with their manifests and sources. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.ts";

export interface Manifest {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly description?: string;
  readonly type?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, ExportTarget>>;
  readonly publishConfig?: { readonly access?: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** A file, nothing (`null` closes a path), or a file per condition. */
export type ExportTarget = string | null | Readonly<Record<string, string>>;

/** The condition under which tests and development resolve a package to its sources. */
export const sourceCondition = "@atomic-agents/source";

export interface WorkspacePackage {
  /** Name of the folder in `packages/`; the package's floor goes by it. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Path under the package's folder (`src/index.ts`) → text. */
  readonly sources: ReadonlyMap<string, string>;
}

export interface Workspace {
  readonly manifest: Manifest;
  readonly packages: readonly WorkspacePackage[];
  /** Examples, tests and scripts: path under the root → text. */
  readonly others: ReadonlyMap<string, string>;
}

export function readWorkspace(): Workspace {
  const packages = readdirSync(join(root, "packages"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name: folder }) => ({
      folder,
      manifest: readManifest(join("packages", folder)),
      sources: readTexts(join("packages", folder), ["src/**/*.ts"]),
    }));
  return {
    manifest: readManifest("."),
    packages,
    others: readTexts(".", ["examples/**/*.ts", "tests/**/*.ts", "scripts/**/*.ts", "*.ts"]),
  };
}

/** The public entries of a package: export path (`.` or `./name`) → source file (`src/name.ts`). */
export function sourceEntries(manifest: Manifest): ReadonlyMap<string, string> {
  const entries = Object.entries(manifest.exports ?? {}).flatMap(([path, target]): [string, string][] => {
    const source = typeof target === "object" ? target?.[sourceCondition] : undefined;
    return source === undefined ? [] : [[path, source.replace(/^\.\//, "")]];
  });
  return new Map(entries);
}

function readManifest(folder: string): Manifest {
  // npm itself refuses a manifest of another form, so what `npm ci` accepted has it.
  return JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
}

function readTexts(folder: string, patterns: readonly string[]): ReadonlyMap<string, string> {
  const cwd = join(root, folder);
  const paths = globSync(patterns, {
    cwd,
    exclude: (name) => name === "node_modules" || name === "out",
  }).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(cwd, path), "utf8")]));
}

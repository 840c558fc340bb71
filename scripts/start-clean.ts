import { globSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";

/** How a package is compiled. */
export interface Compiling {
  /** Its folder. */
  readonly folder: string;
  /** Whether its JavaScript is bundled, so that the compiler writes declarations only. */
  readonly isBundled: boolean;
}

/**
 * Makes a package's build start from nothing when its `dist` is not what the compiler makes of the sources there are now: a
 * source has gone or been renamed, or a file of `dist` was deleted. Otherwise everything stays, so that the
 * compiler does what is left to do, and a build that fails leaves the package as it was. Says whether it cleaned.
 *
 * The compiler's own record goes with `dist`: by it, it would not write again what it has written before.
 */
export function startClean({ folder, isBundled }: Compiling): boolean {
  const expected = compiledFiles(folder, isBundled);
  const present = globSync("**/*", { cwd: path.join(folder, "dist"), withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(path.join(folder, "dist"), path.join(entry.parentPath, entry.name)))
    .filter((name) => !(isBundled && /\.js(\.map)?$/.test(name)));
  if (present.length === expected.size && present.every((name) => expected.has(name))) return false;
  rmSync(path.join(folder, "dist"), { recursive: true, force: true });
  rmSync(path.join(folder, "tsconfig.tsbuildinfo"), { force: true });
  return true;
}

/** Removes the bundles of an earlier build. */
export function removeBundles(folder: string): void {
  const dist = path.join(folder, "dist");
  for (const name of globSync("**/*.js{,.map}", { cwd: dist })) rmSync(path.join(dist, name));
  rmSync(path.join(dist, "shared"), { recursive: true, force: true });
}

function compiledFiles(folder: string, isBundled: boolean): ReadonlySet<string> {
  const endings = isBundled ? [".d.ts", ".d.ts.map"] : [".js", ".js.map", ".d.ts", ".d.ts.map"];
  // All of them have this shape; a wrong one fails right here.
  const config = JSON.parse(readFileSync(path.join(folder, "tsconfig.json"), "utf8")) as {
    readonly exclude: readonly string[];
  };
  const sources = globSync("src/**/*.ts", { cwd: folder, exclude: [...config.exclude, "**/*.d.ts"] }).map(
    (name) => path.relative("src", name),
  );
  return new Set(sources.flatMap((name) => endings.map((ending) => name.slice(0, -".ts".length) + ending)));
}

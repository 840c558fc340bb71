import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** What is read of a package's manifest. */
export interface DeclaredPackage {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Copies installed packages so that each finds what it declares, and nothing else: where npm puts all side by side, one
 * that uses another without saying so works all the same, until somebody installs it without the other. Gives the
 * folder of each package, by name: what is run there finds that package only.
 *
 * Each lies in a folder of its own, with a link for each of its `dependencies`, and of its peers that are installed; Node.js looks for what a package
 * imports beside where it really is. Those of no package here are linked as they were installed. `target` must not lie
 * in the folder that holds `installed`: Node.js would look there, too.
 */
export function layOutAlone(
  packages: readonly DeclaredPackage[],
  installed: string,
  target: string,
): ReadonlyMap<string, string> {
  const folders = new Map(packages.map(({ name }) => [name, join(target, name.replace("/", "+"))]));
  const placeIn = (folder: string, name: string) => join(folder, "node_modules", name);
  for (const [name, folder] of folders) {
    cpSync(realpathSync(join(installed, name)), placeIn(folder, name), {
      recursive: true,
      filter: (path) => basename(path) !== "node_modules",
    });
  }
  for (const { name, dependencies = {}, peerDependencies = {} } of packages) {
    const folder = folders.get(name) ?? target;
    const peers = Object.keys(peerDependencies).filter((peer) => existsSync(join(installed, peer)));
    for (const dependency of [...Object.keys(dependencies), ...peers]) {
      const ours = folders.get(dependency);
      // Where versions differ, npm puts a package's own below it.
      const below = join(installed, name, "node_modules", dependency);
      const foreign = existsSync(below) ? below : join(installed, dependency);
      const link = placeIn(folder, dependency);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(ours === undefined ? realpathSync(foreign) : placeIn(ours, dependency), link, "junction");
    }
  }
  return folders;
}

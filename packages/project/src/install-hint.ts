import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What to try where a module's file imports a package that is not there. */
export function installHint(packageName: string, file: string): string {
  const folder = folderNaming(packageName, dirname(file));
  return folder === undefined
    ? `Install it: npm install ${packageName}`
    : `Run npm install in ${folder}: its package.json names ${packageName}, which is not installed.`;
}

/** The folder of the nearest manifest, when that names the package. */
function folderNaming(packageName: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const text = textOf(join(folder, "package.json"));
    if (text !== undefined) return names(text, packageName) ? folder : undefined;
    if (dirname(folder) === folder) return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // There is none, or none that can be read.
    return undefined;
  }
}

function names(manifest: string, packageName: string): boolean {
  try {
    // Whatever it holds: what is no object of objects names nothing.
    const groups = JSON.parse(manifest) as Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
    return ["dependencies", "devDependencies", "optionalDependencies"].some((group) =>
      Object.hasOwn(groups[group] ?? {}, packageName),
    );
  } catch {
    return false;
  }
}

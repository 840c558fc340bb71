import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { closest } from "./closest.ts";
import { loadError } from "./load-error.ts";
import { moduleExtensions } from "./module-reference.ts";

/**
 * The real path of a module's file.
 *
 * @param path as written, relative to `cwd`
 * @throws AtomicError `CONFIG` when there is no such file, when it lies outside of `cwd` (links followed), or when it
 * is not one that Node.js imports
 */
export function findModuleFile(reference: string, path: string, cwd: string): string {
  const root = realpathSync(cwd);
  const looked = resolve(root, path);
  if (!isWithin(root, looked)) throw outside(reference, looked, root);
  const stats = statSync(looked, { throwIfNoEntry: false });
  if (stats === undefined) {
    const near = nearbyName(looked);
    throw loadError(reference, `there is no file ${looked}`, {
      expected: "a file",
      got: "nothing at that path",
      hint:
        near === undefined
          ? `The path is taken relative to ${root}.`
          : `Did you mean ${JSON.stringify(join(dirname(path), near))}?`,
    });
  }
  if (stats.isDirectory()) {
    throw loadError(reference, `${looked} is a folder`, {
      expected: "a file",
      got: "a folder",
      hint: "Name the module in it, such as agents.ts.",
    });
  }
  const extensions = moduleExtensions.join(", ");
  if (!stats.isFile() || !moduleExtensions.some((extension) => looked.endsWith(extension))) {
    throw loadError(reference, `${basename(looked)} is not a module`, {
      expected: `a file whose name ends with ${extensions}`,
      got: basename(looked),
      hint: /\.flow\.(?:ya?ml|json)$/i.test(looked)
        ? "It is a flow file: a flow is run or checked, and is no agent."
        : "An agent is an export of a module, such as ./agents.ts#classify; what it reads is named apart from it.",
    });
  }
  const file = realpathSync(looked);
  if (!isWithin(root, file)) throw outside(reference, file, root);
  return file;
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith("../") && !way.startsWith("..\\") && !isAbsolute(way);
}

function outside(reference: string, path: string, root: string) {
  return loadError(reference, `${path} lies outside of ${root}`, {
    expected: "a file in the current folder or below",
    got: path,
    hint: "Export it from a module there, which may import any file; or go to a folder that holds it, and name it from there.",
  });
}

/** A file beside the one that was looked for whose name is like it. */
function nearbyName(path: string): string | undefined {
  const wanted = basename(path);
  let names: readonly string[];
  try {
    names = readdirSync(dirname(path)).filter((name) =>
      moduleExtensions.some((extension) => name.endsWith(extension)),
    );
  } catch {
    // The folder does not exist either.
    return undefined;
  }
  return names.find((name) => name.replace(/\.\w+$/, "") === wanted) ?? closest(wanted, names);
}

import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { isWithin } from "./project-paths.ts";

/** More are no project that people have written. */
const maxFiles = 1_000;
const maxFolders = 10_000;
const maxDepth = 20;

/** The name of a flow by the name of its file; undefined for what is no flow file. */
export function flowNameOf(file: string): string | undefined {
  return /^(?<name>.+)\.flow\.(?:yaml|yml|json)$/.exec(basename(file))?.groups?.["name"];
}

/** Flow files directly in a project's directory, and anywhere in its folder `flows`: relative paths, sorted. */
export function findFlowFiles(directory: string): readonly string[] {
  const found: string[] = [];
  let folders = 0;
  const look = (folder: string, depth: number, isDeep: boolean): void => {
    if (found.length >= maxFiles || folders++ >= maxFolders || depth > maxDepth) return;
    for (const entry of entriesOf(join(directory, folder))) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
      if (entry.isDirectory()) {
        if (isDeep) look(path, depth + 1, true);
      } else if (flowNameOf(entry.name) !== undefined && isFileWithin(directory, path)) {
        found.push(path);
      }
    }
  };
  look("", 0, false);
  look("flows", 0, true);
  return found.toSorted().slice(0, maxFiles);
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // There is none, or it may not be read.
    return [];
  }
}

/** A link may lead anywhere; what it leads to counts only within the project. */
function isFileWithin(directory: string, path: string): boolean {
  try {
    const real = realpathSync(join(directory, path));
    return isWithin(directory, real) && statSync(real).isFile();
  } catch {
    return false;
  }
}

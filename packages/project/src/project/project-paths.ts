import { AtomicError } from "@atomic-agents/core";
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { PathUse } from "./project.ts";

/** How paths of a project's files are followed. */
export interface PathRules {
  /** The project's directory, links followed. */
  readonly directory: string;
  /** Folders outside of it from which may be read, as the settings have them. */
  readonly inputFolders: readonly string[];
}

/**
 * Where a path of a project file leads: an absolute path, links in it followed, which may not be there yet.
 *
 * What is written, imported or read as a part of the project lies in it. Inputs may also lie in the folders that the
 * settings name.
 *
 * @throws AtomicError `CONFIG` for a path that leads elsewhere, by itself or by a link
 */
export function projectPath(path: string, use: PathUse, { directory, inputFolders }: PathRules): string {
  if (path === "" || path.includes("\0")) {
    throw refusal(path, use, "is no path", path === "" ? "an empty text" : "a NUL character", undefined);
  }
  // A path of Windows is a name with odd characters elsewhere, and seldom what was meant.
  if (process.platform !== "win32" && /^(?:[A-Za-z]:[\\/]|\\\\)/.test(path)) {
    throw refusal(
      path,
      use,
      "is a path of Windows",
      path,
      "Write it with / between its parts, relative to the project.",
    );
  }
  const absolute = resolve(directory, path);
  const real = realPathOf(absolute);
  if (real === undefined) {
    throw refusal(path, use, "goes round in a circle of links", absolute, "Remove the links.");
  }
  if (isWithin(directory, real)) return real;
  if (use === "input") {
    const folders = inputFolders.map((folder) => realPathOf(resolve(directory, folder)));
    if (folders.some((folder) => folder !== undefined && isWithin(folder, real))) return real;
  }
  const how = isWithin(directory, absolute) ? `leads by a link to ${real}, which is` : "lies";
  throw refusal(path, use, `${how} outside of the project`, absolute, hintFor(use, real));
}

function hintFor(use: PathUse, real: string): string {
  if (use === "output") return "Flows write within the project only; copy or link to it from there.";
  if (use === "input") {
    return `Flows read within the project, and in folders that its settings name: inputFolders: [${dirname(real)}].`;
  }
  return "Copy it into the project.";
}

function refusal(path: string, use: PathUse, problem: string, got: string, hint: string | undefined) {
  return new AtomicError("CONFIG", `The ${use} ${JSON.stringify(path)} ${problem}`, {
    details: { path, expected: "a path in the project", got },
    hint: hint ?? "Give a path relative to the project's folder.",
  });
}

/** Whether a path is a folder or lies in it; both absolute. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../") && !way.startsWith("..\\") && !isAbsolute(way);
}

const maxLinks = 40;

/** The path with all links followed that there are; what is not there yet keeps its name. Undefined for a circle. */
function realPathOf(path: string, links = 0): string | undefined {
  if (links > maxLinks) return undefined;
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    // The root is always there.
    if (folder === path) return path;
    const target = linkAt(path);
    // What a link leads to is where would be written, even if it is not there yet.
    if (target !== undefined) return realPathOf(resolve(folder, target), links + 1);
    const real = realPathOf(folder, links);
    return real === undefined ? undefined : join(real, basename(path));
  }
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

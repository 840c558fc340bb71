import { isAbsolute, relative, sep } from "node:path";

/** A path as it is typed here: relative to the current folder where it lies in it, or beside it; else as it is. */
export function shownPath(path: string, folder: string = process.cwd()): string {
  if (!isAbsolute(path)) return path;
  const inside = relative(folder, path);
  const isFar = inside.split(sep).filter((part) => part === "..").length > 2;
  return inside === "" || isFar || isAbsolute(inside) ? path : inside;
}

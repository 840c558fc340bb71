import { fstatSync, readSync, statSync } from "node:fs";
import { devNull } from "node:os";

/**
 * Whether the command was called with standard output closed, as `>&-` does. Node.js then puts the null device there before
 * any code runs, open for reading as well, which a `> /dev/null` is not.
 */
export function isStdoutClosed(): boolean {
  if (process.platform === "win32") return false;
  try {
    if (fstatSync(1).rdev !== statSync(devNull).rdev || !statSync(devNull).isCharacterDevice()) return false;
    readSync(1, Buffer.alloc(1));
    return true;
  } catch {
    return false;
  }
}

import { AtomicError } from "@atomic-agents/core";

/**
 * The SQLite of Node.js, without the warning that Node.js 22 gives with it: that it may still change is our concern, and
 * who runs a flow can do nothing about it. All other warnings go their way.
 *
 * @throws AtomicError `CONFIG` when this Node.js has none
 */
export function loadSqlite(): typeof import("node:sqlite") {
  const original = Object.getOwnPropertyDescriptor(process, "emitWarning");
  const emit = (...given: readonly unknown[]): void => {
    if (given[1] !== "ExperimentalWarning") Reflect.apply(original?.value as () => void, process, given);
  };
  if (original !== undefined) Object.defineProperty(process, "emitWarning", { ...original, value: emit });
  try {
    // Gives undefined where Node.js was built without it, whatever its type says.
    const sqlite = process.getBuiltinModule("node:sqlite") as typeof import("node:sqlite") | undefined;
    if (sqlite !== undefined) return sqlite;
  } finally {
    if (original !== undefined) Object.defineProperty(process, "emitWarning", original);
  }
  throw new AtomicError("CONFIG", "This Node.js has no SQLite", {
    details: {
      path: "settings.runs.store",
      expected: "folder, or a Node.js with node:sqlite",
      got: "sqlite",
    },
    hint: "Keep the runs in a folder: settings.runs.store.",
  });
}

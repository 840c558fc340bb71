import { AtomicError } from "@atomic-agents/core";

/** What the peer exports. */
export type DuckDb = typeof import("@duckdb/node-api");

/** The oldest whose figures and errors are known. */
const oldest = [1, 5] as const;

/**
 * Loads DuckDB when something first needs it.
 *
 * @throws AtomicError `CONFIG` when it is not installed, or too old
 */
export async function loadDuckDb(what: string, load: () => Promise<DuckDb> = importIt): Promise<DuckDb> {
  let duck: DuckDb;
  try {
    duck = await load();
  } catch (thrown) {
    throw missing(what, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
  const [major = 0, minor = 0] = duck.version().replace(/^v/, "").split(".").map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) throw missing(what, duck.version());
  return duck;
}

function importIt(): Promise<DuckDb> {
  return import("@duckdb/node-api");
}

function missing(what: string, got: string, cause?: unknown): AtomicError<"CONFIG"> {
  const expected = `DuckDB ${oldest.join(".")} or later`;
  return new AtomicError("CONFIG", `${what}: needs ${expected}, the package @duckdb/node-api: ${got}`, {
    details: { path: "@duckdb/node-api", expected, got },
    hint: "Install it: npm install @duckdb/node-api",
    cause,
  });
}

import { AtomicError } from "@atomic-agents/core";
import { describe, expect, it } from "vitest";
import { type DuckDb, loadDuckDb } from "./load-duckdb.ts";

describe("loadDuckDb", () => {
  it("says what to install where it is not", async () => {
    const load = () => Promise.reject(new Error("Cannot find package '@duckdb/node-api'"));
    const error = await loadDuckDb("sql", load).catch((thrown: unknown) => thrown);
    expect(AtomicError.isInstance(error, "CONFIG")).toBe(true);
    expect((error as AtomicError).hint).toBe("Install it: npm install @duckdb/node-api");
  });

  it("says what to install where it is too old", async () => {
    // Only its version is asked for.
    const old = { version: () => "v1.4.4" } as DuckDb;
    await expect(loadDuckDb("sql", async () => old)).rejects.toThrow("needs DuckDB 1.5 or later");
  });

  it("loads what is there", async () => {
    expect((await loadDuckDb("sql")).version()).toMatch(/^v1\./);
  });
});

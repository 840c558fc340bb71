import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flow, fromIterable, toArray } from "@atomic-agents/flow";
import { expect, it } from "vitest";
import { sql } from "./index.ts";
import { nameOf, placeOfProcesses } from "./temporary-folder.ts";

it("takes away what killed processes have left, and nothing of others", async () => {
  const temporaryDirectory = mkdtempSync(join(tmpdir(), "duckdb-temporary-"));
  try {
    const here = await placeOfProcesses();
    const gone = spawnSync(process.execPath, ["--version"]).pid;
    const left = `${nameOf(here, gone)}Ab12Cd`;
    const others = [
      `${nameOf(here, process.pid)}Ab12Cd`,
      `${nameOf(`not-${here}`, gone)}Ab12Cd`,
      `${nameOf(here, gone)}notes.txt`,
    ];
    for (const name of [left, ...others]) {
      mkdirSync(join(temporaryDirectory, name));
      writeFileSync(join(temporaryDirectory, name, "duckdb_temp_storage_DEFAULT-0.tmp"), "rows");
    }
    const got: unknown[] = [];
    const stage = sql("select count(*) as count from records", { temporaryDirectory });
    await flow(fromIterable([{ a: 1 }]))
      .operator(stage)
      .to(toArray(got));
    expect(got).toEqual([{ count: 1 }]);
    expect(readdirSync(temporaryDirectory).toSorted()).toEqual(others.toSorted());
  } finally {
    rmSync(temporaryDirectory, { recursive: true });
  }
});

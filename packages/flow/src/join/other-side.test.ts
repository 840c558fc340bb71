import { tmpdir } from "node:os";
import { systemClock } from "@atomic-agents/core";
import { expect, it } from "vitest";
import { TemporaryFile } from "../sort/temporary-file.ts";
import { joinSettings } from "./join-options.ts";
import { MatchTable } from "./match-table.ts";
import { OtherSide, type Portion } from "./other-side.ts";

it("takes no more of it into memory than is said, but for what one key has", async () => {
  const { settings } = joinSettings("test", {
    on: "key",
    as: "other",
    maxInMemory: 10,
    maxMatches: 50,
  });
  const other = new OtherSide(settings, () => TemporaryFile.open(tmpdir(), "other-side-test", systemClock));
  const records = [
    ...Array.from({ length: 5_000 }, (_, key) => ({ key })),
    ...Array.from({ length: 200 }, () => ({ key: -1 })),
    { key: null },
  ];
  await other.add(records.map(other.entryOf));
  for (const { key } of records) if (key !== null) await other.addLeft(key, "rest");
  const portions: Portion[] = [...(await other.portions())];
  const sizes: number[] = [];
  let parted = 0;
  let found = 0;
  for (let portion = portions.pop(); portion !== undefined; portion = portions.pop()) {
    const loaded = await other.load(portion);
    if (loaded instanceof MatchTable) {
      if (loaded.find(-1) === undefined) sizes.push(loaded.size);
      found += loaded.keyCount;
    } else {
      parted++;
      portions.push(...loaded);
    }
  }
  await other.close();
  expect(found).toBe(5_001);
  expect(parted).toBeGreaterThan(30);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(10);
});

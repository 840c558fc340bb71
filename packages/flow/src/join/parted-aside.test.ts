import { tmpdir } from "node:os";
import { systemClock } from "@atomic-agents/core";
import { expect, it } from "vitest";
import { TemporaryFile } from "../sort/temporary-file.ts";
import type { Matched } from "./aside.ts";
import type { MatchTable } from "./match-table.ts";
import { PartedAside } from "./parted-aside.ts";

it("takes no more of the other side into memory than is said, but for what one key has", async () => {
  const tables = new Set<MatchTable>();
  let parted = 0;
  const aside = new PartedAside({
    openFile: () => TemporaryFile.open(tmpdir(), "parted-aside-test", systemClock),
    maxKept: 51,
    isTooLarge: (table) => {
      if (table.size <= 10) {
        tables.add(table);
        return false;
      }
      tables.delete(table);
      parted++;
      return true;
    },
  });
  await aside.open();
  const keys = [...Array.from({ length: 5_000 }, (_, key) => key), ...Array.from({ length: 200 }, () => -1)];
  for (const key of keys) await aside.addRight(key, { key });
  await aside.finishRight();
  for (let key = -1; key < 5_000; key++) await aside.addLeft(key, `rest ${key}`);
  const got: Matched[] = [];
  for (let page = await aside.read(); page !== undefined; page = await aside.read()) got.push(...page);
  await aside.close();

  expect(got.toSorted((a, b) => Number(a.key) - Number(b.key))).toEqual(
    Array.from({ length: 5_001 }, (_, n) => ({
      key: n - 1,
      rest: `rest ${n - 1}`,
      found: Array.from({ length: n === 0 ? 51 : 1 }, () => ({ key: n - 1 })),
    })),
  );
  expect(parted).toBeGreaterThan(30);
  expect(tables.size).toBeGreaterThanOrEqual(500);
  for (const table of tables) if (table.find(-1) === undefined) expect(table.size).toBeLessThanOrEqual(10);
});

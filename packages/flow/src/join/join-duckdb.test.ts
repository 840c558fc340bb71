import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flow, fromFile, toArray } from "@atomic-agents/flow";
import { fromDuckDb } from "@atomic-agents/flow/duckdb";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "join-duckdb-"));
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const lines = (length: number, lineOf: (n: number) => unknown): string =>
    Array.from({ length }, (_, n) => `${JSON.stringify(lineOf(n))}\n`).join("");
  const key = () => (random(20) === 0 ? null : random(400));
  writeFileSync(
    join(directory, "left.jsonl"),
    lines(3_000, (id) => ({ id, key: key(), land: ["FR", "DE", "é"][random(3)] })),
  );
  writeFileSync(
    join(directory, "right.jsonl"),
    lines(500, (other) => ({ other, key: key(), land: ["FR", "DE", "é", null][random(4)] })),
  );
});
afterAll(() => rmSync(directory, { recursive: true }));

const Left = z.object({ id: z.int(), key: z.int().nullable(), land: z.string() });
const Right = z.object({ other: z.int(), key: z.int().nullable(), land: z.string().nullable() });

it.each([
  ["inner", "join", 100_000],
  ["inner", "join", 20],
  ["left", "left join", 20],
  ["semi", "semi join", 20],
  ["anti", "anti join", 20],
] as const)("%s gives what DuckDB's %s does, with %i in memory", async (type, words, maxInMemory) => {
  const left = flow(fromFile("left.jsonl", { directory, schema: Left }));
  const right = fromFile("right.jsonl", { directory, schema: Right });
  const options = { on: ["key", "land"], maxInMemory, directory } as const;
  const joined =
    type === "semi" || type === "anti"
      ? left.join(right, { ...options, type }).map(({ id }) => `${id}`)
      : left
          .join(right, { ...options, type, as: "found" })
          .map(({ id, found }) => `${id} ${found?.other ?? "-"}`);
  const got: string[] = [];
  expect(await joined.to(toArray(got))).toMatchObject({ status: "success", read: 3_000, unfinished: 0 });

  const pair =
    type === "semi" || type === "anti" ? "l.id::varchar" : "l.id || ' ' || coalesce(r.other::varchar, '-')";
  const sql = `select ${pair} as pair from 'left.jsonl' l ${words} 'right.jsonl' r on l.key = r.key and l.land = r.land`;
  const wanted: { pair: string }[] = [];
  const asked = await flow(fromDuckDb({ sql, directory, schema: z.object({ pair: z.string() }) })).to(
    toArray(wanted),
  );
  expect(asked.error).toBeUndefined();
  expect(wanted.length).toBeGreaterThan(100);
  const sorted = (texts: readonly string[]): readonly string[] => texts.toSorted((a, b) => (a < b ? -1 : 1));
  expect(sorted(got)).toEqual(sorted(wanted.map((row) => row.pair)));
});

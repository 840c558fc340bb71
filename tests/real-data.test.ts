import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";
import { parse } from "csv-parse/sync";
import { afterAll, describe, expect, it, vi } from "vitest";
import { callAtomic } from "./command-line/atomic-process.ts";

// Each test waits for processes, which share the computer with other tests.
vi.setConfig({ testTimeout: 120_000 });

const root = join(import.meta.dirname, "..");
const data = fileURLToPath(new URL("../data/", import.meta.resolve("vega-datasets")));
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A copy of an example, as deep in the workspace as the example is: what it names by `../..` is there. */
function exampleOf(name: string): string {
  mkdirSync(join(root, "out"), { recursive: true });
  const folder = mkdtempSync(join(root, "out", `example-${name}-`));
  folders.push(folder);
  const own = (path: string): boolean => !/[\\/](?:out|\.atomic|data)$/.test(path);
  cpSync(join(root, "examples", name), folder, { recursive: true, filter: own });
  return folder;
}

type Row = Readonly<Record<string, unknown>>;

/** What DuckDB alone says of a file. */
async function sql(query: string): Promise<readonly Row[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = await (await connection.run(query)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

/** The rows of a CSV file, numbers as such. */
function csv(folder: string, name: string): readonly Row[] {
  return parse(readFileSync(join(folder, "out", name)), {
    columns: true,
    cast: (value, { header }) =>
      header || value === "" || Number.isNaN(Number(value)) ? value : Number(value),
  });
}

function jsonLines(folder: string, name: string): readonly Row[] {
  return readFileSync(join(folder, "out", name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
}

/** Expects the same rows: numbers no further apart than a half of what they are rounded to. */
function expectRows(
  got: readonly Row[],
  wanted: readonly Row[],
  digits: Readonly<Record<string, number>> = {},
): void {
  expect(got).toHaveLength(wanted.length);
  for (const [index, row] of wanted.entries()) {
    for (const [key, value] of Object.entries(row)) {
      const given = got[index]?.[key];
      const exact = typeof given === "number" ? Number(value) : value;
      if (typeof exact !== "number" || typeof given !== "number")
        expect([index, key, given]).toEqual([index, key, value]);
      else {
        const apart = 0.5 * 10 ** -(digits[key] ?? 8) + 1e-9;
        expect([index, key, Math.abs(given - exact) <= apart, given]).toEqual([index, key, true, given]);
      }
    }
  }
}

const counts = (stdout: string) => {
  const { read, delivered, filtered, deadLettered, unfinished, status } = JSON.parse(stdout) as Row;
  return { read, delivered, filtered, deadLettered, unfinished, status };
};

describe("examples/weather", () => {
  const folder = exampleOf("weather");
  const days = `read_csv('${data}seattle-weather.csv')`;

  it("sums up months and years as SQL does", async () => {
    const { code, stdout, stderr } = await callAtomic("run months --json", folder);
    expect([code, stderr]).toEqual([0, ""]);
    expect(counts(stdout)).toEqual({
      read: 1_461,
      delivered: 1_461,
      filtered: 0,
      deadLettered: 0,
      unfinished: 0,
      status: "success",
    });
    const figures = `count(*)::int as days, sum((precipitation > 0)::int)::int as "wetDays",
      sum(precipitation)::double as rain, max(temp_max)::double as warmest, min(temp_min)::double as coldest`;
    const months = await sql(
      `select strftime(date, '%Y-%m') as month, ${figures}, avg(wind)::double as wind from ${days} group by 1 order by 1`,
    );
    expectRows(csv(folder, "months.csv"), months, { rain: 1, wind: 2 });
    const years = await sql(
      `select year(date)::int as year, count(distinct month(date))::int as months, ${figures} from ${days} group by 1 order by 1`,
    );
    // Sums of what has been rounded.
    expectRows(csv(folder, "years.csv"), years, { rain: 0 });
    expect(years).toHaveLength(4);
  });

  it("sums up weeks as SQL does", async () => {
    const { code, stderr } = await callAtomic("run weeks --json", folder);
    expect([code, stderr]).toEqual([0, ""]);
    const weeks = await sql(
      `select strftime(date_trunc('week', date), '%Y-%m-%dT00:00:00.000Z') as "windowStart", count(*)::int as days,
        sum((precipitation > 0)::int)::int as "wetDays", sum(precipitation)::double as rain, max(temp_max)::double as warmest
        from ${days} group by 1 order by 1`,
    );
    expect(weeks).toHaveLength(210);
    expectRows(jsonLines(folder, "weeks.jsonl"), weeks);
  });

  it("is sound", async () => {
    const { code, stdout } = await callAtomic("check", folder);
    expect([code, stdout]).toEqual([0, "ok: 2 flows, 0 agents, 0 pipelines: no problems\n"]);
  });
});

describe("examples/flights", () => {
  it("finds the delays that SQL finds", async () => {
    const folder = exampleOf("flights");
    const checked = await callAtomic("check --strict", folder);
    expect([checked.code, checked.stdout]).toEqual([0, "ok: 1 flow, 0 agents, 0 pipelines: no problems\n"]);
    const { code, stdout } = await callAtomic("run delays --json", folder);
    expect(code).toBe(0);
    const flights = `read_json('${data}flights-200k.json')`;
    const [total] = await sql(
      `select count(*)::int as read, (count(*) filter (delay < 600))::int as delivered from ${flights}`,
    );
    expect(counts(stdout)).toMatchObject({ ...total, filtered: 11, deadLettered: 0, unfinished: 0 });
    const delays = await sql(
      `select floor(time)::int as hour,
        case when distance < 500 then 'short' when distance < 1500 then 'medium' else 'long' end as haul,
        count(*)::int as flights, avg((delay >= 15)::int)::double as "lateShare", avg(delay)::double as mean,
        max(delay)::int as worst, list(delay order by delay) as sorted
        from ${flights} where delay < 600 group by all order by hour, haul`,
    );
    const got = csv(folder, "delays.csv");
    expectRows(
      got,
      delays.map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== "sorted"))),
      { lateShare: 3, mean: 2 },
    );
    for (const [index, { sorted }] of delays.entries()) {
      const all = (sorted as readonly unknown[]).map(Number);
      // Of an even number of flights either of those in the middle; the sketch is within 1 % of it, and is rounded.
      const middle = [all[Math.floor((all.length - 1) / 2)] ?? 0, all[Math.ceil((all.length - 1) / 2)] ?? 0];
      const apart = (delay: number) => 0.01 * Math.abs(delay) + 0.05;
      const median = Number(got[index]?.["median"]);
      const isNear =
        median >= Math.min(...middle.map((delay) => delay - apart(delay))) &&
        median <= Math.max(...middle.map((delay) => delay + apart(delay)));
      expect([index, median, middle, isNear]).toEqual([index, median, middle, true]);
    }
  });
});

describe("examples/movies", () => {
  it("finds the genres that SQL finds", async () => {
    const folder = exampleOf("movies");
    mkdirSync(join(folder, "data"));
    cpSync(join(data, "movies.json"), join(folder, "data/movies.json"));
    const { code, stdout } = await callAtomic("run movies --json", folder);
    expect(code).toBe(0);
    const films = `read_json('${data}movies.json', columns = { 'Title': 'VARCHAR', 'Major Genre': 'VARCHAR',
      'IMDB Rating': 'DOUBLE', 'IMDB Votes': 'BIGINT', 'Worldwide Gross': 'DOUBLE' })`;
    const [total] = await sql(
      `select count(*)::int as read, count("Title")::int as delivered,
        (count(*) filter ("Title" is null))::int as refused from ${films}`,
    );
    // Films that no genre counts are written to out/films.jsonl all the same.
    expect(counts(stdout)).toMatchObject({
      read: total?.["read"],
      deadLettered: total?.["refused"],
      unfinished: 0,
    });
    expect(jsonLines(folder, "films.jsonl")).toHaveLength(Number(total?.["delivered"]));
    const genres = await sql(
      `select coalesce("Major Genre", 'Unknown') as genre, count(*)::int as films, avg("IMDB Rating")::double as rating,
        max("IMDB Rating")::double as best, sum("Worldwide Gross")::double / 1000000 as "grossMillions"
        from ${films} where "Title" is not null and "IMDB Rating" is not null and "Worldwide Gross" is not null
        and "IMDB Votes" >= 100 group by 1`,
    );
    const byName = (rows: readonly Row[]) =>
      rows.toSorted((a, b) => (String(a["genre"]) < String(b["genre"]) ? -1 : 1));
    expectRows(byName(csv(folder, "genres.csv")), byName(genres), { rating: 2, grossMillions: 0 });
    expect(genres).toHaveLength(13);
  });
});

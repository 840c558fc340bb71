import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkProject } from "../check/check-project.ts";
import { formatProblem } from "../files/problem.ts";
import { openProject } from "../project/open-project.ts";
import { loadFlow } from "./load-flow.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "plan-window-")));
afterAll(() => rmSync(folder, { recursive: true }));

const source = `source:
  file: data/sales.jsonl
  schema:
    type: object
    properties: { at: { type: string }, ms: { type: integer }, shop: { type: string }, price: { type: number }, tags: { type: array }, due: { type: string } }
    required: [at, ms, shop, price, tags]
    additionalProperties: false
`;

let count = 0;
function projectOf(flow: string, lines: readonly unknown[] = []) {
  count++;
  const directory = join(folder, String(count));
  for (const [name, content] of [
    ["atomic.yaml", "name: sales\n"],
    ["data/sales.jsonl", lines.map((line) => `${JSON.stringify(line)}\n`).join("")],
    ["flows/sales.flow.yaml", `${source}${flow}`],
  ] as const) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

async function said(flow: string, strict = false): Promise<string> {
  const project = await openProject({ directory: projectOf(flow, [{}]) });
  const problems = await checkProject(project, { strict });
  const told = problems.map(({ severity, code, hint, ...problem }) => {
    const text = `${severity} ${code} ${formatProblem({ severity, code, ...problem })}\n`;
    return hint === undefined ? text : `${text}  ${hint}\n`;
  });
  return told.join("");
}

const sale = (at: string, shop: string, price: number) => ({ at, ms: Date.parse(at), shop, price, tags: [] });

describe("window in a flow file", () => {
  it("does what it says, in all kinds", async () => {
    const directory = projectOf(
      `stages:
  - tee: out/sliding.jsonl
  - window:
      time: record.ms
      tumbling: { sizeMs: 3600000 }
      by: [shop]
      calculate: { sales: { count: true }, revenue: { sum: price } }
      outOfOrderMs: 600000
    id: hourly
  - filter: record.sales > 0 && record.windowStart < record.windowEnd
  - window: { time: windowStart, session: { gapMs: 7200000 }, calculate: { hours: { count: true }, revenue: { sum: revenue } } }
sink: out/sessions.jsonl
deadLetters: out/late.jsonl
`,
      [
        sale("2025-01-31T10:05:00+01:00", "a", 2),
        sale("2025-01-31T10:30:00+01:00", "b", 3),
        sale("2025-01-31T12:00:00+01:00", "a", 5),
        sale("2025-01-31T10:59:00+01:00", "a", 7),
        sale("2025-01-31T11:55:00+01:00", "a", 11),
      ],
    );
    const project = await openProject({ directory });
    expect(await checkProject(project, { strict: true })).toEqual([]);
    const loaded = await loadFlow(project, "sales");
    const summary = await loaded.start().summary;
    expect(summary).toMatchObject({ status: "partial", read: 5, delivered: 4, deadLettered: 1 });
    const lines = (name: string) =>
      readFileSync(join(directory, name), "utf8")
        .trim()
        .split("\n")
        // A flow writes JSON.
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    expect(lines("out/sessions.jsonl")).toEqual([
      {
        windowStart: "2025-01-31T09:00:00.000Z",
        windowEnd: "2025-01-31T13:00:00.000Z",
        hours: 4,
        revenue: 21,
      },
    ]);
    expect(lines("out/late.jsonl")).toMatchObject([
      { record: 4, stage: "hourly", error: { code: "EVENT_TIME" } },
    ]);
  });

  it("is checked: keys, expressions, figures, and what the options ask for", async () => {
    expect(
      await said(`stages:
  - window: { time: tags, tumbling: { sizeMs: 5 }, by: [shp, lower(record.shop)], calculate: { n: { sum: shop }, m: { max: size(record.shop) } } }
  - window: { time: 'record.shop == "a"', tumbling: { sizeMs: 5 }, calculate: { n: { count: true } } }
sink: out/a.jsonl
`),
    ).toBe(`error fit flows/sales.flow.yaml:9:21: "tags" must be a time: milliseconds since 1970, or a text; here it is such as []
error expression flows/sales.flow.yaml:9:57: record.shp: there is no such field
  Did you mean shop?
error expression flows/sales.flow.yaml:9:62: A window can only group by a key of the record, not an expression
  Compute it in a map before, and name the key that it has there.
error fit flows/sales.flow.yaml:9:106: "shop" must be a number; here it is such as ""
error expression flows/sales.flow.yaml:9:124: A window can only calculate with a key of the record, not an expression
  Compute it in a map before, and name the key that it has there.
error expression flows/sales.flow.yaml:10:22: expected a number or a text, but this gives true or false
`);
    expect(
      await said(`stages:
  - window: { time: due, sliding: { sizeMs: 5, everyMs: 6 }, calculate: { n: { count: true } } }
sink: out/a.jsonl
`),
    ).toBe(`warning expression flows/sales.flow.yaml:9:21: record.due may be missing
  A record without it fails here; filter such records out before, or give them a time in a map.
error wrong-value flows/sales.flow.yaml:9:57: sliding.everyMs must be no more than sizeMs, 5, got 6
  Records between two windows would belong to none: filter them out before.
`);
    for (const [options, says] of [
      [
        "time: ms",
        '9:13: options must be with one of tumbling, sliding, session, got "none"\n  Such as tumbling: { sizeMs: 60000 }',
      ],
      [
        "time: ms, session: { gapMs: 5 }, tumbling: { sizeMs: 5 }",
        '9:13: options must be with one of tumbling, sliding, session, got "tumbling and session"',
      ],
      [
        "time: at, timeZone: Mars, session: { gapMs: 5 }",
        '9:35: timeZone must be the name of a time zone such as Europe/Berlin, or an offset such as +01:00, got "Mars"',
      ],
      [
        "time: at, session: { gapMs: 0 }",
        "stages[0].window.session.gapMs must be a whole number of milliseconds from 1, got 0",
      ],
      ["time: at, session: { gap: 5 }", 'Unknown key "gap" in stages[0].window.session'],
      ["time: at, session: { gapMs: 5 }, by: [shop, windowEnd]", "record.windowEnd: there is no such field"],
    ] as const) {
      const flow = `stages:\n  - window: { ${options}, calculate: { n: { count: true } } }\nsink: out/a.jsonl\n`;
      expect(await said(flow)).toContain(says);
    }
    expect(
      await said(`stages:
  - window: { time: at, session: { gapMs: 5 }, by: [shop], calculate: { shop: { count: true }, windowStart: { count: true } } }
sink: out/a.jsonl
`),
    ).toContain(
      '9:79: calculate.shop must be a name that is none of shop, windowStart, windowEnd, got "shop"',
    );
  });

  it("tells the stages behind it what its records are", async () => {
    expect(
      await said(
        `stages:
  - window: { time: at, session: { gapMs: 5 }, by: [shop], calculate: { n: { count: true }, most: { max: price } } }
  - map: { shop: record.shop, n: record.n + 1, most: record.most * 2.0, first: record.windowStart, no: record.price }
sink: out/a.jsonl
`,
        true,
      ),
    ).toBe(`error expression flows/sales.flow.yaml:10:111: record.price: there is no such field
  There are shop, windowStart, windowEnd, n, most.
`);
  });
});

describe("deduplicate in a flow file", () => {
  it("forgets, and finds texts that are nearly the same", async () => {
    const directory = projectOf(
      `stages:
  - deduplicate: { by: [shop], within: { ms: 60000, time: record.at } }
  - deduplicate: { by: [shop, record.price], within: { records: 1 } }
  - deduplicate: { near: { text: 'record.shop + " on the corner"', similarity: 0.6 } }
sink: out/a.jsonl
`,
      [
        sale("2025-01-31T10:00:00Z", "the old book shop", 1),
        sale("2025-01-31T10:01:00Z", "the old book shop", 2),
        sale("2025-01-31T10:01:01Z", "the old book shop", 1),
        sale("2025-01-31T10:01:01Z", "bakery", 1),
        sale("2025-01-31T10:01:01Z", "The  old book-shop", 2),
      ],
    );
    const project = await openProject({ directory });
    expect(await checkProject(project, { strict: true })).toEqual([]);
    const summary = await (await loadFlow(project, "sales")).start().summary;
    expect(summary).toMatchObject({ status: "success", read: 5, delivered: 2, filtered: 3 });
    expect(summary.stages.map(({ filtered }) => filtered)).toEqual([1, 1, 1]);
  });

  it("is checked", async () => {
    for (const [options, says] of [
      ["{ maxKeys: 5 }", "error missing-key flows/sales.flow.yaml:9:18: deduplicate needs by, or near"],
      ["{ near: { text: price, similarity: 0.8 } }", '9:34: "price" must be a text; here it is such as 0'],
      [
        "{ near: { text: shop, similarity: 0 } }",
        "9:52: near.similarity must be a number above 0, up to 1, got 0",
      ],
      ["{ by: [shop], within: { ms: 5 } }", "stages[0].deduplicate.within"],
      ["{ by: [shop], within: { ms: 5, time: tags } }", '9:55: "tags" must be a time'],
      [
        "{ by: [shop], within: { ms: 5, time: at, timeZone: X } }",
        "9:69: within.timeZone must be the name of a time zone",
      ],
    ] as const) {
      expect(await said(`stages:\n  - deduplicate: ${options}\nsink: out/a.jsonl\n`)).toContain(says);
    }
  });
});

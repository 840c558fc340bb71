import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { formatProblem } from "../files/problem.ts";
import { checkPipeline } from "./check-pipeline.ts";
import { openProject } from "./open-project.ts";

/** Within the workspace, so that modules in it find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const directory = realpathSync(mkdtempSync(join(scratch, "check-pipeline-")));
afterAll(() => rmSync(directory, { recursive: true }));

writeFileSync(
  join(directory, "a.ts"),
  `import { defineAgent } from "@atomic-agents/core";
import * as z from "zod";
const make = (name, input, output) => defineAgent({ name, description: name, input, output, execute: () => { throw new Error("run"); } });
export const text = make("text", z.string(), z.object({ text: z.string() }));
export const maybe = make("maybe", z.object({ text: z.string() }), z.object({ text: z.string().optional() }));
export const both = make("both", z.union([z.string(), z.object({ text: z.string() })]), z.string());
`,
);

async function told(stages: string): Promise<readonly string[]> {
  writeFileSync(
    join(directory, "atomic.yaml"),
    `agents: { text: "./a.ts#text", maybe: "./a.ts#maybe", both: "./a.ts#both", gone: "./a.ts#gone" }
pipelines:
  inner: { stages: [text, maybe] }
  p:
    stages:
${stages}`,
  );
  const problems = await checkPipeline(await openProject({ directory }), "p");
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`);
}

test.each<[string, string, readonly string[]]>([
  ["stages that fit", "      - text\n      - maybe\n", []],
  ["one that never fits", "      - text\n      - { agent: text, id: again }\n", ["error atomic.yaml:7:18"]],
  [
    "one that need not fit",
    "      - text\n      - maybe\n      - { agent: maybe, id: again }\n",
    ["warning atomic.yaml:8:18"],
  ],
  ["what is passed on and taken", "      - { agent: text, onError: pass }\n      - both\n", []],
  [
    "what is passed on and need not be taken",
    "      - { agent: text, onError: pass }\n      - maybe\n",
    ["error atomic.yaml:7:9"],
  ],
  [
    "an agent that cannot be loaded",
    "      - text\n      - gone\n      - { agent: text, id: again }\n",
    ["error atomic.yaml:1:82"],
  ],
  ["a pipeline in a pipeline", "      - inner\n      - maybe\n", ["warning atomic.yaml:7:9"]],
  ["what is wrong already", "      - text\n      - nonsense\n", ["error atomic.yaml:7:9"]],
])("checkPipeline: %s", async (_what, stages, places) => {
  const problems = await told(stages);
  expect(problems.map((problem) => problem.split(": ")[0])).toEqual(places);
});

test("checkPipeline knows no other pipelines", async () => {
  expect(await checkPipeline(await openProject({ directory }), "q")).toEqual([]);
});

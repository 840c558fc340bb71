import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "./statistics.ts";

/*
 * What a long pipeline costs the compiler. Two files are checked: one with fifty agents, and one with the same
 * agents and a pipeline of all fifty. The difference in type instantiations belongs to the pipeline; the count does
 * not depend on the machine, so it can fail a build. The time is only printed.
 */

const STAGES = 50;
const MOST_INSTANTIATIONS = 25_000;
const MOST_CHECK_MS = 500;
const TIMES = 5;

const root = join(import.meta.dirname, "..");
const folder = join(root, "out/type-cost");

/** Fifty agents with schemas of their own; each takes what the one before it returns. */
function agentsSource(): string {
  const lines = [
    'import { defineAgent, pipeline } from "@atomic-agents/core";',
    'import { z } from "zod";',
    "",
  ];
  for (let index = 0; index < STAGES; index += 1) {
    lines.push(
      `export const agent${index} = defineAgent({`,
      `  name: "agent-${index}",`,
      `  description: "Stage ${index}.",`,
      `  input: z.object({ id: z.string(), field${index}: z.number() }),`,
      `  output: z.object({ id: z.string(), field${index + 1}: z.number(), kind: z.enum(["a", "b"]) }),`,
      `  execute: ({ id, field${index} }) => ({ id, field${index + 1}: field${index} + 1, kind: field${index} > 1 ? "a" : "b" }),`,
      "});",
    );
  }
  return lines.join("\n");
}

const files: Readonly<Record<"agents" | "pipeline", string>> = {
  agents: `${agentsSource()}\nexport const composed = pipeline("long");\n`,
  pipeline: `${agentsSource()}\nexport const composed = pipeline("long")\n${Array.from(
    { length: STAGES },
    (_, index) => `  .stage(agent${index})`,
  ).join(
    "\n",
  )};\nexport const answer: Promise<{ id: string; field${STAGES}: number; kind: "a" | "b" }> = composed.run({ id: "1", field0: 1 });\n`,
};

interface Diagnostics {
  readonly instantiations: number;
  readonly checkMs: number;
}

function compile(name: keyof typeof files): Diagnostics {
  const project = join(folder, `${name}.json`);
  const compiler = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/typescript/bin/tsc"),
      "--project",
      project,
      "--extendedDiagnostics",
      "--singleThreaded",
    ],
    { encoding: "utf8", timeout: 60_000 },
  );
  if (compiler.status !== 0)
    throw new Error(`${name}.ts does not compile:\n${compiler.stdout}${compiler.stderr}`);
  const read = (label: string): number => {
    const value = Number(
      new RegExp(`^${label}:\\s+([\\d.,]+)`, "m").exec(compiler.stdout)?.[1]?.replaceAll(",", ""),
    );
    if (!(value >= 0)) throw new Error(`the compiler printed no "${label}":\n${compiler.stdout}`);
    return value;
  };
  return { instantiations: read("Instantiations"), checkMs: read("Check time") * 1_000 };
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, source] of Object.entries(files)) {
  writeFileSync(join(folder, `${name}.ts`), source);
  const config = {
    extends: "../../bench/tsconfig.json",
    // The types that users get: those of the build.
    compilerOptions: { customConditions: [] },
    include: [],
    files: [`${name}.ts`],
  };
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(config));
}

const agents = compile("agents");
const runs = Array.from({ length: TIMES }, () => compile("pipeline"));
const instantiations = runs[0]?.instantiations ?? Number.NaN;
const added = instantiations - agents.instantiations;
const checkMs = median(runs.map((run) => run.checkMs));
const count = (value: number) => value.toLocaleString("en-US");

console.log(
  `| what | type instantiations | at most |\n|---|--:|--:|\n` +
    `| ${STAGES} agents alone | ${count(agents.instantiations)} | |\n` +
    `| ${STAGES} agents and a pipeline of ${STAGES} stages | ${count(instantiations)} | |\n` +
    `| the pipeline's own | ${count(added)} | ${count(MOST_INSTANTIATIONS)} |\n\n` +
    `Check time of the whole file, median of ${TIMES}: ${checkMs.toFixed(0)} ms (at most ${MOST_CHECK_MS} ms).`,
);
if (!(added <= MOST_INSTANTIATIONS)) {
  console.error(
    `A pipeline of ${STAGES} stages adds ${count(added)} type instantiations, more than ${count(MOST_INSTANTIATIONS)}.`,
  );
  process.exitCode = 1;
}

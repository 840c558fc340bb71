import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Mistakes, and what the compiler's message has to name. */
const mistakes: readonly {
  readonly name: string;
  readonly code: string;
  readonly says: readonly string[];
  readonly saysNot?: readonly string[];
}[] = [
  {
    name: "a stage that needs more than the one before gives",
    code: "pipeline('p').stage(clean).stage(countTo);",
    says: [
      "Property 'limit' is missing in type '{ text: string; }' but required in type '{ text: string; limit: number; }'",
    ],
  },
  {
    name: "a stage with an id that needs more than the one before gives",
    code: "pipeline('p').stage(clean).stage('id', countTo, { timeoutMs: 5 });",
    says: ["Property 'limit' is missing in type '{ text: string; }'"],
    saysNot: ["overload"],
  },
  {
    name: "a stage with a policy that needs more than the one before gives",
    code: "pipeline('p').stage(clean).stage(countTo, { timeoutMs: 5 });",
    says: ["Property 'limit' is missing in type '{ text: string; }'"],
    saysNot: ["overload"],
  },
  {
    name: "a stage with an id and without a policy that needs more than the one before gives",
    code: "pipeline('p').stage(clean).stage('id', countTo);",
    says: ["Property 'limit' is missing in type '{ text: string; }'"],
    saysNot: ["overload"],
  },
  {
    name: "a stage that passes and takes another type",
    code: "pipeline('p').stage(count).stage(double, { onError: 'pass' });",
    says: ["Types of property 'words' are incompatible", "'number' is not assignable to type 'string'"],
    saysNot: ["overload"],
  },
  {
    name: "a misspelt option of a stage's policy",
    code: "pipeline('p').stage(clean).stage(count, { timeout: 5 });",
    says: ["'timeout' does not exist in type 'Policy", "'timeoutMs'"],
    saysNot: ["overload"],
  },
  {
    name: "an outcome that does not exist",
    code: "pipeline('p').stage(clean, { onError: 'ignore' });",
    says: ['"ignore"', "OnError"],
    saysNot: ["overload"],
  },
  {
    name: "a stage that takes another type",
    code: "pipeline('p').stage(count).stage(double);",
    says: ["Types of property 'words' are incompatible", "'number' is not assignable to type 'string'"],
  },
  {
    name: "a stage after one that may pass its input on",
    code: "pipeline('p').stage(count, { onError: 'pass' }).stage(rate);",
    says: ["Property 'words' is missing in type '{ text: string; }'"],
  },
  {
    name: "an output without a field",
    code: "defineAgent({ ...common, input: Text, output: z.object({ text: z.string(), words: z.number() }), execute: ({ text }) => ({ text }) });",
    says: ["Property 'words' is missing in type '{ text: string; }'"],
  },
  {
    name: "an output with a field of another type",
    code: "defineAgent({ ...common, input: Text, output: Words, execute: ({ text }) => ({ words: text }) });",
    says: ["'string' is not assignable to type", "number"],
  },
  {
    name: "an output that is none of the literals",
    code: "defineAgent({ ...common, input: Text, output: z.object({ kind: z.enum(['bug', 'question']) }), execute: () => ({ kind: 'praise' }) });",
    says: ['"praise"', '"bug" | "question"'],
  },
  {
    name: "a promise of an output with a field of another type",
    code: "defineAgent({ ...common, input: Text, output: Words, execute: async ({ text }) => ({ words: text }) });",
    says: ["Types of property 'words' are incompatible", "'string' is not assignable to type 'number'"],
  },
  {
    name: "a promise of an output without a field",
    code: "defineAgent({ ...common, input: Text, output: z.object({ text: z.string(), words: z.number() }), execute: async ({ text }) => ({ text }) });",
    says: ["Property 'words' is missing in type '{ text: string; }'"],
  },
  {
    name: "a promise of an output that is none of the literals",
    code: "defineAgent({ ...common, input: Text, output: z.object({ kind: z.enum(['bug', 'question']) }), execute: async () => ({ kind: 'praise' }) });",
    says: ['"praise"', '\'"bug" | "question"\''],
  },
  {
    name: "a promise of another type",
    code: "defineAgent({ ...common, input: Text, output: z.number(), execute: async ({ text }) => text });",
    says: ["Type 'string' is not assignable to type 'number | NotInSchema<number, never>'"],
  },
  {
    name: "an output whose key is misspelt",
    code: "defineAgent({ ...common, input: Text, output: Words, execute: () => ({ wrods: 5 }) });",
    says: ["Type 'number' is not assignable to type 'NotInSchema<{ words: number; }, never>'"],
  },
  {
    name: "an output of another shape",
    code: "defineAgent({ ...common, input: Text, output: z.array(Words), execute: () => ({ words: 5 }) });",
    says: ["Type 'number' is not assignable to type 'NotInSchema<{ words: number; }[], never>'"],
  },
  {
    name: "a definition without a description",
    code: "defineAgent({ name: 'a', input: Text, output: Text, execute: (input) => input });",
    says: ["Property 'description' is missing"],
  },
  {
    name: "an input without a field",
    code: "countTo.run({ text: '' });",
    says: ["Property 'limit' is missing in type '{ text: string; }'"],
  },
  {
    name: "an input of parallel agents that one of them does not take",
    code: "parallel({ count, countTo }).run({ text: '' });",
    says: ["Property 'limit' is missing in type '{ text: string; }'"],
  },
  {
    name: "an input of a pair that its agent does not take",
    code: "runAll([[clean, { text: '' }], [count, { text: 5 }]]);",
    says: ["Type 'number' is not assignable to type 'string'"],
  },
  {
    name: "a key that `.map`'s schema does not know",
    code: "pipeline('p').stage(clean).map(({ text }) => ({ text }), Words);",
    says: ["NotInSchema<{ words: number; }"],
  },
  {
    name: "a case that does not exist",
    code: "branch(() => 'other', { count, clean });",
    says: ['"other"', '"clean" | "count"'],
  },
  {
    name: "what `.map` gives without a field of its schema",
    code: "pipeline('p').stage(clean).map(() => ({}), Words);",
    says: ["Type '{}' is not assignable to type 'Returns<{ words: number; }, never>'"],
  },
  {
    name: "a misspelt option of a policy",
    code: "withPolicy(count, { timeout: 5 });",
    says: ["'timeout' does not exist in type 'AgentPolicy'"],
  },
  {
    name: "a policy that passes, around an agent",
    code: "withPolicy(count, { onError: 'pass' });",
    says: ['"pass"', '"dead-letter" | "drop" | "stop"'],
  },
  {
    name: "a pipeline without stages that is run",
    code: "pipeline('p').run({ text: '' });",
    says: ["Property 'run' does not exist on type 'EmptyPipeline'"],
  },
];

const prelude = `
import { type Agent, branch, defineAgent, parallel, pipeline, runAll, withPolicy } from "@atomic-agents/core";
import * as z from "zod";
const Text = z.object({ text: z.string() });
const Words = z.object({ words: z.number() });
const common = { name: "a", description: "Stands for any agent." };
declare const clean: Agent<{ text: string }, { text: string }>;
declare const count: Agent<{ text: string }, { words: number }>;
declare const countTo: Agent<{ text: string; limit: number }, { words: number }>;
declare const double: Agent<{ words: string }, { words: string }>;
declare const rate: Agent<{ words: number }, { score: number }>;
export { branch, clean, common, count, countTo, defineAgent, double, parallel, pipeline, rate, runAll, Text, withPolicy, Words, z };
`;

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "atomic-agents-types-"));
const messages = new Map<string, string>();

beforeAll(async () => {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: "nodenext",
    target: "es2023",
    types: ["node"],
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    exactOptionalPropertyTypes: true,
    typeRoots: [join(repository, "node_modules", "@types")],
    paths: {
      "@atomic-agents/core": [join(repository, "packages/core/src/index.ts")],
      "@atomic-agents/contracts": [join(repository, "packages/contracts/src/index.ts")],
      zod: [join(repository, "node_modules/zod/index.d.ts")],
    },
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  writeFileSync(join(folder, "prelude.ts"), prelude);
  for (const [index, { code }] of mistakes.entries()) {
    const names = prelude.slice(prelude.lastIndexOf("{ ") + 2, prelude.lastIndexOf(" }")).split(", ");
    const used = names.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
    writeFileSync(
      join(folder, `m${index}.ts`),
      `import { ${used.join(", ")} } from "./prelude.ts";\n${code}\n`,
    );
  }
  const tsc = join(repository, "node_modules", "typescript", "bin", "tsc");
  const args = [tsc, "-p", folder, "--pretty", "false"];
  const output = await promisify(execFile)(process.execPath, args, { cwd: folder }).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error as { readonly stdout: string }).stdout,
  );
  let current = "";
  for (const line of output.split("\n")) {
    current = /^(?:.*[/\\])?([\w-]+\.ts)\(\d+,\d+\): error/.exec(line)?.[1] ?? current;
    messages.set(current, `${messages.get(current) ?? ""}${line}\n`);
  }
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("nothing else is wrong", () => {
  const known = mistakes.map((_mistake, index) => `m${index}.ts`);
  const others = [...messages].filter(([file]) => !known.includes(file));
  expect(others).toEqual([]);
});

test.each(mistakes.map(({ name, says, saysNot = [] }, index) => [name, says, saysNot, index] as const))(
  "the compiler refuses %s, and says what is wrong",
  (_name, says, saysNot, index) => {
    const message = messages.get(`m${index}.ts`) ?? "compiled";
    for (const part of says) expect(message).toContain(part);
    for (const part of saysNot) expect(message).not.toContain(part);
  },
);

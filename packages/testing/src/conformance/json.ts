import { isDeepStrictEqual } from "node:util";
import { judge } from "../generate/judge.ts";
import { preview } from "../usage-error.ts";
import { forValid, leaveOut, saying } from "./for-all.ts";
import { jsonSchemaOf } from "./inputs.ts";
import type { Lab } from "./lab.ts";
import { Broken, Mismatch, notApplicable, passed, type Verdict } from "./verdict.ts";

/** 24. */
export async function outputIsJson(lab: Lab): Promise<Verdict> {
  const { jsonSchema, why } = jsonSchemaOf(lab.agent.output, "output");
  if (jsonSchema === undefined) return notApplicable(`its output is not meant to be JSON: ${why}`);
  let looked = 0;
  const tried = await forValid(lab, async (input) => {
    const { output } = await outputOf(lab, input);
    const written = throughJson(output);
    looked++;
    if (!isDeepStrictEqual(written, plain(output))) {
      throw new Mismatch(
        "an output that JSON keeps as it is",
        `${preview(output)}, of which JSON makes ${preview(written)}`,
      );
    }
  });
  return looked === 0 ? noOutput() : passed(saying(tried));
}

/** 25. */
export async function schemasAgree(lab: Lab): Promise<Verdict> {
  const { agent } = lab;
  const sides = { input: jsonSchemaOf(agent.input, "input"), output: jsonSchemaOf(agent.output, "output") };
  const unknown = new Set<string>();
  let looked = 0;
  const hold = (side: "input" | "output", value: unknown) => {
    const { jsonSchema } = sides[side];
    if (jsonSchema === undefined) return;
    const judgement = judge(jsonSchema, value);
    if (judgement.verdict === "unknown") unknown.add(judgement.keyword);
    if (judgement.verdict === "valid") looked++;
    if (judgement.verdict !== "invalid") return;
    const { keyword, path } = judgement;
    const what = side === "input" ? "an input that it takes" : "an output that it gives";
    throw new Mismatch(
      `${what} to be valid by the JSON Schema in its description`,
      `${preview(value)}, refused by ${keyword} at ${path || "the value itself"}`,
    );
  };
  const tried = await forValid(lab, async (input) => {
    const written = throughJson(input);
    // What is no JSON, as a Date, no JSON Schema speaks of.
    const isJson = isDeepStrictEqual(written, plain(input));
    const { output } = await outputOf(lab, input);
    if (isJson) hold("input", written);
    hold("output", throughJson(output));
  });
  if (looked > 0) return passed(saying(tried));
  if (unknown.size > 0) return notApplicable(`the keyword ${[...unknown].join(", ")} is not understood`);
  const why = sides.input.why || sides.output.why;
  return why === "" ? noOutput() : notApplicable(`it has no JSON Schema: ${why}`);
}

function noOutput(): Verdict {
  return notApplicable("no input gave an output");
}

/** The output; what gives none says nothing here. */
async function outputOf(lab: Lab, input: unknown): Promise<{ readonly output: unknown }> {
  const result = await lab.tryRun(input);
  return result.ok ? result : leaveOut();
}

/** What a reader gets of a value that was written as JSON. */
function throughJson(value: unknown): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (thrown) {
    throw new Broken(`${preview(value)} cannot be written as JSON: ${preview(thrown)}`);
  }
  return text === undefined ? undefined : JSON.parse(text);
}

/** Without what JSON leaves out and nobody misses: keys that are undefined, and the sign of zero. */
function plain(value: unknown, open: readonly unknown[] = []): unknown {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null || open.includes(value)) return value;
  const inside = [...open, value];
  if (Array.isArray(value)) return value.map((item) => plain(item, inside));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, plain(item, inside)]),
  );
}

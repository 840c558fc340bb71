import { describeIssues, type VendorIssue } from "@atomic-agents/contracts";
import type { AnyAtomicError } from "@atomic-agents/core";
import type { NearMiss } from "../generate/near-misses.ts";
import type { AnySchema } from "../schema-types.ts";
import { preview } from "../usage-error.ts";
import { forAll, forGenerated, leaveOut, saying } from "./for-all.ts";
import type { Lab } from "./lab.ts";
import { Broken, type Counterexample, Mismatch, notApplicable, passed, type Verdict } from "./verdict.ts";

/** 21. */
export async function takesGenerated(lab: Lab): Promise<Verdict> {
  const tried = await forGenerated(lab, async (input) => {
    const result = await lab.tryRun(input);
    if (!result.ok) throw new Mismatch("an output", said(result.error));
  });
  if (tried.runs === 0) return notApplicable(`no inputs were made: ${tried.note}`);
  return passed(`${saying(tried)}${withoutSome(lab)}`);
}

/** What the inputs did not hold, because it could not be made. */
function withoutSome({ inputs }: Lab): string {
  return inputs.leftOut.map((why) => `; left out: ${why}`).join("");
}

/** 22. */
export async function refusesNearMisses(lab: Lab): Promise<Verdict> {
  const { misses, why } = lab.inputs;
  if (lab.runs === 0) return notApplicable("no inputs were asked for");
  if (misses.length === 0) return notApplicable(why === "" ? "its input schema takes everything" : why);
  const each = Math.max(1, Math.ceil(lab.runs / misses.length));
  const beganMs = performance.now();
  let refused = 0;
  for (const miss of misses) {
    if (performance.now() - beganMs > lab.generateMs) break;
    await forAll(
      lab,
      miss.arbitrary,
      async (input) => {
        if (!(await isWrongThere(lab.agent.input, input, miss.path))) leaveOut();
        if (await isRefusedThere(lab, input, miss)) refused++;
      },
      each,
    ).catch((thrown: unknown) => {
      throw withWhat(thrown, miss);
    });
  }
  if (refused > 0) return passed(`${refused} inputs, wrong in ${misses.length} ways`);
  return notApplicable("what its schema refuses becomes an output, or is refused by one of its parts");
}

/**
 * Whether the schema itself takes a value for wrong in a place. Vendors differ in what they take: one counts the length
 * of a text otherwise, and so finds another place wrong, or an array for an object, and so finds nothing wrong.
 */
async function isWrongThere(schema: AnySchema, input: unknown, path: string): Promise<boolean> {
  let issues: readonly VendorIssue[] | undefined;
  try {
    ({ issues } = await schema["~standard"].validate(input));
  } catch {
    // A schema that throws takes it no less for invalid.
    return true;
  }
  if (issues === undefined) return false;
  const paths = describeIssues(schema, issues, input).map((issue) => issue.path);
  const isElsewhere = (one: string) => one !== "" && !isIn(path, one);
  return paths.some((one) => isIn(one, path)) || !paths.some(isElsewhere);
}

/** Whether it was refused, and where it was wrong; a composed agent may make something else of it, and be right. */
async function isRefusedThere(lab: Lab, input: unknown, miss: NearMiss): Promise<boolean> {
  const result = await lab.tryRun(structuredClone(input));
  const expected = `VALIDATION_INPUT with an issue at ${miss.path === "" ? "the input itself" : miss.path}`;
  if (result.ok) {
    if (lab.isComposed) return false;
    throw new Mismatch(expected, `the output ${preview(result.output)}`);
  }
  const { error } = result;
  if (error.code === "VALIDATION_INPUT" && names(error, miss.path)) return true;
  if (lab.isComposed) return false;
  const at = pathsOf(error).map((path) => path || "the input itself");
  throw new Mismatch(expected, `${said(error)}${at.length === 0 ? "" : ` (at ${at.join(", ")})`}`);
}

function names(error: AnyAtomicError, path: string): boolean {
  return pathsOf(error).some((one) => isIn(one, path));
}

/** Whether a path leads to a place, or to somewhere inside of it. */
function isIn(path: string, place: string): boolean {
  if (place === "" || path === place) return true;
  return path.startsWith(`${place}.`) || path.startsWith(`${place}[`);
}

function pathsOf(error: AnyAtomicError): readonly string[] {
  if (error.code !== "VALIDATION_INPUT" || !Array.isArray(error.details.issues)) return [];
  return error.details.issues.map(({ path }) => String(path));
}

function withWhat(thrown: unknown, { what, path }: NearMiss): unknown {
  if (!(thrown instanceof Broken) || thrown.counterexample === undefined) return thrown;
  const place = path === "" ? "" : `${path}: `;
  const counterexample: Counterexample = {
    ...thrown.counterexample,
    expected: `${thrown.counterexample.expected} (${place}${what})`,
  };
  return new Broken(`${place}${what}: ${thrown.message}`, counterexample);
}

function said(error: AnyAtomicError): string {
  return `${error.code}: ${error.message}`;
}

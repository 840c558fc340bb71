import type { JsonSchema } from "../json-schema.ts";
import { ContractError } from "../errors.ts";
import type { AnySchema } from "../schema.ts";
import { isSchema } from "../schema.ts";
import { toJsonSchema } from "../to-json-schema.ts";
import { canParseOnce, inspectSchema } from "../traits.ts";
import { Budget } from "./budget.ts";
import { decide, unlessTooLarge } from "./decide.ts";
import { dialectOf, plainDialect } from "./dialect.ts";
import { type FinePrint, finePrintOfInput, finePrintOfOutput } from "./fine-print.ts";
import type { Fit } from "./verdict.ts";
import { hiddenPartsOf } from "./hidden-parts.ts";
import { hintsOf } from "./hints.ts";
import { judgeByJson, judgeByValidators } from "./judge.ts";
import { Reader } from "./reader.ts";
import { typesOnly } from "./types-only.ts";

const steps = 200_000;

const noFinePrint: FinePrint = { againstAlways: undefined, againstNever: undefined, keepingType: undefined };

/**
 * Tells whether every value that `from` hands on (its output) is one that `to` takes (its input): whether an agent with
 * the output `from` can be followed by one with the input `to`.
 *
 * - `always`: every value passes.
 * - `sometimes`: `passes` is a value that `from` handed on and `to` took, `fails` one that `to` refused, and `why` says
 *   where and why, as an error message can.
 * - `never`: no value passes. `example` is one that `from` handed on.
 * - `unknown`: that cannot be told, because of `keyword` at `path`. It is a keyword of JSON Schema, or the name of a
 *   trait (see `inspectSchema`), `not JSON`, `validate` (a validator disagrees with its JSON Schema) or `too large`.
 *
 * Never a false `always` or `never`: they are proved on the JSON Schemas, and then tried. Values are what JSON can
 * carry; infinite numbers, keys whose value is `undefined` and arrays for objects, on which vendors differ, are tried
 * where they may occur. What a JSON Schema does not show limits the verdict:
 *
 * | | in `from` | in `to` |
 * |---|---|---|
 * | a check of one's own (`refine`) | changes nothing: fewer values come | no `always` |
 * | `trim`, `overwrite`, `superRefine`, a fallback | `from` counts by its types alone, without bounds | likewise for `never`; no `always` unless `to` has no bounds |
 * | a default | is one more value | changes nothing |
 * | coercion, `catch` | counts as its JSON Schema says | no `never` |
 * | a transform or codec | of Zod, into a schema: counts as that says; else neither | no `always`; nor `never` where it comes first |
 * | a pipe into another schema | counts as the last says | no `always` |
 * | an unknown vendor, or part | neither | neither |
 *
 * One and the same schema whose results need not be parsed again (`canParseOnce`) always fits itself. Validators are
 * called with made-up values, and so are checks and transforms in them; what is asynchronous is not waited for.
 *
 * @throws ContractError `BAD_SCHEMA` where one of them is no schema.
 *
 * @example
 * ```ts
 * import { fit } from "@atomic-agents/contracts/fit";
 * import * as z from "zod";
 *
 * const Scored = z.object({ text: z.string(), score: z.number() });
 * fit(Scored, z.object({ text: z.string() })).verdict; // => "always"
 * const never = fit(Scored, z.object({ score: z.string() }));
 * never.verdict === "never" && never.why; // => "score: expected string, got number 0"
 * ```
 */
export function fit(from: AnySchema, to: AnySchema): Fit {
  for (const schema of [from, to]) {
    if (isSchema(schema)) continue;
    throw new ContractError({
      code: "BAD_SCHEMA",
      message: "This is no schema: it has no Standard Schema (version 1) under ~standard.",
      hint: "Use a schema of Zod 4, ArkType or Valibot, or wrap a JSON Schema by fromJsonSchema.",
    });
  }
  if (from === to && canParseOnce(from)) return { verdict: "always" };
  return unlessTooLarge(() => compare(from, to));
}

function compare(from: AnySchema, to: AnySchema): Fit {
  const documents = documentsOf(from, to);
  if ("verdict" in documents) return documents;
  const { output, input } = documents;
  const hidden = hiddenPartsOf(to);
  const fromPrint = finePrintOfOutput(from);
  const toPrint = finePrintOfInput(to, hidden);
  const shownOutput = fromPrint.keepingType === undefined ? output : typesOnly(output);
  const isUnlimited = JSON.stringify(typesOnly(input)) === JSON.stringify(input);
  const fromDialect = dialectOf(from, "output", hiddenPartsOf(from).hasUnicodePatterns);
  const toDialect = dialectOf(to, "input", hidden.hasUnicodePatterns);

  const budget = new Budget(steps);
  const fromNode = new Reader(shownOutput, fromDialect, budget).read();
  const toNode = new Reader(input, toDialect, budget).read();
  const widest =
    toPrint.keepingType === undefined ? toNode : new Reader(typesOnly(input), toDialect, budget).read();
  return decide({
    from: fromNode,
    to: toNode,
    widestTo: widest,
    sources: [new Reader(output, fromDialect, budget).read(), ...inputOf(from, budget)],
    hints: hintsOf([output, input]),
    judge: judgeByValidators(from, to, toNode, new Budget(steps)),
    againstAlways:
      fromPrint.againstAlways ?? toPrint.againstAlways ?? (isUnlimited ? undefined : toPrint.keepingType),
    againstNever: fromPrint.againstNever ?? toPrint.againstNever,
    budget,
  });
}

/** What to give a schema that hands on other values than it is given. */
function inputOf(schema: AnySchema, budget: Budget) {
  if (inspectSchema(schema).transforms.length === 0) return [];
  try {
    return [new Reader(toJsonSchema(schema, "input"), dialectOf(schema, "input", true), budget).read()];
  } catch {
    return [];
  }
}

function documentsOf(
  from: AnySchema,
  to: AnySchema,
): { readonly output: JsonSchema; readonly input: JsonSchema } | Fit {
  try {
    return { output: toJsonSchema(from, "output"), input: toJsonSchema(to, "input") };
  } catch (error) {
    if (!ContractError.isInstance(error)) throw error;
    return { verdict: "unknown", keyword: "not JSON", path: error.path ?? "", why: error.message };
  }
}

/**
 * As `fit`, for two JSON Schemas (draft 2020-12) as they are, without validators: values pass that the keywords say.
 *
 * @example
 * ```ts
 * import { fitJson } from "@atomic-agents/contracts/fit";
 *
 * fitJson({ type: "integer", minimum: 1 }, { type: "number" }); // => { verdict: "always" }
 * const sometimes = fitJson({ type: "integer" }, { type: "integer", minimum: 1 });
 * sometimes.verdict; // => "sometimes"
 * sometimes.verdict === "sometimes" && sometimes.why; // => "expected integer at least 1, got number 0"
 * ```
 */
export function fitJson(from: JsonSchema, to: JsonSchema): Fit {
  return unlessTooLarge(() => compareJson(from, to));
}

function compareJson(from: JsonSchema, to: JsonSchema): Fit {
  const budget = new Budget(steps);
  const fromNode = new Reader(from, plainDialect, budget).read();
  const toNode = new Reader(to, plainDialect, budget).read();
  return decide({
    from: fromNode,
    to: toNode,
    widestTo: toNode,
    sources: [fromNode],
    hints: hintsOf([from, to]),
    judge: judgeByJson(fromNode, toNode, new Budget(steps)),
    ...noFinePrint,
    budget,
  });
}

import { canParseOnce, ContractError, describeIssues, type Issue } from "@atomic-agents/contracts";
import { AtomicError } from "@atomic-agents/core";
import type { ModelAnswer } from "../model/model-request.ts";
import { readAnswer, withoutThoughts } from "../output/read-answer.ts";
import { withoutKeys } from "../without-keys.ts";
import type { Parts } from "./parts.ts";

/** Of what a check throws the model is told no more. */
const maxWords = 500;

/** An answer that fits, or what is wrong with it. */
export type CheckedAnswer =
  | {
      /** As the model gave it: what the output schema takes. */
      readonly given: unknown;
      /** What goes into a history. */
      readonly kept: unknown;
    }
  | {
      readonly issues: readonly Issue[];
      /** Whether asking again is of no use. */
      readonly isFinal: boolean;
    };

const endings: Readonly<Partial<Record<ModelAnswer["finishReason"], string>>> = {
  length: "The answer was cut off: it reached the limit of tokens. Answer more shortly.",
  "content-filter": "The provider withheld the answer.",
};

/** Whether a model was stopped in the middle: the arguments of its last call of a tool may be a part of what was meant. */
export function wasStopped({ finishReason }: Pick<ModelAnswer, "finishReason">): boolean {
  return endings[finishReason] !== undefined;
}

/** Reads and validates an answer. Nothing is filled in: what is cut off, empty or of another shape is no answer. */
export async function checkAnswer(
  { shape, output }: Parts,
  { text, finishReason }: ModelAnswer,
): Promise<CheckedAnswer> {
  const ending = endings[finishReason];
  if (ending !== undefined) return refused(ending, text, finishReason === "content-filter");
  let given: unknown;
  if (shape.kind === "text") {
    given = withoutThoughts(text);
    if (given === "") return refused("The answer is empty.", text);
    // Servers have more words for it than there are; a text that did not come to its end does not show it.
    if (finishReason === "other") return refused("The answer did not come to its end.", text);
  } else {
    const read = readAnswer(text);
    if ("problem" in read) return refused(`The answer ${read.problem}.`, text);
    if (isEmptyObject(read.value) && asksForMore(shape.dialect.plain)) {
      return refused("The answer is an empty object. Give each property, null where there is nothing.", text);
    }
    given = shape.dialect.restore(read.value);
  }
  try {
    const result = await output["~standard"].validate(given);
    if (result.issues !== undefined) {
      return { issues: describeIssues(output, result.issues, given), isFinal: false };
    }
    // A schema that makes something else of what it takes would not take that again, nor would a model know it.
    return { given, kept: canParseOnce(output) ? result.value : given };
  } catch (thrown) {
    // What is wrong with the schema itself is wrong with any answer.
    if (ContractError.isInstance(thrown) || AtomicError.isInstance(thrown)) throw thrown;
    // Checks and transforms often throw for values that nobody thought of, such as a date that there is not.
    const words = thrown instanceof Error ? thrown.message : String(thrown);
    return refused(`The schema's check threw: ${withoutKeys(words).slice(0, maxWords)}`, text);
  }
}

function refused(message: string, text: string, isFinal = false): CheckedAnswer {
  const got = text === "" ? "nothing" : `text of ${text.length} characters`;
  return { issues: [{ path: "", message, got }], isFinal };
}

function isEmptyObject(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
  );
}

/** Whether an object was asked for that has properties. */
function asksForMore({ required = [] }: { readonly required?: readonly string[] }): boolean {
  return required.length > 0;
}

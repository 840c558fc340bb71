import { anything } from "@atomic-agents/contracts";
import { type Agent, defineAgent } from "@atomic-agents/core";
import { evaluationFailure } from "../../flow-file/record-expression.ts";
import { checkKeys } from "../check-options.ts";
import { checkRedactOptions, createRedactor } from "./create-redactor.ts";
import { type RedactOptions, redactOptionKeys } from "./redact-options.ts";

/** How an agent is called, and what it takes out. */
export interface RedactAgentOptions extends RedactOptions {
  /** `redact` unless said. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
}

/**
 * An agent that takes e-mail addresses, telephone numbers, payment cards, account numbers and the values of keys out of
 * records: see `createRedactor`. With `counts` the record, which then has to be an object, tells under that key how much.
 *
 * @throws AtomicError `CONFIG`, also for `hash` without a key
 * @example
 * ```ts
 * const agent = redactRecords({ find: ["email"], keys: ["pin"], counts: "redacted" });
 * console.log(await agent.run({ note: "Ask ada@example.org", pin: 1234 }));
 * // => { note: 'Ask [email]', pin: '[redacted]', redacted: { email: 1, key: 1 } }
 * ```
 */
export function redactRecords(options: RedactAgentOptions = {}): Agent<unknown, unknown> {
  const what = "redactRecords";
  checkKeys(what, options, [...redactOptionKeys, "name", "description"]);
  const {
    name = "redact",
    description = "Takes e-mail addresses, telephone, card and account numbers out of records.",
    ...redacting
  } = options;
  checkRedactOptions(what, redacting);
  const change = redactWith(redacting);
  return defineAgent({
    name,
    description,
    capabilities: ["data-transformation", "privacy"],
    input: anything(),
    output: anything(),
    execute: (record) => {
      try {
        return change(record);
      } catch (thrown) {
        throw evaluationFailure("redaction", thrown);
      }
    },
  });
}

/** What is done to a record: what comes out has the counts in it where that is said. */
export function redactWith(options: RedactOptions): (record: unknown) => unknown {
  const { redact } = createRedactor(options);
  const { counts: name } = options;
  if (name === undefined) return (record) => redact(record).value;
  return (record) => {
    if (typeof record !== "object" || record === null || Array.isArray(record)) {
      throw new Error("only an object can have the counts");
    }
    // Of what was counted before it is told again.
    const { [name]: before, ...rest } = record as Readonly<Record<string, unknown>>;
    const { value, counts } = redact(rest);
    return { ...(value as object), [name]: summed(before, counts) };
  };
}

function summed(before: unknown, counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  if (typeof before !== "object" || before === null) return counts;
  const sums: Record<string, number> = { ...counts };
  for (const [kind, count] of Object.entries(before)) {
    if (typeof count === "number" && ["email", "phone", "card", "iban", "key"].includes(kind))
      sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}

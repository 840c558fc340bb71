import { type AnySchema, type InferInput, type InferOutput, isSchema } from "@atomic-agents/contracts";
import type { Agent } from "./agent.ts";
import { checkName, makeAgent } from "./base-agent.ts";
import type { Context } from "./context.ts";
import { configError } from "./errors/config-error.ts";
import { checkKeys } from "./limits.ts";
import type { Primitive, Returns } from "./returns.ts";
import type { Step } from "./run/program.ts";
import { programOfWork } from "./run/step-of.ts";

/** What an agent is made of. */
export interface AgentDefinition<
  TInputSchema extends AnySchema,
  TOutputSchema extends AnySchema,
  TLiteral extends Primitive = never,
> {
  /** Short, in kebab case by custom: `clean-text`. No slash, at most 200 characters. */
  readonly name: string;
  /** What it does, in one sentence: prompt, API text and label at once. */
  readonly description: string;
  /** `1.0.0` unless said otherwise. */
  readonly version?: string | undefined;
  /** What it can be found by. */
  readonly capabilities?: readonly string[] | undefined;
  /** Any Standard Schema: Zod, ArkType, Valibot, or JSON Schema through `fromJsonSchema`. */
  readonly input: TInputSchema;
  readonly output: TOutputSchema;
  /**
   * The work. Gets the parsed input; what it returns is parsed by the output schema. May be `async`; the call is
   * abandoned, and `ctx.signal` aborts, when it takes longer than its stage allows.
   */
  readonly execute: (
    input: InferOutput<TInputSchema>,
    ctx: Context,
  ) => Returns<InferInput<TOutputSchema>, TLiteral>;
}

const known: readonly (keyof AgentDefinition<AnySchema, AnySchema>)[] = [
  "name",
  "description",
  "version",
  "capabilities",
  "input",
  "output",
  "execute",
];

/**
 * Makes an agent: a value with a contract and one `run`.
 *
 * @throws AtomicError `CONFIG` when a part is missing or misspelt
 * @example
 * ```ts
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.object({ text: z.string() }),
 *   output: z.object({ text: z.string() }),
 *   execute: ({ text }) => ({ text: text.toUpperCase() }),
 * });
 * console.log(await shout.run({ text: "hello" })); // => { text: 'HELLO' }
 * ```
 */
export function defineAgent<
  TInputSchema extends AnySchema,
  TOutputSchema extends AnySchema,
  TLiteral extends Primitive = never,
>(
  definition: AgentDefinition<TInputSchema, TOutputSchema, TLiteral>,
): Agent<InferInput<TInputSchema>, InferOutput<TOutputSchema>> {
  checkDefinition(definition);
  const { name, description, version = "1.0.0", capabilities = [], input, output, execute } = definition;
  const card = { name, description, version, capabilities, input, output };
  return makeAgent(card, {
    kind: "agent",
    // The program hands over what the input schema gave. No function around it: it would be one more call a stage.
    program: () => programOfWork(card, execute as Step["execute"]),
  });
}

function checkDefinition(definition: Parameters<typeof checkCard>[1] & DefinitionRest): void {
  if (typeof definition !== "object" || definition === null) {
    throw configError("defineAgent", "its argument", "an object", definition);
  }
  checkName("defineAgent", "name", definition.name);
  const what = `Agent "${definition.name}"`;
  checkKeys(what, definition, known);
  checkCard(what, definition);
  if (typeof definition.execute !== "function") {
    throw configError(what, "execute", "a function", definition.execute);
  }
}

interface DefinitionRest {
  readonly name: unknown;
  readonly execute: unknown;
}

/** Checks what every agent has. @throws AtomicError `CONFIG` */
export function checkCard(
  what: string,
  card: {
    readonly description: string;
    readonly version?: string | undefined;
    readonly capabilities?: readonly string[] | undefined;
    readonly input: AnySchema;
    readonly output: AnySchema;
  },
): void {
  const { description, version, capabilities } = card;
  if (typeof description !== "string" || description.trim() === "") {
    throw configError(what, "description", "a sentence that says what the agent does", description);
  }
  if (version !== undefined && (typeof version !== "string" || version === "")) {
    throw configError(what, "version", "a text like 1.0.0", version);
  }
  if (capabilities !== undefined && !(Array.isArray(capabilities) && capabilities.every(isText))) {
    throw configError(what, "capabilities", "an array of texts", capabilities);
  }
  for (const side of ["input", "output"] as const) {
    if (!isSchema(card[side])) {
      throw configError(
        what,
        side,
        "a Standard Schema",
        card[side],
        "Use Zod 4, ArkType or Valibot, or wrap a JSON Schema with fromJsonSchema of @atomic-agents/contracts/json-schema.",
      );
    }
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

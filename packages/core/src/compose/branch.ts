import { intersectionOf, unionOf, validatorOf } from "@atomic-agents/contracts";
import type { Agent, AgentInput, AgentOutput, AnyAgent } from "../agent.ts";
import type { Context } from "../context.ts";
import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { andThen, type MaybePromise } from "../maybe-promise.ts";
import { checkValue } from "../run/check-value.ts";
import type { Program } from "../run/program.ts";
import type { Scope } from "../run/scope.ts";
import { programOfPart, withinTime } from "../run/step-of.ts";
import { checkSlots, type CompositeOptions, makeComposite } from "./composite.ts";
import type { Slots, SlotsInput } from "./parallel.ts";

/** What a branch gives: what one of its cases gives. */
type CasesOutput<TCases extends Slots> = AgentOutput<TCases[keyof TCases]>;

/**
 * Routes each input to one of several agents. The input is what all cases take; the output is what the chosen one
 * gives. The input is checked before `choose` sees it.
 *
 * @param choose gives the name of a case; may be async
 * @throws AtomicError at run time `NO_ROUTE` when `choose` gives another name; `CONFIG` for no cases
 * @example
 * ```ts
 * const keep = defineAgent({
 *   name: "keep",
 *   description: "Hands on.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text,
 * });
 * const shout = defineAgent({
 *   name: "shout",
 *   description: "Turns text into capitals.",
 *   input: z.string(),
 *   output: z.string(),
 *   execute: (text) => text.toUpperCase(),
 * });
 * const route = branch((text) => (text.length > 3 ? "long" : "short"), { long: shout, short: keep });
 * console.log(await route.run("hello"), await route.run("hi")); // => HELLO hi
 * ```
 */
export function branch<const TCases extends Slots>(
  choose: (input: SlotsInput<TCases>, ctx: Context) => MaybePromise<keyof TCases & string>,
  cases: TCases,
  options: CompositeOptions = {},
): Agent<SlotsInput<TCases>, CasesOutput<TCases>> {
  if (typeof choose !== "function") throw configError("branch", "choose", "a function", choose);
  const parts = checkSlots("branch", cases);
  const agents = [...parts.values()];
  const input = intersectionOf([...new Set(agents.map((agent) => agent.input))]);
  return makeComposite({
    what: "branch",
    kind: "branch",
    options,
    optionKeys: [],
    description: `Routes its input to one of ${[...parts.keys()].join(", ")}.`,
    input,
    output: unionOf([...new Set(agents.map((agent) => agent.output))]),
    parts,
    execute: () => {
      const enter = enterPart(parts);
      const route = (value: unknown, ctx: Scope): unknown => {
        // Checked just above; each case parses it once more for itself.
        const chosen = choose(value as SlotsInput<TCases>, ctx);
        return andThen(withinTime(chosen, ctx), (key) => enter(String(key), value, ctx));
      };
      const validator = validatorOf(input);
      return (value, ctx) => {
        return andThen(checkValue(validator, value, ctx, "input"), () => route(value, ctx));
      };
    },
  }) as Agent<SlotsInput<TCases>, CasesOutput<TCases>>;
}

/** What `branchOn` takes: what one of the cases takes, told apart by a property. */
type DiscriminatedInput<TKey extends string, TCases extends Slots> = {
  [K in keyof TCases & string]: AgentInput<TCases[K]> & { readonly [P in TKey]: K };
}[keyof TCases & string];

/**
 * Routes each input by the value of one of its properties, such as the tag of a discriminated union: each case takes
 * its own member.
 *
 * @throws AtomicError at run time `NO_ROUTE` when the property names no case
 * @example
 * ```ts
 * const fileBug = defineAgent({
 *   name: "file-bug",
 *   description: "Files a bug.",
 *   input: z.object({ kind: z.literal("bug"), text: z.string() }),
 *   output: z.string(),
 *   execute: ({ text }) => `filed: ${text}`,
 * });
 * const answer = defineAgent({
 *   name: "answer",
 *   description: "Answers a question.",
 *   input: z.object({ kind: z.literal("question"), to: z.string() }),
 *   output: z.string(),
 *   execute: ({ to }) => `answered ${to}`,
 * });
 * const handle = branchOn("kind", { bug: fileBug, question: answer });
 * console.log(await handle.run({ kind: "bug", text: "it fails" })); // => filed: it fails
 * ```
 */
export function branchOn<const TKey extends string, const TCases extends Slots>(
  key: TKey,
  cases: TCases,
  options: CompositeOptions = {},
): Agent<DiscriminatedInput<TKey, TCases>, CasesOutput<TCases>> {
  if (typeof key !== "string" || key === "") throw configError("branchOn", "key", "a property's name", key);
  const parts = checkSlots("branchOn", cases);
  const agents = [...parts.values()];
  const input = unionOf([...new Set(agents.map((agent) => agent.input))]);
  return makeComposite({
    what: "branch",
    kind: "branch",
    options,
    optionKeys: [],
    description: `Routes its input by ${key} to one of ${[...parts.keys()].join(", ")}.`,
    input,
    output: unionOf([...new Set(agents.map((agent) => agent.output))]),
    parts,
    execute: () => {
      const enter = enterPart(parts);
      const validator = validatorOf(input);
      return (value, ctx) => {
        // The cases are a map, so that no name is special; what the property says may come from a class.
        const tag =
          typeof value === "object" && value !== null
            ? (value as Readonly<Record<string, unknown>>)[key]
            : undefined;
        if (typeof tag === "string" && parts.has(tag)) return enter(tag, value, ctx);
        // An input that no case takes is the caller's fault; one that some case takes has a tag too many.
        const shown = typeof tag === "string" ? tag : `no text at ${key}`;
        return andThen(checkValue(validator, value, ctx, "input"), () => enter(shown, value, ctx));
      };
    },
  }) as Agent<DiscriminatedInput<TKey, TCases>, CasesOutput<TCases>>;
}

/** Runs the part with a name as part of the current stage. */
function enterPart(
  parts: ReadonlyMap<string, AnyAgent>,
): (key: string, value: unknown, ctx: Scope) => unknown {
  const programs = new Map<string, Program>();
  for (const [key, agent] of parts) programs.set(key, programOfPart(agent, key));
  return (key, value, ctx) => {
    const program = programs.get(key);
    if (program === undefined) throw noRoute(key, [...programs.keys()], ctx);
    return ctx["~frame"].spawn(ctx, program, undefined, true).enter(value);
  };
}

function noRoute(chosen: string, cases: readonly string[], ctx: Scope): AtomicError {
  const shown = chosen.slice(0, 100);
  const { agent } = ctx["~frame"].program;
  return new AtomicError(
    "NO_ROUTE",
    `"${agent}" has no case ${JSON.stringify(shown)}; its cases are ${cases.join(", ")}`,
    {
      details: { chosen: shown, cases },
      hint: "Add the case, or correct what chooses it.",
    },
  );
}

import type { ModelUse } from "@atomic-agents/llm";
import { countOf, countText } from "./count-text.ts";

/** What was used of a model, in a line: `openai/gpt-5-mini: 2 calls, 1,204 tokens in, 310 out, cost 0.000921`. */
export function modelUseText({ model, calls, usage, cost, isSimulated }: ModelUse): string {
  const { inputTokens, outputTokens, estimated } = usage;
  const tokens = `${countText(inputTokens)} tokens in, ${countText(outputTokens)} out`;
  const doubt = estimated ? " (in part estimated)" : "";
  const price = isSimulated ? "SIMULATED: no model was asked" : costText(cost);
  return `${model}: ${countOf(calls, "call")}, ${tokens}${doubt}, ${price}`;
}

/** What calls cost. The currency is that of the prices. */
function costText(cost: number | undefined): string {
  if (cost === undefined) return "cost not known";
  return `cost ${cost === 0 ? "0" : cost.toFixed(cost < 1 ? 6 : 2)}`;
}

/** For programs; nothing where no model was asked. */
export function plainUses(uses: readonly ModelUse[]): Readonly<Record<string, unknown>> {
  if (uses.length === 0) return {};
  return {
    models: uses.map(({ model, calls, usage, cost, isSimulated }) => ({
      model,
      calls,
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      estimated: usage.estimated,
      cost: cost ?? null,
      simulated: isSimulated,
    })),
  };
}

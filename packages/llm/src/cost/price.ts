import { checkKeys, configError } from "@atomic-agents/core";
import type { Usage } from "./usage.ts";

/** What a model costs, in one currency: that of a run's money budget. */
export interface Price {
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  /** Of input that the provider had kept from an earlier call; `inputPerMillion` unless said. */
  readonly cachedInputPerMillion?: number | undefined;
  /** Of input that the provider keeps for later calls from now on; `inputPerMillion` unless said. */
  readonly cacheWriteInputPerMillion?: number | undefined;
}

/** Prices by the ids of models, such as `openai/gpt-5-mini`. */
export type PriceTable = Readonly<Record<string, Price>>;

/** What a call cost. */
export function costOf(usage: Usage, price: Price): number {
  const { inputPerMillion, outputPerMillion } = price;
  const { cachedInputPerMillion = inputPerMillion, cacheWriteInputPerMillion = inputPerMillion } = price;
  const cachedTokens = Math.min(usage.cachedTokens, usage.inputTokens);
  const writtenTokens = Math.min(usage.cacheWriteTokens ?? 0, usage.inputTokens - cachedTokens);
  const newTokens = usage.inputTokens - cachedTokens - writtenTokens;
  const perMillion =
    newTokens * inputPerMillion +
    cachedTokens * cachedInputPerMillion +
    writtenTokens * cacheWriteInputPerMillion +
    usage.outputTokens * outputPerMillion;
  return perMillion / 1_000_000;
}

const priceKeys = [
  "inputPerMillion",
  "outputPerMillion",
  "cachedInputPerMillion",
  "cacheWriteInputPerMillion",
] as const satisfies readonly (keyof Price)[];

/** Checks a table of prices. @throws AtomicError `CONFIG` */
export function checkPrices(what: string, prices: PriceTable): void {
  checkKeysAreModels(what, prices);
  for (const [id, price] of Object.entries(prices)) {
    checkKeys(`${what}: prices.${id}`, price, priceKeys);
    for (const key of priceKeys) {
      const amount: unknown = key.startsWith("cache") ? (price[key] ?? 0) : price[key];
      if (!(typeof amount === "number" && amount >= 0 && Number.isFinite(amount))) {
        throw configError(what, `prices.${id}.${key}`, "a number that is not negative", amount);
      }
    }
  }
}

function checkKeysAreModels(what: string, prices: unknown): void {
  if (typeof prices === "object" && prices !== null && !Array.isArray(prices)) return;
  throw configError(what, "prices", "an object of prices by the ids of models", prices);
}

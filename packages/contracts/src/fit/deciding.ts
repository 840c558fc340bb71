import { joinKey } from "../path.ts";
import { preview } from "../preview.ts";
import { apartNodes } from "./apart.ts";
import type { Budget } from "./budget.ts";
import { type Misfit, nodeText } from "./explain.ts";
import { itemAt, type Node, valueAt } from "./shape.ts";

/** A place at which no value is of both nodes. */
interface Place {
  readonly keys: readonly (string | number)[];
  readonly from: Node;
  readonly to: Node;
}

/** The innermost places that decide by themselves that no value is of both. */
function* placesApart(
  from: Node,
  to: Node,
  keys: readonly (string | number)[],
  budget: Budget,
): Generator<Place> {
  const [one, ...others] = from.isAnything ? [] : from.shapes;
  const [other, ...more] = to.isAnything ? [] : to.shapes;
  let isInside = false;
  if (one?.kind === "object" && other?.kind === "object" && others.length === 0 && more.length === 0) {
    for (const key of new Set([...other.required, ...one.required])) {
      const parts = [valueAt(one, key), valueAt(other, key)] as const;
      if (!apartNodes(...parts, budget)) continue;
      isInside = true;
      yield* placesApart(...parts, [...keys, key], budget);
    }
  }
  if (one?.kind === "array" && other?.kind === "array" && others.length === 0 && more.length === 0) {
    const parts = [itemAt(one, 0), itemAt(other, 0)] as const;
    const hasItem = Math.max(one.low, other.low) > 0 && Math.min(one.high, other.high) > 0;
    if (hasItem && apartNodes(...parts, budget)) {
      isInside = true;
      yield* placesApart(...parts, [...keys, 0], budget);
    }
  }
  if (!isInside) yield { keys, from, to };
}

/**
 * Of nodes that no value is both of: what decides that, for what a value was refused for first need not.
 *
 * @param misfit what a value was refused for; itself where it is what decides
 */
export function decidingMisfit(from: Node, to: Node, value: unknown, misfit: Misfit, budget: Budget): Misfit {
  let first: Misfit | undefined;
  for (const place of placesApart(from, to, [], budget)) {
    const path = place.keys.reduce<string>(joinKey, "");
    const got = at(value, place.keys);
    // What is in it, or of it as a whole, is told as closely as can be.
    if (isWithin(misfit.path, path) && (got !== undefined || place.from.shapes.length === 0)) return misfit;
    first ??= {
      path,
      expected: nodeText(place.to),
      got:
        got !== undefined
          ? preview(got.value)
          : place.from.shapes.length === 0
            ? "nothing"
            : nodeText(place.from),
    };
  }
  return first ?? misfit;
}

function isWithin(path: string, outer: string): boolean {
  return path.startsWith(outer) && (outer === "" || /^(?:$|[.[])/.test(path.slice(outer.length)));
}

function at(value: unknown, keys: readonly (string | number)[]): { readonly value: unknown } | undefined {
  let part = value;
  for (const key of keys) {
    if (typeof part !== "object" || part === null || !Object.hasOwn(part, key)) return undefined;
    // Any object can be asked for a key of its own.
    part = (part as Readonly<Record<string | number, unknown>>)[key];
  }
  return { value: part };
}

import { checkKeys, configError } from "../config-error.ts";
import type { Calculations } from "./calculation.ts";

const kinds = ["count", "sum", "mean", "min", "max", "quantile", "distinct"] as const;
type FigureKind = (typeof kinds)[number];

/** One figure of a group, with its name. */
export interface FigureSettings {
  readonly name: string;
  readonly kind: FigureKind;
  /** Undefined where records are counted. */
  readonly key: string | undefined;
  /** Of a quantile: its share. */
  readonly at: number;
}

/** What options say that shall be computed. @throws AtomicError `CONFIG` */
export function figuresOf(what: string, calculate: Calculations): readonly FigureSettings[] {
  if (typeof calculate !== "object" || calculate === null) {
    throw configError(what, "calculate", "an object", calculate);
  }
  return Object.entries(calculate).map(([name, calculation]) =>
    figureOf(what, name, calculation as Readonly<Record<string, unknown>>),
  );
}

function figureOf(
  what: string,
  name: string,
  calculation: Readonly<Record<string, unknown>>,
): FigureSettings {
  const path = `calculate.${name}`;
  if (typeof calculation !== "object" || calculation === null) {
    throw configError(what, path, `one of ${kinds.join(", ")}`, calculation);
  }
  const named = kinds.filter((kind) => kind in calculation);
  const [kind] = named;
  if (kind === undefined || named.length > 1) {
    const got = Object.keys(calculation).join(", ");
    throw configError(what, path, `one of ${kinds.join(", ")}`, got);
  }
  checkKeys(`${what}: ${path}`, calculation, kind === "quantile" ? ["quantile", "at"] : [kind]);
  const key = calculation[kind];
  if (typeof key !== "string" && !(kind === "count" && key === true)) {
    throw configError(what, `${path}.${kind}`, kind === "count" ? "true or a key" : "a key", key);
  }
  const { at } = calculation;
  if (kind === "quantile" && !(typeof at === "number" && at >= 0 && at <= 1)) {
    throw configError(what, `${path}.at`, "a number from 0 to 1", at, "0.5 is the median.");
  }
  return {
    name,
    kind,
    key: typeof key === "string" ? key : undefined,
    at: typeof at === "number" ? at : Number.NaN,
  };
}

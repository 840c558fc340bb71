import { configError } from "@atomic-agents/core";
import { shareOf } from "./seeded-random.ts";
import type { SimulatedRequest } from "./simulated-request.ts";

/** What a simulated model can get wrong, and how that looks. */
const kinds = {
  /** Status 429 with `Retry-After`. */
  rateLimited: "refusal",
  /** Status 429 that no waiting mends: the account has no credit. */
  quota: "refusal",
  /** Status 500. */
  serverError: "refusal",
  /** Status 529. */
  overloaded: "refusal",
  /** Takes the request and says nothing. */
  hang: "delivery",
  /** Begins to answer, and falls silent. */
  stall: "delivery",
  /** Answers in small parts, with a wait before each. */
  slow: "delivery",
  /** Hangs up in the middle. */
  cut: "delivery",
  /** Status 200, and an error in the middle. */
  errorEvent: "delivery",
  /** Ends in the middle because the answer is too long. */
  length: "answer",
  /** JSON with a part missing. */
  invalidJson: "answer",
  /** JSON in a Markdown fence. */
  fenced: "answer",
  /** JSON with words around it. */
  prose: "answer",
  /** An empty object. */
  empty: "answer",
  /** A value that is not among the choices. */
  wrongEnum: "answer",
  /** A number beyond its bounds, or a text that is too long. */
  outOfRange: "answer",
} as const;

/** Something that a simulated model gets wrong. */
export type FaultKind = keyof typeof kinds;

/** Which faults there are: how often each is, from 0 to 1, or a function that says it of each request. */
export type Faults =
  | Readonly<Partial<Record<FaultKind, number>>>
  | ((request: SimulatedRequest, number: number) => FaultKind | undefined);

/** All that can be wrong. */
export const faultKinds = Object.keys(kinds) as readonly FaultKind[];

/** Says whether the answer itself is spoiled, not the way in which it comes. */
export function isOfAnswer(kind: FaultKind): boolean {
  return kinds[kind] === "answer";
}

/** Says whether the request is refused. */
export function isRefusal(kind: FaultKind): boolean {
  return kinds[kind] === "refusal";
}

/** Picks the fault of each request; with rates it follows from the seed and the number of the request. @throws AtomicError `CONFIG` */
export function faultPicker(
  what: string,
  faults: Faults | undefined,
  seed: number | string,
): (request: SimulatedRequest, number: number) => FaultKind | undefined {
  if (faults === undefined) return () => undefined;
  if (typeof faults === "function") return faults;
  const steps: { readonly kind: FaultKind; readonly upTo: number }[] = [];
  let sum = 0;
  for (const [name, rate] of Object.entries(faults)) {
    if (!isKind(name)) throw configError(what, "faults", `rates of ${faultKinds.join(", ")}`, name);
    if (typeof rate !== "number" || !(rate >= 0 && rate <= 1)) {
      throw configError(what, `faults.${name}`, "a number from 0 to 1", rate);
    }
    sum += rate;
    steps.push({ kind: name, upTo: sum });
  }
  if (sum > 1 + 1e-9) throw configError(what, "faults", "rates that are 1 together at most", sum);
  return (_request, number) => {
    const drawn = shareOf(`${seed} fault ${number}`);
    return steps.find(({ upTo }) => drawn < upTo)?.kind;
  };
}

function isKind(name: string): name is FaultKind {
  return Object.hasOwn(kinds, name);
}

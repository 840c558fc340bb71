import { formatPath } from "../generate/format-path.ts";
import { forValid, leaveOut, saying } from "./for-all.ts";
import type { Lab } from "./lab.ts";
import { ensure, Mismatch, notApplicable, passed, type Verdict } from "./verdict.ts";

/** 26. */
export async function takesFrozenInput(lab: Lab): Promise<Verdict> {
  let looked = 0;
  const tried = await forValid(lab, async (input) => {
    const copy = copyOf(input);
    if (copy === undefined) leaveOut();
    const frozen = await lab.tryRun(deepFreeze(copy));
    looked++;
    if (frozen.ok) return;
    const loose = await lab.tryRun(structuredClone(input));
    if (!loose.ok) return;
    throw new Mismatch(
      "the same from an input that cannot be changed",
      `${frozen.error.code}: ${frozen.error.message}`,
    );
  });
  if (looked === 0) return notApplicable("no input is an object that can be copied");
  return passed(saying(tried));
}

function copyOf(input: unknown): object | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  try {
    return structuredClone(input);
  } catch {
    return undefined;
  }
}

function deepFreeze<TValue extends object>(value: TValue): TValue {
  for (const inner of Object.values(value)) {
    // What holds bytes cannot be frozen.
    if (typeof inner === "object" && inner !== null && !ArrayBuffer.isView(inner))
      deepFreeze(inner as object);
  }
  return ArrayBuffer.isView(value) ? value : Object.freeze(value);
}

/** 27. */
export async function outputsAreOwn(lab: Lab): Promise<Verdict> {
  let looked = 0;
  for (const [index, input] of lab.valid.entries()) {
    const first = await lab.tryRun(copyOf(input) ?? input);
    if (!first.ok) continue;
    const before = changeable(first.output);
    if (before.size === 0) continue;
    const second = await lab.tryRun(copyOf(input) ?? input);
    if (!second.ok) continue;
    looked++;
    for (const [part, path] of changeable(second.output)) {
      ensure(!before.has(part), () => {
        const what = path === "" ? "the output" : `${path} in the output`;
        return `${what} of valid[${index}] is the same object in two runs: who changes one changes both`;
      });
    }
  }
  if (looked > 0) return passed(`${looked} pairs of outputs`);
  return notApplicable("no output holds an object that can be changed");
}

const maxParts = 100_000;

/** The arrays, plain objects, maps and sets in a value that somebody could change, with their places. */
function changeable(value: unknown): ReadonlyMap<object, string> {
  const found = new Map<object, string>();
  const seen = new Set<unknown>();
  const queue: { readonly part: unknown; readonly keys: readonly PropertyKey[] }[] = [
    { part: value, keys: [] },
  ];
  for (let next = queue.pop(); next !== undefined && seen.size < maxParts; next = queue.pop()) {
    const { part, keys } = next;
    if (typeof part !== "object" || part === null || seen.has(part)) continue;
    seen.add(part);
    if (!isContainer(part)) continue;
    if (!Object.isFrozen(part)) found.set(part, formatPath(keys));
    const entries = part instanceof Map || part instanceof Set ? [...part.entries()] : Object.entries(part);
    for (const [key, inner] of entries) {
      queue.push({ part: inner, keys: [...keys, Array.isArray(part) ? Number(key) : String(key)] });
    }
  }
  return found;
}

function isContainer(part: object): boolean {
  if (Array.isArray(part) || part instanceof Map || part instanceof Set) return true;
  const prototype: unknown = Object.getPrototypeOf(part);
  return prototype === Object.prototype || prototype === null;
}

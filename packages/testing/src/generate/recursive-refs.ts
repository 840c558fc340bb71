import { isRecord } from "./json-value.ts";
import { resolveRef, type Schema } from "./resolve-ref.ts";

/** The references that lead back to themselves: what they refer to holds, at some depth, itself. */
export function recursiveRefs(root: Schema): ReadonlySet<string> {
  const uses = new Map<string, ReadonlySet<string>>();
  const queue = [...refsIn(root)];
  for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
    if (uses.has(ref)) continue;
    const inside = refsIn(targetOf(root, ref));
    uses.set(ref, inside);
    queue.push(...inside);
  }
  return new Set([...uses.keys()].filter((ref) => reaches(uses, ref, ref)));
}

/** What cannot be resolved is said where it is followed. */
function targetOf(root: Schema, ref: string): unknown {
  try {
    return resolveRef(root, ref, "#");
  } catch {
    return undefined;
  }
}

function refsIn(value: unknown): Set<string> {
  const refs = new Set<string>();
  const seen = new Set<unknown>();
  const queue = [value];
  for (let inner = queue.pop(); inner !== undefined; inner = queue.pop()) {
    if (typeof inner !== "object" || inner === null || seen.has(inner)) continue;
    seen.add(inner);
    for (const [key, item] of Object.entries(inner)) {
      if (key === "$ref" && typeof item === "string") refs.add(item);
      // What is only defined here is not held here.
      else if (key !== "$defs" || !isRecord(item)) queue.push(item);
    }
  }
  return refs;
}

function reaches(uses: ReadonlyMap<string, ReadonlySet<string>>, from: string, to: string): boolean {
  const seen = new Set<string>();
  const queue = [...(uses.get(from) ?? [])];
  for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
    if (ref === to) return true;
    if (seen.has(ref)) continue;
    seen.add(ref);
    queue.push(...(uses.get(ref) ?? []));
  }
  return false;
}

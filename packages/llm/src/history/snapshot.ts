import { configError } from "@atomic-agents/core";
import type { Message, Turn } from "./message.ts";
import { maxDepth } from "./plain-copy.ts";

/**
 * A turn that nobody changes. An answer is in the hands of its caller, too, who may change it: the turn
 * has frozen copies of what messages hold. Instances of classes are kept as they are.
 *
 * @throws AtomicError `CONFIG` for a content that contains itself
 */
export function turnOf(id: string, messages: readonly Message[]): Turn {
  // A copy of a message is one, too.
  const copies = messages.map((message) => frozenCopy(message, 0) as Message);
  return Object.freeze({ id, messages: Object.freeze(copies) });
}

function frozenCopy(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) {
    const expected = `nested at most ${maxDepth} deep`;
    throw configError("Message", "content", expected, value, "Does it contain itself?");
  }
  if (Array.isArray(value)) return Object.freeze(value.map((element) => frozenCopy(element, depth + 1)));
  if (!isPlain(value)) return value;
  const copy = {};
  for (const [key, member] of Object.entries(value)) {
    // Assigning to a key `__proto__` would change what the object is.
    Object.defineProperty(copy, key, { value: frozenCopy(member, depth + 1), enumerable: true });
  }
  return Object.freeze(copy);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

import { TextFault } from "./text-fault.ts";

/** Refuses the keys that mean something else to JavaScript, or to older YAML. */
export function checkKey(key: string, offset: number): void {
  if (key === "__proto__" || key === "constructor") {
    throw new TextFault(
      "syntax",
      `The key "${key}" is not allowed: programs may take it for a part of the object itself`,
      offset,
      "Choose another name.",
    );
  }
  if (key === "<<") {
    throw new TextFault(
      "syntax",
      'The merge key "<<" is not part of YAML 1.2',
      offset,
      "Write the keys out; what differs between environments belongs into profiles.",
    );
  }
}

/** Refuses a key that its object has already. */
export function duplicateKey(key: string, offset: number, firstLine: number): TextFault {
  return new TextFault(
    "duplicate",
    `The key ${JSON.stringify(key)} stands twice in the same object; first on line ${firstLine}`,
    offset,
    "Remove one of them.",
  );
}

/**
 * What a strict object says of keys it does not have: which it has, and for those that belong one level deeper, where.
 * To be given to `z.strictObject` as its `error`; of other faults it says nothing.
 */
export function unknownKeys(
  known: readonly string[],
  deeper: Readonly<Record<string, readonly string[]>> = {},
): (issue: { readonly code?: string | undefined; readonly keys?: readonly string[] }) => string | undefined {
  return ({ code, keys = [] }) => {
    if (code !== "unrecognized_keys") return undefined;
    const problems = keys.map((key) => {
      const place = Object.keys(deeper).find((name) => deeper[name]?.includes(key));
      const name = JSON.stringify(key);
      return place === undefined ? `has no key ${name}` : `has no key ${name}: it belongs in ${place}`;
    });
    return `${problems.join(", ")}; its keys are ${known.join(", ")}`;
  };
}

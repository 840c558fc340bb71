/** A vendor's object of which nothing is promised: every property may be missing or anything. */
export type VendorObject = Readonly<Record<PropertyKey, unknown>>;

/** The value as something that can be asked for properties, or `undefined`. */
export function asObject(value: unknown): VendorObject | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return undefined;
  // Objects and functions answer any key; what they answer is `unknown`.
  return value as VendorObject;
}

/** The value's items, or none. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value's items that can be asked for properties. */
export function asObjects(value: unknown): readonly VendorObject[] {
  return asArray(value)
    .map(asObject)
    .filter((item) => item !== undefined);
}

/** Deeper values are refused when they are read: a line of JSON may nest 500 deep, and a letter is around its input. */
const maxDepth = 499;

interface Place {
  readonly value: unknown;
  readonly name: string | number;
  readonly depth: number;
  readonly above: Place | undefined;
}

/** What of a value JSON does not give back as it was, in a few words; undefined when all of it comes back. */
export function inputLoss(input: unknown): string | undefined {
  const places: Place[] = [{ value: input, name: "", depth: 0, above: undefined }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const loss = lossAt(place, places);
    if (loss !== undefined) return `${pathOf(place)}${loss}`;
  }
  return undefined;
}

/** What is lost of one value; those in it are put with the places to look at. */
function lossAt(place: Place, places: Place[]): string | undefined {
  const { value, depth } = place;
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${value} is no JSON`;
  if (typeof value !== "object") return `a value of type ${typeof value} is no JSON`;
  if (depth >= maxDepth) return `nests deeper than ${maxDepth}`;
  const add = (one: unknown, name: string | number): void => {
    places.push({ value: one, name, depth: depth + 1, above: place });
  };
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) add(one, index);
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype;
  if (!isPlain || typeof (value as { readonly toJSON?: unknown }).toJSON === "function") {
    return `an object of class ${classOf(value)} is no JSON`;
  }
  if (Object.hasOwn(value, "__proto__")) return 'has the key "__proto__"';
  for (const [key, one] of Object.entries(value)) {
    // JSON leaves it out, and nobody can tell the difference but by asking for the key.
    if (one !== undefined) add(one, key);
  }
  return undefined;
}

function classOf(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "without a name";
}

/** Where something is, as `lines.0.at: `; nothing for the whole. */
function pathOf(place: Place): string {
  const names: (string | number)[] = [];
  for (let at: Place | undefined = place; at?.above !== undefined; at = at.above) names.unshift(at.name);
  return names.length === 0 ? "" : `${names.join(".").slice(0, 200)}: `;
}

/** Deeper values are refused when they are read: a line of JSON may nest 500 deep, and a letter is around its input. */
const maxDepth = 499;

/** A list or an object whose parts are looked at. */
interface Place {
  readonly value: object;
  readonly name: string | number;
  readonly depth: number;
  readonly above: Place | undefined;
}

/** What of a value JSON does not give back as it was, in a few words; undefined when all of it comes back. */
export function inputLoss(input: unknown): string | undefined {
  if (!isObject(input)) return leafLoss(input);
  const places: Place[] = [{ value: input, name: "", depth: 0, above: undefined }];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const loss = placeLoss(place, places);
    if (loss !== undefined) return loss;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** What is lost of a value that holds no others. */
function leafLoss(value: unknown): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${value} is no JSON`;
  return `a value of type ${typeof value} is no JSON`;
}

/** What is lost of a list or an object, or of the leaves in it; those of its kind in it are put with the places to look at. */
function placeLoss(place: Place, places: Place[]): string | undefined {
  const loss = shapeLoss(place);
  if (loss !== undefined) return `${pathOf(place)}${loss}`;
  const { value } = place;
  if (Array.isArray(value)) {
    // By number, for a list may have iterators of its own; its holes are looked at as well.
    for (let index = 0; index < value.length; index++) {
      const lost = partLoss(place, index, value[index], places);
      if (lost !== undefined) return lost;
    }
    return undefined;
  }
  for (const name of Object.keys(value)) {
    const part = (value as Readonly<Record<string, unknown>>)[name];
    // JSON leaves it out, and nobody can tell the difference but by asking for the key.
    if (part === undefined) continue;
    const lost = partLoss(place, name, part, places);
    if (lost !== undefined) return lost;
  }
  return undefined;
}

/** What is lost of a leaf; anything else is put with the places to look at. */
function partLoss(above: Place, name: string | number, part: unknown, places: Place[]): string | undefined {
  if (isObject(part)) {
    places.push({ value: part, name, depth: above.depth + 1, above });
    return undefined;
  }
  const loss = leafLoss(part);
  return loss === undefined ? undefined : `${pathOf({ value: above.value, name, depth: 0, above })}${loss}`;
}

/** What is lost of a list or an object whatever is in it. */
function shapeLoss({ value, depth }: Place): string | undefined {
  if (depth >= maxDepth) return `nests deeper than ${maxDepth}`;
  const hasOwnJson = typeof (value as { readonly toJSON?: unknown }).toJSON === "function";
  if (Array.isArray(value)) return hasOwnJson ? "a list with a toJSON of its own is no JSON" : undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype;
  if (!isPlain || hasOwnJson) return `an object of class ${classOf(value)} is no JSON`;
  return Object.hasOwn(value, "__proto__") ? 'has the key "__proto__"' : undefined;
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

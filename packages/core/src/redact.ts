import { decodeEscapes } from "./decode-escapes.ts";
import { joinStretch, leastLength, type Stretch, TextMatcher } from "./text-matcher.ts";

/**
 * Names of properties whose values no line of a log shows, unless `createLog` is told others. They are compared without
 * regard to case, dashes and underscores: `apiKey` stands for `API_KEY` and `api-key` too.
 *
 * @example
 * ```ts
 * const write = (line: string) => console.log(JSON.parse(line).iban);
 * const log = createLog({ write, redactKeys: defaultRedactKeys.concat("iban") });
 * log.warn("paid", { iban: "DE02120300000000202051" });
 * // => [redacted]
 * ```
 */
export const defaultRedactKeys: readonly string[] = /* @__PURE__ */ Object.freeze([
  "password",
  "passwd",
  "pwd",
  "passphrase",
  "secret",
  "secretKey",
  "secretAccessKey",
  "clientSecret",
  "token",
  "accessToken",
  "refreshToken",
  "idToken",
  "authToken",
  "sessionToken",
  "apiKey",
  "xApiKey",
  "apiToken",
  "accessKey",
  "privateKey",
  "signingKey",
  "encryptionKey",
  "authorization",
  "proxyAuthorization",
  "cookie",
  "setCookie",
  "credential",
  "credentials",
]);

/** How many keys are remembered. */
const maxKnownKeys = 1_000;

/** A function that says whether a key is one of those that are not to be shown. */
export function keyTest(keys: readonly string[]): (key: string) => boolean {
  const wanted = new Set(keys.map(plainKey));
  // Programs log the same keys again and again; records may bring any number of others.
  const known = new Map<string, boolean>();
  return (key) => {
    const answer = known.get(key);
    if (answer !== undefined) return answer;
    if (known.size >= maxKnownKeys) known.clear();
    const isWanted = wanted.has(plainKey(key));
    known.set(key, isWanted);
    return isWanted;
  };
}

/** A key as it is compared. */
export function plainKey(key: string): string {
  return key.toLowerCase().replaceAll(/[-_]/g, "");
}

/** What must not be seen of one secret. */
interface Guarded {
  readonly texts: readonly string[];
  readonly shown: string;
  /** What is looked for; undefined until something is. */
  patterns: readonly string[] | undefined;
  isGone: boolean;
}

const matcher = /* @__PURE__ */ new TextMatcher();

/** Those whose patterns are not in the matcher yet: making them takes longer than making a secret. */
let fresh: Guarded[] = [];

/** How many may wait to be looked for. */
const maxFresh = 1_000;

/**
 * Lets what is known of a secret go together with the secret itself, so that a process which makes one for each request
 * does not collect them.
 */
const owners = /* @__PURE__ */ new FinalizationRegistry<Guarded>((guarded) => {
  guarded.isGone = true;
  for (const pattern of guarded.patterns ?? []) matcher.remove(pattern);
});

/**
 * Has texts of at least six characters replaced in all that is logged, in whatever form they stand there, for as long
 * as their owner lives.
 */
export function guardTexts(owner: object, texts: readonly string[], shown: string): void {
  const guarded: Guarded = { texts, shown, patterns: undefined, isGone: false };
  fresh.push(guarded);
  // A process that goes on making secrets and never logs must not collect them here.
  if (fresh.length >= maxFresh) addFresh();
  owners.register(owner, guarded);
}

/**
 * A text in which the texts of all `Secret`s there are, as they are and as URLs, JSON, base64 and hexadecimal digits write
 * them, are replaced. What comes back is the same text when there is none in it.
 *
 * @example
 * ```ts
 * const secret = new Secret("opal-heron-1187", "vault");
 * console.log(redactText("https://a.example/?key=opal-heron-1187"), secret.label);
 * // => https://a.example/?key=[secret vault] vault
 * ```
 */
export function redactText(text: string): string {
  return redactStart(text, text.length);
}

/** The first `length` characters of a text likewise; a secret that begins among them is replaced as a whole. */
export function redactStart(text: string, length: number): string {
  if (fresh.length > 0) addFresh();
  if (matcher.isEmpty) return text.length > length ? text.slice(0, length) : text;
  // An escape takes six characters at most for one, so a secret that begins within ends within this.
  const looked = text.length > length ? text.slice(0, length + matcher.longest * 6) : text;
  const stretches = stretchesOf(looked);
  let shown = "";
  let done = 0;
  for (const stretch of stretches ?? []) {
    if (stretch.start >= length) break;
    shown += text.slice(done, stretch.start) + stretch.shown;
    done = stretch.end;
  }
  return done >= length ? shown : shown + text.slice(done, length);
}

/** How many layers of escapes are looked under: a URL in the query of a URL in a JSON text has three. */
const maxLayers = 3;

function stretchesOf(text: string): readonly Stretch[] | undefined {
  const found = matcher.find(text);
  if (!text.includes("%") && !text.includes("\\")) return found;
  const all = found ?? [];
  lookUnder(text, undefined, maxLayers, all);
  const joined: Stretch[] = [];
  for (const stretch of all.sort((a, b) => a.end - b.end)) joinStretch(joined, stretch);
  return joined;
}

/** Looks under each kind of escapes by itself: a secret may hold what looks like one of the other kind. */
function lookUnder(
  text: string,
  before: readonly number[] | undefined,
  layers: number,
  found: Stretch[],
): void {
  for (const kind of ["percent", "backslash"] as const) {
    const decoded = decodeEscapes(text, kind, before);
    if (decoded === undefined) continue;
    const { positions } = decoded;
    for (const { start, end, shown } of matcher.find(decoded.text) ?? []) {
      found.push({ start: positions[start] ?? 0, end: positions[end] ?? text.length, shown });
    }
    if (layers > 1) lookUnder(decoded.text, positions, layers - 1, found);
  }
}

function addFresh(): void {
  const added = fresh;
  fresh = [];
  for (const guarded of added) {
    if (guarded.isGone) continue;
    guarded.patterns = [...new Set(guarded.texts.flatMap(formsOf))];
    for (const pattern of guarded.patterns) matcher.add(pattern, guarded.shown);
  }
}

/** The forms in which a text is looked for; those of URLs and of JSON are undone in the text that is looked at. */
function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].flatMap((before) => {
    const core = base64Core(bytes, before);
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
  // As forms write it, and as it is used where it was read from a file with a line break at its end.
  const plain = [text, text.trim()].flatMap((one) => [one, one.replaceAll(" ", "+")]);
  return [...plain, ...base64, hex, hex.toUpperCase()].filter((form) => form.length >= leastLength);
}

/**
 * What base64 always writes for these bytes, when `before` bytes (or three times as many more) come before them: without
 * the characters at either end that also depend on what is around.
 */
function base64Core(bytes: Uint8Array, before: number): string {
  const padded = Buffer.concat([new Uint8Array(before), bytes]);
  const first = Math.ceil((before * 8) / 6);
  const end = Math.floor((padded.length * 8) / 6);
  return padded.toString("base64").slice(first, end);
}

import fc from "fast-check";

const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2999-12-31T23:59:59.999Z") });
const time = date.map((one) => one.toISOString().slice(11, 19));
const count = fc.nat(99);
const duration = fc.oneof(
  count.map((weeks) => `P${weeks}W`),
  count.map((days) => `P${days}D`),
  fc.tuple(count, count).map(([hours, minutes]) => `PT${hours}H${minutes}M`),
  fc.tuple(count, count, count).map(([years, days, seconds]) => `P${years}Y${days}DT${seconds}S`),
);
const address = fc.ipV4();
const base64 = fc.base64String({ maxLength: 24 });
const base64url = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""));
const token = fc.tuple(base64url, base64url).map(([payload, signature]) => {
  const [head, body, sign] = ['{"alg":"HS256","typ":"JWT"}', JSON.stringify({ sub: payload }), signature];
  return [head, body, sign].map((part) => Buffer.from(part).toString("base64url")).join(".");
});

/** Texts of the formats of JSON Schema, and of some that vendors add. A pattern beside a format may ask for less. */
const byFormat: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "date-time": date.map((one) => one.toISOString()),
  date: date.map((one) => one.toISOString().slice(0, 10)),
  time: fc.oneof(
    time.map((one) => `${one}Z`),
    time,
  ),
  duration,
  email: fc.emailAddress(),
  "idn-email": fc.emailAddress(),
  hostname: fc.domain(),
  "idn-hostname": fc.domain(),
  ipv4: address,
  ipv6: fc.ipV6(),
  cidrv4: fc.tuple(address, fc.nat(32)).map(([ip, bits]) => `${ip}/${bits}`),
  cidrv6: fc.tuple(fc.ipV6(), fc.nat(128)).map(([ip, bits]) => `${ip}/${bits}`),
  uri: fc.webUrl({ withQueryParameters: true, withFragments: true }),
  url: fc.webUrl(),
  "uri-reference": fc.webUrl(),
  iri: fc.webUrl(),
  "iri-reference": fc.webUrl(),
  "uri-template": fc.webPath(),
  uuid: fc.uuid(),
  guid: fc.uuid(),
  ulid: fc.ulid(),
  "json-pointer": fc
    .array(fc.stringMatching(/^[a-z0-9]{1,5}$/), { maxLength: 4 })
    .map((parts) => parts.map((part) => `/${part}`).join("")),
  "relative-json-pointer": fc.nat(9).map((levels) => `${levels}`),
  regex: fc.constantFrom("", "a", "^a+$", "[0-9]{2}", "(a|b)*"),
  "json-string": fc.json(),
  base64,
  base64url,
  jwt: token,
  emoji: fc.constantFrom("😀", "🐝", "🇫🇷", "👩‍👩‍👧", "👍🏽"),
};

/** Texts of a format; undefined for one that is not known. */
export function formatArbitrary(format: string): fc.Arbitrary<string> | undefined {
  return Object.hasOwn(byFormat, format) ? byFormat[format] : undefined;
}

/** Texts of each format that is known. */
export const allFormats: readonly fc.Arbitrary<string>[] = Object.values(byFormat);

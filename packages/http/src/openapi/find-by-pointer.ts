/** What a reference into a document leads to: `#`, or a JSON Pointer behind it. */
export function findByPointer(document: unknown, reference: string): unknown {
  let here = document;
  for (const token of reference.replace(/^#\/?/, "").split("/")) {
    if (token === "") continue;
    const name = decodeURIComponent(token).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, name)) return undefined;
    // An own key of an object.
    here = (here as Readonly<Record<string, unknown>>)[name];
  }
  return here;
}

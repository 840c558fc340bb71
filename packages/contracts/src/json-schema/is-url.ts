const scheme = /^(?:https?|ftp):\/\//i;
const reserved =
  /^(?:(?:10|127)(?:\.\d{1,3}){3}|(?:169\.254|192\.168)(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2})/;
const address =
  /^(?:[1-9]\d?|1\d\d|2[01]\d|22[0-3])(?:\.(?:1?\d{1,2}|2[0-4]\d|25[0-5])){2}\.(?:[1-9]\d?|1\d\d|2[0-4]\d|25[0-4])$/;
const label = /^[a-z0-9\u{a1}-\u{ffff}](?:[a-z0-9\u{a1}-\u{ffff}-]*[a-z0-9\u{a1}-\u{ffff}])?$/iu;
const topLabel = /^[a-z\u{a1}-\u{ffff}]{2,}$/iu;

/**
 * Whether a text is a URL as the format `url` of `ajv-formats` has it, whose own expression takes time that grows with
 * the square of the text: whatever stands before an `@` may be a name and password, so that it begins anew at each.
 */
export function isUrl(text: string): boolean {
  const begin = scheme.exec(text)?.[0].length;
  if (begin === undefined || /\s/.test(text)) return false;
  for (let from = begin; ; ) {
    const at = text.indexOf("@", from + (from === begin ? 1 : 0));
    // A host ends with the text or at a slash, and holds no @.
    const piece = text.slice(from, at < 0 ? undefined : at);
    const slash = piece.indexOf("/");
    const isWhole = slash >= 0 ? isHost(piece.slice(0, slash)) : at < 0 && isHost(piece);
    if (isWhole) return true;
    if (at < 0) return false;
    from = at + 1;
  }
}

/** A host's name or address, and its port. */
function isHost(text: string): boolean {
  const colon = text.indexOf(":");
  const host = colon < 0 ? text : text.slice(0, colon);
  if (colon >= 0 && !/^\d{2,5}$/.test(text.slice(colon + 1))) return false;
  if (!reserved.test(host) && address.test(host)) return true;
  const labels = host.split(".");
  const last = labels.pop() ?? "";
  return (
    labels.length > 0 &&
    topLabel.test(last) &&
    labels.every((each) => label.test(each) && !each.includes("--"))
  );
}

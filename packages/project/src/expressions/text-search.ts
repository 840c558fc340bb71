/** From this length on, the engine's own search may take the product of both lengths on texts made for it. */
const longPart = 32;

/** The first place of a part in a text from a place on, or -1, in time that grows with the text alone. */
export function finder(part: string): (text: string, from: number) => number {
  if (part.length <= longPart) return (text, from) => text.indexOf(part, from);
  const falls = fallsOf(part);
  return (text, from) => {
    // Knuth, Morris, Pratt 1977
    let matched = 0;
    for (let index = from; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      while (matched > 0 && unit !== part.charCodeAt(matched)) matched = falls[matched - 1] ?? 0;
      if (unit === part.charCodeAt(matched)) matched++;
      if (matched === part.length) return index - part.length + 1;
    }
    return -1;
  };
}

/** For each place in the part: how long the longest beginning is that also ends there. */
function fallsOf(part: string): Uint32Array {
  const falls = new Uint32Array(part.length);
  let matched = 0;
  for (let index = 1; index < part.length; index++) {
    const unit = part.charCodeAt(index);
    while (matched > 0 && unit !== part.charCodeAt(matched)) matched = falls[matched - 1] ?? 0;
    if (unit === part.charCodeAt(matched)) matched++;
    falls[index] = matched;
  }
  return falls;
}

/** The places of a part that is not empty, none over another. */
export function placesOf(text: string, part: string): readonly number[] {
  const find = finder(part);
  const places: number[] = [];
  for (let at = find(text, 0); at >= 0; at = find(text, at + part.length)) places.push(at);
  return places;
}

/** How many characters (code points) a text has. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    if (isPair(text, index)) {
      count--;
      index++;
    }
  }
  return count;
}

/** Where the character with this number begins, in UTF-16 units; at most the text's length. */
export function unitAt(text: string, character: number): number {
  let unit = 0;
  for (let left = character; left > 0 && unit < text.length; left--) unit += isPair(text, unit) ? 2 : 1;
  return unit;
}

function isPair(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0xd800 || unit > 0xdbff) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

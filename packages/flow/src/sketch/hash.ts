/**
 * Murmur3 of 32 bits (Austin Appleby, public domain) over the UTF-16 units of a text. Not against those who look for
 * texts with the same hash: what depends on it is how good an estimate is.
 */
export function hash32(text: string, seed: number): number {
  let hash = seed;
  const { length } = text;
  for (let at = 0; at + 1 < length; at += 2) {
    hash ^= mix(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  if ((length & 1) === 1) hash ^= mix(text.charCodeAt(length - 1));
  hash ^= length * 2;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mix(block: number): number {
  const scrambled = Math.imul(block, 0xcc9e2d51);
  return Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
}

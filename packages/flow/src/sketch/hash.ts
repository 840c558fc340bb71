/**
 * Murmur3 of 32 bits (Austin Appleby, public domain) over the UTF-16 units of a text. Not against those who look for
 * texts with the same hash: what depends on it is how good an estimate is.
 */
export function hash32(text: string, seed: number): number {
  let hash = seed;
  const { length } = text;
  for (let at = 0; at + 1 < length; at += 2) {
    hash = turn(hash, text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16));
  }
  if ((length & 1) === 1) hash ^= mix(text.charCodeAt(length - 1));
  return finish(hash ^ (length * 2));
}

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** The same of the eight bytes of a number; `0` and `-0` have one hash. */
export function hashNumber(value: number, seed: number): number {
  float[0] = value + 0;
  return finish(turn(turn(seed, words[0] ?? 0), words[1] ?? 0) ^ 8);
}

function turn(hash: number, block: number): number {
  const mixed = hash ^ mix(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let finished = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  finished = Math.imul(finished ^ (finished >>> 13), 0xc2b2ae35);
  return (finished ^ (finished >>> 16)) >>> 0;
}

function mix(block: number): number {
  const scrambled = Math.imul(block, 0xcc9e2d51);
  return Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Also those of other scripts: what is not ASCII, but for blanks and signs of punctuation. */
export function isLetter(code: number): boolean {
  if (code < 128) return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  // Also of no character at all.
  if (!(code >= 0xc0)) return false;
  return !(code >= 0x2000 && code <= 0x206f) && !(code >= 0x3000 && code <= 0x3020) && code !== 0xfeff;
}

/** Checks a text that is written as it is. @throws TypeError for what UTF-8 cannot hold, or what is refused when it is read */
export function checkText(text: string): string {
  if (!text.isWellFormed()) throw new TypeError("half of a surrogate pair cannot be written as UTF-8");
  if (text.includes("\0")) throw new TypeError("a text with a NUL cannot be written");
  return text;
}

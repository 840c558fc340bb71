import { ibanLengths } from "./iban-lengths.ts";
import { isDigit } from "./characters.ts";

/**
 * Where an account number ends that begins here; undefined where none does. It may have a blank between two characters. What
 * counts is the country's length and the checksum of ISO 7064 (mod 97-10).
 */
export function endOfIban(text: string, start: number): number | undefined {
  const country = text.slice(start, start + 2).toUpperCase();
  if (!Object.hasOwn(ibanLengths, country)) return undefined;
  if (!isDigit(text.charCodeAt(start + 2)) && text.charCodeAt(start + 2) !== blank) return undefined;
  const length = ibanLengths[country] ?? 0;
  let characters = "";
  let at = start;
  for (; at < text.length && characters.length < length; at++) {
    const code = text.charCodeAt(at);
    if (isAlphanumeric(code)) characters += text.charAt(at);
    // One blank, and another character behind it.
    else if (code !== blank || text.charCodeAt(at - 1) === blank) return undefined;
  }
  return characters.length === length && remainder(characters.toUpperCase()) === 1 ? at : undefined;
}

const blank = 32;

function isAlphanumeric(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

function remainder(number: string): number {
  let rest = 0;
  for (const character of number.slice(4) + number.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

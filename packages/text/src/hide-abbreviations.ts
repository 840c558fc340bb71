/*
 * Abbreviations whose full stop ends no sentence, by what has to follow. Some are words or units as well ("sec.",
 * "art."), and many may end a sentence ("et al.", "Bros."): those count only before what cannot begin one.
 */

/** Before a name. */
const titles =
  "Adm|Amb|Asst|Atty|Cdr|Cmdr|Cpl|Cpt|Det|Drs|Fr|Govs|Insp|Maj|Messrs|Mlles?|Mmes?|Mx|Pres|Profs|Pvt|Reps|Revs?|Rt|Sec|Sens|Supt";
/** Before anything. */
const connectives = "[Cc]f|ca|esp|excl|incl|viz";
/** Before a number. */
const numbered =
  "[Aa]mdt|App|Arts?|[Bb]k|[Cc]h|[Cc]haps?|[Cc]hs|[Cc]l|[Ee]qs?|[Ee]st|[Ee]xt?|[Ff]igs?|fl|fn|[Pp]aras?|[Pp]gs?|Pp|[Rr]efs?|Rev|Rm|[Ss]ched|[Ss]ecs?|[Ss]s|Tabs?|Tel|[Vv]er|[Vv]ols?";
/** Before a small letter. */
const others =
  "abbr|approx|Assn|[Aa]vg|Blvd|Bros|cit|[Dd]ept|eds?|est|[Ff]f|[Gg]ovt|Hwy|[Ii]bid|illus|Inst|Intl|loc|misc|Natl|op|orig|publ|repr|resp|seq|transl|[Uu]niv";
/** Once `hideInDegrees` has been over them. */
const degrees = "(?:Ph|LL|Ed)-[BDM]|[BDM]-(?:Sc|Phil|Ed|Eng)";

const gap = "[^\\S\\n]+";
const number = "(?:\\d|[IVXLCDM]{2,}\\b|\\p{Lu}\\d)";

const abbreviation = new RegExp(
  [
    `(?:(?<![\\p{L}\\p{N}])(?:${[
      `(?:${titles})\\.(?=${gap}\\p{Lu})`,
      `(?:${connectives})\\.(?=${gap}\\S)`,
      `(?:${numbered})\\.(?=${gap}${number})`,
      `(?:${others}|${degrees})\\.(?=${gap}\\p{Ll})`,
      // Before a year, a reference or a possessive.
      `[Ee]t${gap}al\\.(?=${gap}[\\p{Ll}\\d([]|['’])`,
    ].join("|")}))`,
    // "Sen. Cruz (R-Tex.) spoke"
    `\\.(?=[)\\]]${gap}\\p{Ll})`,
  ].join("|"),
  "gu",
);

/** Those that the English model knows by itself, and `Intl.Segmenter` does not. */
const commonAbbreviation = new RegExp(
  `(?<![\\p{L}\\p{N}.])(?:${[
    `(?:Capt|Col|Dr|Gen|Gov|Hon|Lt|Mr|Mrs|Ms|Mt|Prof|Rep|Sen|Sgt|St)\\.(?=${gap}\\p{Lu})`,
    `(?:e\\.g|i\\.e|vs?)\\.(?=${gap}\\S)`,
    // Initials, and "U.S. Senate".
    `(?:\\p{Lu}\\.)*\\p{Lu}\\.(?=${gap}\\p{Lu})`,
  ].join("|")})`,
  "gu",
);

const degreeStop = /(?<!\p{L})(?:(?:Ph|LL|Ed)\.(?=[BDM]\b)|[BDM]\.(?=(?:Sc|Phil|Ed|Eng)\b))/gu;

/** Inside of a name: "example.com", "Node.js", "v1.2.3", "ASP.NET"; not where a space is missing, "It works.Really." */
const innerStop = /(?<=[\p{L}\p{N}_.][\p{L}\p{N}_])\.(?=[\p{Ll}\p{N}_])|(?<=\p{Lu}{2})\.(?=\p{Lu}{2})/gu;

const withLast = (text: string, last: string): string => text.slice(0, -1) + last;

/**
 * Puts commas for full stops behind abbreviations and inside of names that the English model takes for ends of sentences. Lengths, and so
 * places, do not change.
 */
export function hideAbbreviations(text: string): string {
  return text
    .replace(degreeStop, (found) => withLast(found, "-"))
    .replace(innerStop, ",")
    .replace(abbreviation, (found) => withLast(found, ","));
}

/**
 * Does the same to the abbreviations that the English model knows, too, for a segmenter that knows none. Some ends of
 * sentences are lost by it: "He lives in the U.S. She does not."
 */
export function hideAllAbbreviations(text: string): string {
  return hideAbbreviations(text).replace(commonAbbreviation, (found) => withLast(found, ","));
}

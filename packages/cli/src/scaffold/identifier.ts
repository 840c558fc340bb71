/**
 * The name under which a module exports an agent: `find-links` becomes `findLinks`. What JavaScript keeps for itself, or
 * the written files use, gets `Agent` at its end.
 */
export function identifierOf(name: string): string {
  const identifier = name.replace(/-+(?<first>.)/g, (_, first: string) => first.toUpperCase());
  return taken.has(identifier) ? `${identifier}Agent` : identifier;
}

/** The same for a class: `FindLinks`. */
export function classNameOf(name: string): string {
  const identifier = identifierOf(name);
  const className = identifier.charAt(0).toUpperCase() + identifier.slice(1);
  return takenClasses.has(className) ? `${className}Agent` : className;
}

/** ECMA-262, "Keywords and Reserved Words", in modules; then what the written files use. */
const taken: ReadonlySet<string> = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
  finally for function if implements import in instanceof interface let new null package private protected public return
  static super switch this throw true try typeof undefined var void while with yield
  assert createModels createResources defineAgent defineLlmAgent models resources test untyped z`.split(
    /\s+/,
  ),
);
const takenClasses: ReadonlySet<string> = new Set(["AtomicAgent", "Input", "Output"]);

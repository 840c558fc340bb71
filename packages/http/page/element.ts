type Child = Node | string | false | undefined;

type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Makes an element. What a service says gets onto the page as text nodes alone, never as markup, whatever is in it;
 * attributes have names that are written in this page's own code.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(attribute, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== false && child !== undefined));
  return made;
}

/** The element of `page.html` with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}`);
  return found;
}

export function button(text: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", onClick);
  return made;
}

/** Copies a text and says so for a moment. */
export function copyButton(text: () => string): HTMLButtonElement {
  const made = button(
    "Copy",
    () => {
      const say = (word: string): void => {
        made.textContent = word;
        setTimeout(() => {
          made.textContent = "Copy";
        }, 1_500);
      };
      // Only pages of a safe origin may: this machine's, or one behind TLS.
      if (navigator.clipboard === undefined) say("Not allowed here");
      else
        navigator.clipboard.writeText(text()).then(
          () => say("Copied"),
          () => say("Not allowed here"),
        );
    },
    { class: "link" },
  );
  return made;
}

// Where texts stand in the page: as text, and nowhere as anything else. Runs in the browser.

/** A control character may be drawn as the picture that Unicode has for it. */
const pictured = (text: string): string =>
  [...text]
    .map((c) => (c < " " ? String.fromCodePoint(0x2400 + c.charCodeAt(0)) : c === "\x7f" ? "\u2421" : c))
    .join("");

/** The line breaks and runs of blanks of markup do not count, those of the text neither: HTML draws them as one. */
const squeezed = (text: string): string => text.replaceAll(/[ \t\r\n\f]+/g, " ").trim();

/** @returns those of the texts that are nowhere in there: as the text of an element, or a part of it. */
export function missingTexts(texts: readonly string[], within: string): readonly string[] {
  const places = [...document.querySelectorAll(within)];
  const all = places.map((place) => squeezed(place.textContent ?? ""));
  for (const element of places.flatMap((place) => [...place.querySelectorAll("[title], input, textarea")])) {
    all.push(squeezed(element.getAttribute("title") ?? ""));
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)
      all.push(squeezed(element.value));
  }
  const page = all.join("\n");
  return texts.filter((text) => !page.includes(squeezed(text)) && !page.includes(squeezed(pictured(text))));
}

/** Elements and attributes that a page of ours never has: the sign that a text became markup. */
export function foreignMarkup(): readonly string[] {
  const elements = document.querySelectorAll(
    "iframe, object, embed, base, form[action], body script, img, video, audio, math",
  );
  const found = [...elements].map((element) => element.outerHTML.slice(0, 120));
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (
        name.startsWith("on") ||
        (/^\s*(javascript|vbscript|data):/i.test(value) && ["href", "src", "action"].includes(name))
      )
        found.push(`<${element.localName} ${name}=${value.slice(0, 80)}>`);
    }
  }
  return found;
}

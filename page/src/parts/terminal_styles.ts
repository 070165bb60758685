// SPDX-License-Identifier: MIT
// xterm.js writes rules into style elements of its own, which the page's content policy refuses, as it does all that is
// inline. While the terminal is made, such elements are replaced by others whose text becomes a style sheet of the
// document (CSSOM), which is allowed: a script of this page has made it. The same for style attributes of its spans.

type StandIn = HTMLElement & { sheet?: CSSStyleSheet };

function standIn(made: StandIn, sheets: CSSStyleSheet[]): HTMLElement {
    const sheet = new CSSStyleSheet();
    let text = "";
    sheets.push(sheet);
    document.adoptedStyleSheets.push(sheet);
    Object.defineProperty(made, "textContent", {
        get: () => text,
        set: (value: string) => sheet.replaceSync((text = value)),
    });
    return made;
}

/// What is a change of an attribute for xterm.js becomes one of the element's style.
function setStyle(this: HTMLElement, name: string, value: string) {
    if (name === "style") this.style.cssText = value;
    else Element.prototype.setAttribute.call(this, name, value);
}

/// Returns what takes the style sheets away again.
export function allowStyles(make: () => void): () => void {
    const sheets: CSSStyleSheet[] = [];
    HTMLSpanElement.prototype.setAttribute = setStyle;
    const create = document.createElement.bind(document);
    document.createElement = ((name: string, options?: ElementCreationOptions) =>
        name.toLowerCase() === "style" ? standIn(create("meta"), sheets) : create(name, options)) as typeof document.createElement;
    try {
        make();
    } finally {
        Reflect.deleteProperty(document, "createElement");
    }
    return () => (document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => !sheets.includes(one)));
}

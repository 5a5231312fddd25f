// The syntax of XML: names, references, start tags, the XML declaration.
// This module is browser compatible.

import { quote } from "../../util/messages.ts";
import { malformed } from "./problem.ts";

const NAME_START =
  "A-Z_a-z:\\xc0-\\xd6\\xd8-\\xf6\\xf8-\\u02ff\\u0370-\\u037d\\u037f-\\u1fff\\u200c\\u200d" +
  "\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff\\uf900-\\ufdcf\\ufdf0-\\ufffd\\u{10000}-\\u{effff}";
const NAME = new RegExp(
  `^[${NAME_START}][${NAME_START}\\-.0-9\\xb7\\u0300-\\u036f\\u203f-\\u2040]*`,
  "u",
);

/** Matches the XML name that a text starts with; "" if there is none. */
export function matchName(text: string): string {
  return NAME.exec(text)?.[0] ?? "";
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Packs up to four bytes into one number. */
function packBytes(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) value = value * 256 + bytes[at]!;
  return value;
}

const ENTITIES_BY_BYTES: ReadonlyMap<number, string> = new Map(
  Array.from(ENTITIES, ([name, character]) => {
    const bytes = new TextEncoder().encode(name);
    return [packBytes(bytes, 0, bytes.length), character];
  }),
);

/** As {@linkcode resolveReference}, for a name in bytes. */
export function resolveReferenceAt(
  bytes: Uint8Array,
  start: number,
  end: number,
): string {
  const entity = end - start <= 4
    ? ENTITIES_BY_BYTES.get(packBytes(bytes, start, end))
    : undefined;
  return entity ??
    resolveReference(String.fromCharCode(...bytes.subarray(start, end)));
}

function isXmlCharacter(code: number): boolean {
  if (code < 0x20) return code === 0x09 || code === 0x0a || code === 0x0d;
  if (code > 0xd7ff && code < 0xe000) return false;
  return code <= 0x10ffff && code !== 0xfffe && code !== 0xffff;
}

/** Resolves `&name;` to its character; throws a `DocumentProblem` if there is none. */
export function resolveReference(name: string): string {
  const entity = ENTITIES.get(name);
  if (entity !== undefined) return entity;
  const match = /^#(?:x([0-9a-fA-F]+)|([0-9]+))$/.exec(name);
  if (match === null) {
    throw malformed(
      `Unknown reference ${quote(`&${name};`)}: write & as &amp;`,
    );
  }
  const code = match[1] === undefined
    ? Number(match[2])
    : Number(`0x${match[1]}`);
  if (!isXmlCharacter(code)) {
    throw malformed(`${quote(`&${name};`)} is not an XML character`);
  }
  return String.fromCodePoint(code);
}

/** A start tag's name and attributes, in which references are resolved. */
interface StartTag {
  /** The name as written, prefix included. */
  readonly name: string;
  /** Attribute values by name. */
  readonly attributes: ReadonlyMap<string, string>;
}

const ATTRIBUTE = /^[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/;

function resolveAttribute(value: string): string {
  return value.replace(/&([^;&]*);?/g, (whole, name: string) => {
    if (!whole.endsWith(";")) {
      throw malformed("A bare & in an attribute: write it as &amp;");
    }
    return resolveReference(name);
  });
}

/** Parses the text between `<` and `>` (or `/>`); throws a `DocumentProblem` if it is not a tag. */
export function parseStartTag(text: string): StartTag {
  const name = matchName(text);
  if (name === "") {
    throw malformed(
      `Expected an element name after <: write < in text as &lt;`,
    );
  }
  const attributes = new Map<string, string>();
  let rest = text.slice(name.length);
  for (;;) {
    const trimmed = rest.replace(/^[ \t\r\n]+/, "");
    if (trimmed === "") return { name, attributes };
    const attribute = matchName(trimmed);
    if (attribute === "" || trimmed.length === rest.length) {
      throw malformed(
        `Expected an attribute or > in <${quote(name).slice(1, -1)}>`,
      );
    }
    const match = ATTRIBUTE.exec(trimmed.slice(attribute.length));
    if (match === null) {
      throw malformed(`Attribute ${quote(attribute)} needs a value in quotes`);
    }
    if (attributes.has(attribute)) {
      throw malformed(`Attribute ${quote(attribute)} appears twice in one tag`);
    }
    attributes.set(attribute, resolveAttribute(match[1] ?? match[2]!));
    rest = trimmed.slice(attribute.length + match[0].length);
  }
}

// Spec (XML 1.0): XMLDecl ::= '<?xml' VersionInfo EncodingDecl? SDDecl? S? '?>'.
// Versions 1.x are read as 1.0, as its fifth edition says.
const DECLARATION = new RegExp(
  [
    `^[ \\t\\r\\n]+version[ \\t\\r\\n]*=[ \\t\\r\\n]*(["'])1\\.[0-9]+\\1`,
    `(?:[ \\t\\r\\n]+encoding[ \\t\\r\\n]*=[ \\t\\r\\n]*(["'])[A-Za-z][A-Za-z0-9._-]*\\2)?`,
    `(?:[ \\t\\r\\n]+standalone[ \\t\\r\\n]*=[ \\t\\r\\n]*(["'])(?:yes|no)\\3)?[ \\t\\r\\n]*$`,
  ].join(""),
);

/** The XML declarations of nearly all documents. */
const USUAL_DECLARATIONS: readonly Uint8Array[] = [
  `<?xml version="1.0" encoding="UTF-8"?>`,
  `<?xml version="1.0"?>`,
  `<?xml version='1.0'?>`,
  `<?xml version="1.0" encoding="utf-8"?>`,
].map((text) => new TextEncoder().encode(text));

/**
 * Measures the XML declaration at the start of the bytes, if it is one of the usual
 * declarations, which all mean UTF-8; else 0.
 */
export function measureUsualDeclaration(bytes: Uint8Array): number {
  for (const usual of USUAL_DECLARATIONS) {
    let at = 0;
    while (at < usual.length && bytes[at] === usual[at]) at++;
    if (at === usual.length) return at;
  }
  return 0;
}

/** Checks the text between `<?xml` and `?>`; throws a `DocumentProblem` if it is wrong. */
export function checkDeclaration(text: string): void {
  if (!DECLARATION.test(text)) {
    throw malformed(
      `Expected an XML declaration such as <?xml version="1.0" encoding="UTF-8"?>`,
    );
  }
}

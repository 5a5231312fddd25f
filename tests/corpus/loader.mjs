// Reads the corpus: expands cases to documents and compares outcomes with expectations.
// Plain JavaScript, no dependencies, no file access: runs in Deno, Node and browsers.
//
// Adapter: turn what your decoder returned or threw into an outcome
//   { value: tagged } | { call: { methodName, params: [tagged] } } |
//   { fault: { faultCode, faultString } } | { error: "malformed" | "invalid" | "limit" }
// where tagged is one of
//   {int:n} {i8:"123"} {bigint:"123"} {boolean:b} {string:s} {double:n|"NaN"|"Infinity"|"-Infinity"|"-0"}
//   {bigdecimal:"1.5"} {dateTime:"19980717T14:08:55[.frac][Z|+hh:mm]"} {base64:s} {nil:true}
//   {array:[tagged]} {struct:[[name,tagged]]}
// Any other exception (RangeError, TypeError...) is a failure, whatever was expected.

const utf8 = new TextEncoder();

function fromBase64(s) {
  const bin = atob(s);
  const out = new Uint8Array(bin.length);
  for (let i = 0; i < bin.length; i++) out[i] = bin.charCodeAt(i);
  return out;
}

function concat(list) {
  let n = 0;
  for (const a of list) n += a.length;
  const out = new Uint8Array(n);
  n = 0;
  for (const a of list) {
    out.set(a, n);
    n += a.length;
  }
  return out;
}

/** The bytes of a case before its sweep, if any. */
export function expand(c) {
  if (c.bytes !== undefined) return fromBase64(c.bytes);
  if (c.xml !== undefined) return utf8.encode(c.xml);
  const pieces = [];
  for (const p of c.parts) {
    if (p.s !== undefined) pieces.push(p.s.repeat(p.n ?? 1));
    else for (let i = 0; i < p.n; i++) pieces.push(p.each.replaceAll("%", String(i)));
  }
  return utf8.encode(pieces.join(""));
}

function find(hay, needle, from) {
  outer: for (let i = from; i + needle.length <= hay.length; i++) {
    for (let j = 0; j < needle.length; j++) if (hay[i + j] !== needle[j]) continue outer;
    return i;
  }
  return -1;
}

/** Yields [label, bytes] for each document of a case. */
export function* documents(c) {
  const doc = expand(c);
  const s = c.sweep;
  if (!s) {
    yield ["", doc];
  } else if (s.op === "truncate") {
    for (let k = s.from ?? 0; k < s.to; k++) yield [`cut at ${k}`, doc.slice(0, k)];
  } else if (s.op === "insert") {
    const ins = Uint8Array.from(s.hex.match(/../g), (h) => parseInt(h, 16));
    for (let k = s.from ?? 0; k <= (s.to ?? doc.length); k++) {
      yield [`insert at ${k}`, concat([doc.subarray(0, k), ins, doc.subarray(k)])];
    }
  } else if (s.op === "replaceEach") {
    const a = utf8.encode(s.find), b = utf8.encode(s.with);
    for (let at = find(doc, a, 0); at >= 0; at = find(doc, a, at + 1)) {
      yield [`replace at ${at}`, concat([doc.subarray(0, at), b, doc.subarray(at + a.length)])];
    }
  } else throw new Error(`unknown sweep ${s.op}`);
}

const WHOLE = ["int", "i8", "bigint"];

function dateKey(s) {
  const m = /^(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d):?(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(s);
  if (!m) return `raw ${s}`;
  let zone = "none";
  if (m[8] === "Z") zone = "0";
  else if (m[8]) {
    const d = m[8].slice(1).replace(":", "") + "00";
    const min = Number(d.slice(0, 2)) * 60 + Number(d.slice(2, 4));
    zone = String(m[8][0] === "-" ? 0 - min : min);
  }
  return [...m.slice(1, 7), (m[7] ?? "").replace(/0+$/, ""), zone].join(" ");
}

function decimalKey(s) {
  const m = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(s);
  if (!m) return `raw ${s}`;
  let digits = m[2] + (m[3] ?? ""), exp = Number(m[4] ?? 0) - (m[3] ?? "").length;
  digits = digits.replace(/^0+/, "");
  const cut = digits.replace(/0+$/, "");
  exp += digits.length - cut.length;
  return cut === "" ? "0" : `${m[1] === "-" ? "-" : ""}${cut}e${exp}`;
}

/** Strict comparison of two tagged values; int, i8 and bigint compare by value. */
export function same(want, got) {
  if (got === null || typeof got !== "object" || Object.keys(got).length !== 1) return false;
  const [wk] = Object.keys(want), [gk] = Object.keys(got);
  const w = want[wk], g = got[gk];
  if (WHOLE.includes(wk) && WHOLE.includes(gk)) {
    try {
      return BigInt(w) === BigInt(g);
    } catch {
      return false;
    }
  }
  if (wk !== gk) return false;
  switch (wk) {
    case "double": {
      const norm = (x) => Object.is(x, -0) ? "-0" : typeof x === "number" && !Number.isFinite(x) ? String(x) : x;
      return norm(w) === norm(g);
    }
    case "dateTime":
      return dateKey(w) === dateKey(g);
    case "bigdecimal":
      return decimalKey(w) === decimalKey(g);
    case "array":
      return w.length === g.length && w.every((x, i) => same(x, g[i]));
    case "struct": {
      if (w.length !== g.length) return false;
      const m = new Map(g);
      return m.size === g.length && w.every(([n, v]) => m.has(n) && same(v, m.get(n)));
    }
    default:
      return w === g;
  }
}

/** Sizes of an outcome, for documents too large to spell out.  Strings count code points. */
export function shape(got) {
  if (got.call) return { methodName: count(got.call.methodName), params: got.call.params.length };
  if (got.fault) return { faultCode: got.fault.faultCode, faultString: count(got.fault.faultString) };
  if (!got.value) return {};
  const [k] = Object.keys(got.value);
  const v = got.value[k];
  if (k === "string") return { string: count(v) };
  if (k === "bigint") return { bigint: v.length };
  if (k === "base64") return { base64: atob(v).length };
  if (k !== "array" && k !== "struct") return {};
  let depth = 0, cur = got.value;
  while (cur) {
    const inner = cur.array ?? cur.struct;
    if (inner === undefined) break;
    depth++;
    if (inner.length === 0) break;
    cur = cur.array ? inner[0] : inner[0][1];
  }
  return { [k]: v.length, depth };
}

function count(s) {
  let n = s.length;
  for (let i = 0; i + 1 < s.length; i++) {
    if ((s.charCodeAt(i) & 0xfc00) === 0xd800 && (s.charCodeAt(i + 1) & 0xfc00) === 0xdc00) n--;
  }
  return n;
}

/**
 * Does an outcome satisfy an expectation, or one of its "or" alternatives?
 * With anyError, an error of any kind satisfies an expected error.
 */
export function meets(expect, got, { anyError = false } = {}) {
  if (one(expect, got, anyError)) return true;
  return (expect.or ?? []).some((e) => one(e, got, anyError));
}

function one(e, got, anyError) {
  if (e.any) return true;
  if (e.error) return anyError ? got.error !== undefined : got.error === e.error;
  if (e.shape) {
    const s = shape(got);
    return Object.entries(e.shape).every(([k, v]) => s[k] === v);
  }
  if (e.value) return got.value !== undefined && same(e.value, got.value);
  if (e.call) {
    return got.call !== undefined && got.call.methodName === e.call.methodName &&
      same({ array: e.call.params }, { array: got.call.params });
  }
  if (e.fault) {
    return got.fault !== undefined && got.fault.faultCode === e.fault.faultCode &&
      got.fault.faultString === e.fault.faultString;
  }
  return false;
}

/**
 * Applies policy choices: { "duplicate-member": "last", ... } replaces the expectation of every
 * case under that key by the alternative it carries. A case without that alternative is decided
 * the same way under every choice, and stays as it is.
 */
export function choose(cases, choices) {
  return cases.map((c) => {
    const alternative = c.alt?.[choices[c.policyKey]];
    return alternative === undefined ? c : { ...c, expect: alternative };
  });
}

// What pages of strangers can try, each as statements that run in such a page. They find
// the URL `target`, the call `xml`, and the functions of the prelude.

/** One way to send a call to another site's server. */
export interface Attack {
  readonly name: string;
  readonly script: string;
  /** What comes to the server, and the status it is answered with. */
  readonly arrives: string;
  /** Whether it takes an origin that the browser trusts. */
  readonly needsTrust?: boolean;
}

/** A call that is well-formed XML, and can be written as `name=value`. */
export const CALL =
  '<?xml version="1.0"?><methodCall><methodName>transfer</methodName></methodCall>';

/** The functions that scripts find. */
export const PRELUDE = `
  const [xmlStart, xmlEnd] = xml.split(/=(.*)/s);

  /** Waits for an event, if it comes at all. */
  function once(target, type) {
    return new Promise((resolve) => target.addEventListener(type, resolve));
  }

  function add(name, members) {
    const element = Object.assign(document.createElement(name), members);
    document.body.append(element);
    return element;
  }

  /** Submits a form into a frame, or in place of the page. */
  function submit(members, fields, frame) {
    const form = add("form", { method: "POST", action: target, ...members });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { name, value }));
    }
    if (frame) add("iframe", { name: "frame" });
    form.target = frame ? "frame" : "_self";
    form.submit();
  }

  /** Sends with fetch. */
  async function send(body, init = {}, to = target) {
    await fetch(to, { method: "POST", mode: "no-cors", body, ...init })
      .catch(() => {});
  }

  /** Sends with XMLHttpRequest. */
  async function sendByXhr(body, type) {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", target);
    if (type !== undefined) xhr.setRequestHeader("content-type", type);
    const end = once(xhr, "loadend");
    xhr.send(body);
    await end;
  }
`;

const TEXT = "POST text/plain;charset=UTF-8 415";
const NO_TYPE = "POST - 415";
const FORM = "POST application/x-www-form-urlencoded 415";
const PARAMS = "POST application/x-www-form-urlencoded;charset=UTF-8 415";
const PARTS = "POST multipart/form-data; boundary=… 415";
const PREFLIGHT = "OPTIONS - 405";
const GET = "GET - 405";

const FORMS: readonly Attack[] = [
  {
    name: "a form as application/x-www-form-urlencoded",
    script: `submit({}, { [xmlStart]: xmlEnd }, true)`,
    arrives: FORM,
  },
  {
    name: "a form as multipart/form-data",
    script: `submit({ enctype: "multipart/form-data" }, { [xml]: xml }, true)`,
    arrives: PARTS,
  },
  {
    name: "a form as text/plain that is well-formed XML",
    script: `submit({ enctype: "text/plain" }, { [xmlStart]: xmlEnd }, true)`,
    arrives: "POST text/plain 415",
  },
  {
    name: "a form that takes the place of the page",
    script: `submit({ enctype: "text/plain" }, { [xmlStart]: xmlEnd }, false)`,
    arrives: "POST text/plain 415",
  },
  {
    name: "a form that says text/xml, which no form can",
    script: `const form = add("form", {});
      form.setAttribute("enctype", "text/xml");
      submit({ enctype: form.enctype }, { [xmlStart]: xmlEnd }, true)`,
    arrives: FORM,
  },
  {
    name: "a form by GET",
    script: `submit({ method: "GET" }, { [xmlStart]: xmlEnd }, true)`,
    arrives: GET,
  },
  {
    name: "a form that its own server redirects",
    script: `submit({
        enctype: "text/plain",
        action: "/bounce?to=" + encodeURIComponent(target),
      }, { [xmlStart]: xmlEnd }, true)`,
    arrives: "POST text/plain 415",
  },
  {
    name: "the ping of a link",
    script: `add("a", { href: "#", ping: target }).click()`,
    arrives: "POST text/ping 415",
  },
];

const FETCHES: readonly Attack[] = [
  {
    name: "fetch() of text",
    script: `await send(xml)`,
    arrives: TEXT,
  },
  {
    name: "fetch() that says text/plain with a charset, a comma and XML",
    script: `await send(xml, {
        headers: { "content-type": "text/plain; charset=utf-8, application/xml" },
      })`,
    arrives: "POST text/plain; charset=utf-8, application/xml 415",
  },
  {
    name: "fetch() that says text/plain with a parameter of +xml",
    script: `await send(xml, {
        headers: { "content-type": "text/plain;type=image/svg+xml" },
      })`,
    arrives: "POST text/plain;type=image/svg+xml 415",
  },
  {
    name: "fetch() that says text/xml where no preflight is made",
    script: `await send(xml, { headers: { "content-type": "text/xml" } })`,
    arrives: TEXT,
  },
  {
    name: "fetch() of bytes, which have no type",
    script: `await send(new TextEncoder().encode(xml))`,
    arrives: NO_TYPE,
  },
  {
    name: "fetch() of a Blob without a type",
    script: `await send(new Blob([xml]))`,
    arrives: NO_TYPE,
  },
  {
    name: "fetch() of a Blob without a type, and without a referrer",
    script: `await send(new Blob([xml]), { referrerPolicy: "no-referrer" })`,
    arrives: NO_TYPE,
  },
  {
    name: "fetch() of a Blob of text/xml where no preflight is made",
    script: `await send(new Blob([xml], { type: "text/xml" }))`,
    arrives: NO_TYPE,
  },
  {
    name: "fetch() of URLSearchParams",
    script: `await send(new URLSearchParams({ [xmlStart]: xmlEnd }))`,
    arrives: PARAMS,
  },
  {
    name: "fetch() of FormData",
    script: `const data = new FormData();
      data.append("file", new Blob([xml], { type: "text/xml" }));
      await send(data)`,
    arrives: PARTS,
  },
  {
    name: "fetch() with the cookies",
    script: `await send(xml, { credentials: "include" })`,
    arrives: TEXT,
  },
  {
    name: "fetch() that may outlive its page",
    script: `send(xml, { keepalive: true })`,
    arrives: TEXT,
  },
  {
    name: "fetch() of text that may be read",
    script: `await send(xml, { mode: "cors" })`,
    arrives: TEXT,
  },
  {
    name: "fetch() of a service worker",
    script: `await navigator.serviceWorker.register("/worker.js");
      const { active } = await navigator.serviceWorker.ready;
      const { port1, port2 } = new MessageChannel();
      port1.start();
      const end = once(port1, "message");
      active.postMessage({ target, xml }, [port2]);
      await end`,
    arrives: TEXT,
    needsTrust: true,
  },
];

/** Those for which the browser asks the server first. */
const ASKING: readonly Attack[] = [
  ...["text/xml", "application/xml", "image/svg+xml", "TEXT/XML"].map(
    (type): Attack => ({
      name: `fetch() that says ${type}`,
      script: `await send(xml, {
          mode: "cors",
          headers: { "content-type": "${type}" },
        })`,
      arrives: PREFLIGHT,
    }),
  ),
  {
    name: "fetch() that says text/xml and may outlive its page",
    script: `send(xml, {
        mode: "cors",
        keepalive: true,
        headers: { "content-type": "text/xml" },
      })`,
    arrives: PREFLIGHT,
  },
  {
    name: "fetch() of a Blob of text/xml",
    script:
      `await send(new Blob([xml], { type: "text/xml" }), { mode: "cors" })`,
    arrives: PREFLIGHT,
  },
  {
    name: "fetch() of text/xml that its own server redirects",
    script: `await send(xml, {
        mode: "cors",
        headers: { "content-type": "text/xml" },
      }, "/bounce?to=" + encodeURIComponent(target))`,
    arrives: PREFLIGHT,
  },
  {
    name: "our client",
    script: `const { createClient } = await import("/client.ts");
      await createClient(target).call("transfer").catch(() => {})`,
    arrives: PREFLIGHT,
    needsTrust: true,
  },
  {
    name: "XMLHttpRequest that says text/xml",
    script: `await sendByXhr(xml, "text/xml")`,
    arrives: PREFLIGHT,
  },
  {
    name: "XMLHttpRequest of a document",
    script: `await sendByXhr(new DOMParser().parseFromString(xml, "text/xml"))`,
    arrives: PREFLIGHT,
  },
  {
    name: "sendBeacon() of a Blob of text/xml",
    script:
      `navigator.sendBeacon(target, new Blob([xml], { type: "text/xml" }))`,
    arrives: PREFLIGHT,
  },
];

const OTHERS: readonly Attack[] = [
  {
    name: "XMLHttpRequest of text",
    script: `await sendByXhr(xml)`,
    arrives: TEXT,
  },
  {
    name: "XMLHttpRequest of a Blob without a type",
    script: `await sendByXhr(new Blob([xml]))`,
    arrives: NO_TYPE,
  },
  {
    name: "sendBeacon() of text",
    script: `navigator.sendBeacon(target, xml)`,
    arrives: TEXT,
  },
  {
    name: "sendBeacon() of a Blob without a type",
    script: `navigator.sendBeacon(target, new Blob([xml]))`,
    arrives: NO_TYPE,
  },
  {
    name: "sendBeacon() of bytes",
    script: `navigator.sendBeacon(target, new TextEncoder().encode(xml))`,
    arrives: NO_TYPE,
  },
  ...["img", "script", "iframe", "embed"].map((element): Attack => ({
    name: `the src of <${element}>`,
    script:
      `add("${element}", { src: target + "?" + encodeURIComponent(xml) })`,
    arrives: GET,
  })),
  {
    name: "a style sheet",
    script: `add("link", { rel: "stylesheet", href: target })`,
    arrives: GET,
  },
  {
    name: "EventSource",
    script: `const source = new EventSource(target);
      await once(source, "error");
      source.close()`,
    arrives: GET,
  },
  {
    name: "WebSocket",
    script: `await once(new WebSocket(target), "error")`,
    arrives: GET,
  },
];

/** All of them. */
export const ATTACKS: readonly Attack[] = [
  ...FORMS,
  ...FETCHES,
  ...ASKING,
  ...OTHERS,
];

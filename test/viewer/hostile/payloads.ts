// Texts that want to be more than text: markup, scripts, addresses, templates, styles, terminal codes, odd characters. What
// runs one of them sets `globalThis.stung`, or asks a server that nobody has.

const MARK = "stung=1";
const AWAY = "//evil.invalid/x";

const MARKUP = [
  `<script>${MARK}</script>`,
  `<ScRiPt>${MARK}</sCrIpT>`,
  `</script><script>${MARK}</script>`,
  `<img src=x onerror=${MARK}>`,
  `<img src="${AWAY}.png">`,
  `<svg onload=${MARK}>`,
  `<svg><script>${MARK}</script></svg>`,
  `<svg><animate onbegin=${MARK} attributeName=x dur=1s>`,
  `<math><mtext><style><img src=x onerror=${MARK}>`,
  `<body onload=${MARK}>`,
  `<iframe src="javascript:parent.${MARK}"></iframe>`,
  `<iframe srcdoc="<script>parent.${MARK}</script>">`,
  `<object data="javascript:${MARK}">`,
  `<embed src="javascript:${MARK}">`,
  `<a href="javascript:${MARK}">open</a>`,
  `<form action="${AWAY}"><input autofocus onfocus=${MARK}>`,
  `<button onclick="${MARK}" autofocus>copy</button>`,
  `<details open ontoggle=${MARK}>`,
  `<video><source onerror="${MARK}"></video>`,
  `<input value="" onfocus="${MARK}" autofocus>`,
  `<link rel=stylesheet href="${AWAY}.css">`,
  `<meta http-equiv="refresh" content="0;url=${AWAY}">`,
  `<base href="${AWAY}/">`,
  `<style>*{display:none}</style>`,
  `<!--><script>${MARK}</script-->`,
  `<template><script>${MARK}</script></template>`,
  `<dialog open>sign in</dialog>`,
];

const BREAKING_OUT = [
  `" onmouseover="${MARK}" x="`,
  `' onfocus='${MARK}' autofocus '`,
  `"><script>${MARK}</script>`,
  `'-(globalThis.${MARK})-'`,
  `\`-\${globalThis.${MARK}}-\``,
  `]]><script>${MARK}</script>`,
  `javascript:${MARK}//`,
  `data:text/html,<script>parent.${MARK}</script>`,
  `vbscript:msgbox(1)`,
  `{{constructor.constructor("${MARK}")()}}`,
  `\${globalThis.${MARK}}`,
  `#{globalThis.${MARK}} <%= ${MARK} %>`,
  `{"__proto__":{"dangerouslySetInnerHTML":{"__html":"<img src=x onerror=${MARK}>"}}}`,
  `url(${AWAY}.gif); background:url(${AWAY}.gif)`,
  `expression(${MARK}); } * { visibility: hidden }`,
  `&lt;script&gt;${MARK}&lt;/script&gt; &#60;img&#62;`,
  `%3Cscript%3E${MARK}%3C%2Fscript%3E`,
];

const ODD = [
  "\u202egnp.exe\u202c reversed \u2066isolate\u2069",
  "\u001b[31mred\u001b[0m \u001b]0;title\u0007 \u001b[2J",
  "nul \u0000 between, bell \u0007, delete \u007f",
  "Z\u0351\u0343\u0356a\u0321\u0334\u031el\u0358\u0327\u0329g\u0334\u0322\u0321o",
  "👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 \u00a0\u200b\ufeff\u2028\u2029 end",
  `very long ${"word-without-end".repeat(120)} end`,
];

/** Fifty. */
export const PAYLOADS: readonly string[] = [...MARKUP, ...BREAKING_OUT, ...ODD];

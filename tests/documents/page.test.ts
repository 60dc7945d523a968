import assert from "node:assert/strict";
import { test } from "node:test";
import { textOfHtml } from "../../src/documents/html.js";
import { readPage } from "../../src/documents/page/read-page.js";

const read = (html: string, isRendered = false) => readPage(html, { url: "http://site.example/docs/", isRendered });
const textOf = async (html: string): Promise<string> => (await read(html)).text;

/** Each page is read as one from the web and, all of it, as a file. */
async function shows(
  html: string,
  text: string,
  lines = text.replace(/\n{2,}/g, "\n").replace(/^ *- /gm, ""),
): Promise<void> {
  assert.equal(await textOf(html), text);
  assert.equal(textOfHtml(`<body>${html}`), lines);
}

test("code keeps its lines and its indentation", async () => {
  await shows(
    "<p>Like</p><pre>\ndef f():\n    if x:\n\treturn 1\n\n</pre><p>this</p>",
    "Like\n\ndef f():\n    if x:\n\treturn 1\n\nthis",
  );
  const coloured = "<pre><code><span class=k>a</span>:\n  <b>b</b>:&nbsp; 1<br><div>    - c</div></code></pre>";
  await shows(coloured, "a:\n  b:  1\n    - c", "a:\n  b:  1\n    - c");
  await shows(
    '<pre><span class="lineno">1</span>x\n<span class="lineno">2</span> y<button>Copy</button></pre>',
    "x\n y",
  );
  await shows('<div style="white-space: pre-wrap">  a\n   b</div>', "  a\n   b");
  await shows("<style>.src { white-space: pre }</style><p>x</p><p class=src>a\n  b</p>", "x\n\na\n  b");
  await shows("<textarea>\n to:\n   - a</textarea>", " to:\n   - a", " to:\n   - a");
});

test("tables of data keep their columns: a bar between cells, empty cells, and what spans several in each", async () => {
  await shows(
    "<table><tr><th>Plan</th><th>2024</th><th>2025</th><th>2026</th></tr><tr><td>Basic</td><td></td><td></td><td>9</td></tr></table>",
    "| Plan | 2024 | 2025 | 2026 |\n| --- | --- | --- | --- |\n| Basic | | | 9 |",
  );
  await shows(
    "<table><caption>Prices</caption><thead><tr><td>City<td colspan=2>Zones</thead><tr><td rowspan=2>New York<td>A<td><p>3</p><p>4|5</p><tr><td>B<td>7</table>",
    "Prices\n| City | Zones | Zones |\n| --- | --- | --- |\n| New York | A | 3; 4\\|5 |\n| New York | B | 7 |",
  );
  await shows("<table><tr><td>a<td>1<tr><td>b<td>2<tr><td colspan=2>Note</table>", "| a | 1 |\n| b | 2 |\nNote");
});

test("tables that only lay out a page are read as blocks", async () => {
  await shows("<table><tr><td>Menu</td><td><h2>News</h2><p>long</p></td></tr></table>", "Menu\n\nNews\n\nlong");
  await shows('<table role="presentation"><tr><td>a<td>b<tr><td>c<td>d</table>', "a b\nc d");
  await shows("<table><tr><th>x<td><pre>a\n b</pre></table>", "x\n\na\n b");
});

test("lists keep their numbers, as they count them", async () => {
  await shows("<ol start=7><li>seven<li><p>eight</p><li value=20>twenty<li></ol>", "7. seven\n8. eight\n\n20. twenty");
  await shows(
    "<ol reversed><li>two<li>one</ol><ol type=a start=27><li>x</ol><ol type=I start=4><li>y</ol>",
    "2. two\n1. one\n\naa. x\n\nIV. y",
  );
  await shows("<ul><li>a<ol><li>b<li>c</ol><li>d</ul>", "- a\n  1. b\n  2. c\n- d", "a\n1. b\n2. c\nd");
});

test("exponents and indices are told from the number before them; notes, ordinals and marks are left as they are", async () => {
  await shows(
    "<p>100<sup>2</sup>=10000; 5.97×10<sup>24</sup> kg; x<sub>1</sub>; e<sup>−x/2</sup>; (a+b)<sup>n + 1</sup></p>",
    "100^2=10000; 5.97×10^24 kg; x_1; e^(−x/2); (a+b)^(n + 1)",
  );
  await shows(
    '<p>It said so<sup><a href="#n1">[1]</a></sup>, and so<sup><a href="#n2">2</a></sup> the 1<sup>st</sup> Brand<sup>®</sup></p>',
    "It said so[1], and so[2] the 1st Brand®",
  );
});

test("a formula is told once, as TeX where the page holds it", async () => {
  await shows(
    '<p>Energy is <span style="display:none"><math alttext="E=mc^2"><mi>E</mi></math></span><img alt="E=mc^2" src="x.svg"> always.</p>',
    "Energy is E=mc^2 always.",
  );
  const wikipedia =
    '<p>Energy is <span class="mwe-math-element"><span style="display: none;"><math><semantics><mi>E</mi><annotation encoding="application/x-tex">{\\displaystyle E=mc^{2}}</annotation></semantics></math></span><img class="mwe-math-fallback-image-inline" aria-hidden="true" alt="{\\displaystyle E=mc^{2}}"></span>.</p>';
  await shows(wikipedia, "Energy is E=mc^{2}.");
  const katex =
    '<p>So <span class="katex"><span class="katex-mathml"><math><semantics><mi>x</mi><annotation encoding="application/x-tex">x^2</annotation></semantics></math></span><span class="katex-html" aria-hidden="true"><span>x</span><span>2</span></span></span>.</p>';
  await shows(katex, "So x^2.");
  const mathjax =
    '<p>So <span class="MathJax_Preview">y</span><span class="MathJax">y2</span><script type="math/tex">y^2</script>.</p>';
  await shows(mathjax, "So y^2.");
  await shows(
    "<p>So <math><mi>x</mi><mo>=</mo><mfrac><mrow><mo>−</mo><mi>b</mi></mrow><msup><mi>a</mi><mn>2</mn></msup></mfrac></math></p>",
    "So x = (− b)/a^2",
  );
});

test("what an image says stands where it carries meaning", async () => {
  await shows(
    '<table><tr><th>Plan<th>Safe<tr><td>A<td><img alt="yes" src=a.png></table>',
    "| Plan | Safe |\n| --- | --- |\n| A | yes |",
  );
  await shows(
    '<div><img alt="Open from 9 to 17" src=a></div><div><img alt="photo-of-2023.jpg" src=b><img alt="" src=c></div>',
    "[image: Open from 9 to 17]",
  );
  await shows(
    "<figure><img alt='The old port' src=a><figcaption>The old port at night</figcaption></figure>",
    "The old port at night",
  );
  const { links } = await read(
    '<p>x</p><a href="/home"><img alt="Home" src=a></a><a href="/in" aria-label="Log in"><svg></svg></a>',
  );
  assert.deepEqual(
    links.map(({ text }) => text),
    ["Home", "Log in"],
  );
});

test("neighbours that are seen apart are read apart", async () => {
  await shows(
    "<p><span>19.99</span><span>29.99</span> <a href=/>Home</a><a href=/p>Prices</a> <b>H</b>ello <i>wo</i><b>rld</b></p>",
    "19.99 29.99 Home Prices Hello world",
  );
  await shows("<center>Top</center>below", "Top\nbelow");
  await shows('<div style="display: flex"><span>left</span><span>right</span></div>', "left right");
  await shows("<p><q>Yes</q>, <del>19</del> 9 <ruby>漢<rt>かん</rt></ruby></p>", "“Yes”, ~~19~~ 9 漢(かん)");
});

test("fields, options and buttons of a form are told, passwords and hidden fields are not", async () => {
  const form =
    '<form><label>Name <input value="Ann"></label><br><input type=password value=secret><input type=hidden value=token>' +
    "<input type=checkbox checked> news<br><input type=radio> no<br>Size <select><option>S<option selected>M<option hidden>X</select><br><input placeholder=Code><button>Order</button></form>";
  await shows(form, "Name [Ann]\n[x] news\n( ) no\nSize [S, M (selected)]\n[Code] [Order]");
  const countries = `<p>From <select>${Array.from({ length: 200 }, (_, at) => `<option>Land ${at}`).join("")}</select></p>`;
  await shows(countries, "From [Land 0 (selected), … of 200 options]");
});

const hiding = [
  "display : none !important",
  "DISPLAY:NONE",
  "visibility:hidden",
  "opacity:0",
  "opacity: 0.0",
  "font-size:0",
  "font-size: 1px",
  "position:absolute;left:-9999px",
  "position:fixed; top:-100em",
  "text-indent:-9999px",
  "margin-left: -2000px",
  "clip-path: inset(50%)",
  "position:absolute;clip:rect(0 0 0 0)",
  "position: absolute; clip: rect(1px, 1px, 1px, 1px)",
  "transform:scale(0)",
  "height:0;overflow:hidden",
  "max-height: 0px; overflow-y: hidden",
  "color:#fff;background:white",
  "color: transparent",
  "color:#FFFFFF",
  "filter: opacity(0)",
  "content-visibility: hidden",
];

test("what nobody who looks at a page sees is left out, however it is hidden", async () => {
  for (const style of hiding) {
    const inline = `<p>seen</p><p style="${style}">unseen <b>words</b></p>`;
    assert.equal(await textOf(inline), "seen", style);
    assert.equal(textOfHtml(inline), "seen", style);
    // Colours alone say nothing where a sheet may set other ones.
    if (/^color:#FFF/.test(style)) continue;
    assert.equal(await textOf(`<style>p.gone { ${style} }</style><p>seen</p><p class=gone>unseen</p>`), "seen", style);
  }
  for (const attribute of ["hidden", 'hidden="until-found"', "popover"]) {
    assert.equal(await textOf(`<p>seen</p><p ${attribute}>unseen</p>`), "seen");
  }
  assert.equal(await textOf("<p>seen</p><dialog>unseen</dialog><template>unseen</template>"), "seen");
  assert.equal(await textOf('<p>seen</p><font color="white">unseen</font>'), "seen");
});

test("what is seen stays, whatever looks like hiding", async () => {
  const shown = [
    '<ul style="font-size:0"><li style="font-size:14px">seen</ul>',
    '<p style="visibility:hidden"><b style="visibility:visible">seen</b></p>',
    '<p style="opacity:0.4;left:-9999px">seen</p>',
    '<div style="background:#000"><p style="color:white">seen</p></div>',
    "<style>@media print { p { display: none } } p:hover { display: none } .js p { display: none }</style><p>seen</p>",
    "<style>p { display: none } p.on { display: block }</style><p class=on>seen</p>",
    "<style>body { display: none }</style><p>seen</p>",
    '<p aria-hidden="true">seen</p>',
    "<details><summary>seen</summary></details>",
    '<p style="background: linear-gradient(red, blue); color: transparent">seen</p>',
  ];
  for (const page of shown) assert.match(await textOf(page), /^(?:- )?seen$/, page);
});

test("shadow roots that the page holds are read in their place, with what stands in their slots", async () => {
  await shows(
    '<h1>Outer</h1><my-card><template shadowrootmode="open"><p>Before <slot name="b">none</slot></p><slot></slot></template><b slot="b">named</b>rest</my-card>',
    "Outer\n\nBefore named\n\nrest",
  );
});

test("a page within an attribute is read, and frames from elsewhere are links", async () => {
  await shows('<p>Out</p><iframe srcdoc="<p>Inner &amp;amp; whole</p>"></iframe>', "Out\n\nInner & whole");
  const { links } = await read('<html><frameset><frame src="/menu" name="menu"><frame src="main"></frameset></html>');
  assert.deepEqual(links, [
    { text: "frame menu", url: "http://site.example/menu" },
    { text: "frame", url: "http://site.example/docs/main" },
  ]);
});

test("a page says where it sends its reader at once, not where it leads after a time", async () => {
  const leadsTo = async (html: string) => (await read(html)).leadsTo?.url;
  assert.equal(await leadsTo('<meta http-equiv="refresh" content="0; url=/new">'), "http://site.example/new");
  assert.equal(
    await leadsTo(`<META HTTP-EQUIV=Refresh CONTENT="1;URL='next.html'">`),
    "http://site.example/docs/next.html",
  );
  assert.equal(
    await leadsTo('<noscript><meta http-equiv="refresh" content="0;url=/plain"></noscript>'),
    "http://site.example/plain",
  );
  for (const content of ["300; url=/later", "5", "0; url=javascript:alert(1)", ""]) {
    assert.equal(await leadsTo(`<meta http-equiv="refresh" content="${content}">`), undefined);
  }
});

test("names in capitals mean what they mean in small letters", async () => {
  const page = `<div id=nav class=sidebar><p>Menu</p></div><div class=article>${"<p>A long sentence about herons, which stand in water, and wait. </p>".repeat(20)}</div>`;
  assert.equal(
    await textOf(page.toUpperCase().replace(/>[^<]+</g, (text) => text.toLowerCase())),
    (await textOf(page)).toLowerCase(),
  );
});

test("what a browser has rendered is not judged again by its styles", async () => {
  assert.equal((await read('<p style="opacity:0">seen</p><style>p{display:none}</style>', true)).text, "seen");
});

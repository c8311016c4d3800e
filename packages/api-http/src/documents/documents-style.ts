/** The style of the documents' page. */

/** A style sheet without anything from elsewhere. */
export const DOCUMENTS_STYLE = `:root {
  color-scheme: light dark;
  --ground: #fff; --ink: #17212b; --soft: #5a6773; --line: #d9dfe5; --fill: #f4f6f8; --link: #0b5cad; --mark: #0a7d4b;
  font: 16px/1.55 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #12181e; --ink: #e4e9ee; --soft: #9aa7b3; --line: #2c3742; --fill: #1a222a; --link: #79b8ff; --mark: #5fd09b; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--ink); }
a { color: var(--link); }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
code, pre { font: 0.875em/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
code { background: var(--fill); border-radius: 4px; padding: 0.1em 0.3em; overflow-wrap: anywhere; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: 1rem; background: var(--ground); padding: 0.5rem; z-index: 1; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: baseline; padding: 0.75rem 1.25rem;
  border-bottom: 1px solid var(--line); }
header p { margin: 0; color: var(--soft); }
header .name { font-weight: 700; color: var(--ink); }
nav { padding: 1rem 1.25rem; font-size: 0.9rem; }
nav details { margin: 0; }
nav summary { padding: 0.4rem 0; font-weight: 600; cursor: pointer; }
nav summary a { color: inherit; text-decoration: none; }
nav ul { list-style: none; margin: 0 0 0.5rem; padding: 0 0 0 1.1rem; }
nav li a { display: block; padding: 0.25rem 0; text-decoration: none; overflow-wrap: anywhere; }
nav li a:hover { text-decoration: underline; }
main { padding: 0 1.25rem 4rem; max-width: 60rem; min-width: 0; }
h1 { font-size: 1.7rem; line-height: 1.25; }
h2 { font-size: 1.4rem; margin: 3rem 0 0.5rem; padding-top: 1rem; border-top: 3px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0 0 0.4rem; }
h3 code { background: none; padding: 0; font-size: 1rem; }
h4 { font-size: 0.8rem; margin: 1rem 0 0.25rem; color: var(--soft); text-transform: uppercase; letter-spacing: 0.05em; }
article { padding: 1.25rem 0; border-bottom: 1px solid var(--line); }
article p { margin: 0.3rem 0; }
article .lead { font-size: 1.02rem; }
article :target, article:target { background: linear-gradient(90deg, var(--fill), transparent); }
.method { display: inline-block; min-width: 4.2em; padding: 0.1em 0.4em; border-radius: 4px; text-align: center; color: #fff;
  background: #2a6f97; font: 600 0.72rem/1.5 system-ui, sans-serif; text-transform: uppercase; }
.method.post { background: #1c7a4c; }
.method.delete { background: #a63a3a; }
.optional { color: var(--soft); font: 0.8rem system-ui, sans-serif; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th { text-align: left; color: var(--soft); font-weight: 600; }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child code { white-space: nowrap; }
.pattern { color: var(--soft); }
details { margin: 0.5rem 0; }
article summary { cursor: pointer; color: var(--link); padding: 0.3rem 0; }
pre { background: var(--fill); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem; overflow-x: auto; margin: 0.25rem 0;
  max-height: 30rem; }
@media (min-width: 60rem) {
  .sides { display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; border-right: 1px solid var(--line); }
  main { padding: 0 2.5rem 4rem; }
}
@media (max-width: 40rem) {
  thead { position: absolute; left: -100vw; }
  tr { display: block; padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
  td { display: block; border: 0; padding: 0.05rem 0; }
  td:empty { display: none; }
  td:first-child code { white-space: normal; }
  td:not(:first-child)::before { content: attr(data-of) ": "; color: var(--soft); }
  h2 { margin-top: 2rem; }
  nav summary, article summary { padding: 0.6rem 0; }
}
@media print {
  nav, .skip { display: none; }
  pre { max-height: none; white-space: pre-wrap; }
}
`;

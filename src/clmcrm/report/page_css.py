"""The style sheet of the page: one column that reads well on a screen, on a phone and on paper (A4)."""

from __future__ import annotations

from typing import Final

PAGE_CSS: Final = """
*, *::before, *::after { box-sizing: border-box; }
html {
  background: var(--page); color: var(--ink); font: 16px/1.5 var(--font);
  -webkit-text-size-adjust: 100%; overflow-wrap: anywhere;
}
body { max-width: 1180px; margin: 0 auto; padding: 28px 24px 56px; }
h1, h2, h3, p, ul, ol, figure { margin: 0; padding: 0; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -.015em; font-weight: 700; }
h2 { font-size: 20px; line-height: 1.3; letter-spacing: -.005em; margin-bottom: 4px; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.skip {
  position: absolute; left: 12px; top: -60px; padding: 8px 14px; background: var(--accent);
  color: var(--on-accent); border-radius: 6px; z-index: 2;
}
.skip:focus { top: 12px; }
.as-of { color: var(--muted); margin-top: 4px; }
nav { margin: 18px 0 20px; border-block: 1px solid var(--line); padding: 8px 0; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 14px; }
nav a { text-decoration: none; display: inline-block; padding: 2px 0; }
nav a:hover { text-decoration: underline; }
.cards {
  list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr));
  gap: 14px; margin-bottom: 20px;
}
.card {
  background: var(--surface); border: 1px solid var(--line); border-top: 4px solid var(--mark);
  border-radius: 8px; padding: 12px 16px 14px; display: flex; flex-direction: column;
}
.card .name { font-size: 13.5px; color: var(--muted); }
.card .value {
  font-size: 27px; line-height: 1.25; font-weight: 650; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums;
}
.card .note { font-size: 13px; color: var(--muted); }
.card-good { border-top-color: var(--good); }
.card-warn { border-top-color: var(--warn); }
.card-bad { border-top-color: var(--bad); }
main { display: grid; grid-template-columns: minmax(0, 1fr); column-gap: 20px; }
main section {
  background: var(--surface); border: 1px solid var(--line); border-radius: 10px;
  padding: 20px 22px 22px; margin-bottom: 20px; scroll-margin-top: 12px;
}
.intro { color: var(--muted); font-size: 14.5px; max-width: 76ch; margin-bottom: 12px; }
.empty { color: var(--muted); font-style: italic; }
.small { font-size: 13.5px; }
.strong { font-weight: 600; }
.muted { color: var(--muted); }
.sub { display: block; font-size: 12.5px; color: var(--muted); font-weight: 400; }
time { white-space: nowrap; }
.decisions {
  list-style: none; display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 12px;
  margin-top: 12px;
}
.decision {
  display: flex; gap: 16px; border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px;
  break-inside: avoid;
}
.when {
  flex: none; min-width: 152px; width: max-content;
  display: flex; flex-direction: column; align-items: flex-start;
}
.when .label { font-size: 12.5px; color: var(--muted); }
.when time { font-weight: 650; font-size: 16.5px; }
.badge {
  margin-top: 6px; font-size: 12.5px; line-height: 1.3; padding: 2px 8px; border-radius: 10px;
  background: var(--sunken); color: var(--ink);
}
.badge-warn { background: var(--warn-soft); color: var(--warn); font-weight: 600; }
.badge-bad { background: var(--bad-soft); color: var(--bad); font-weight: 600; }
.words { min-width: 0; }
.words h3 { font-size: 15.5px; line-height: 1.35; }
.words .who { display: block; font-weight: 400; font-size: 13.5px; color: var(--muted); }
.words .choice { font-weight: 600; font-size: 14.5px; color: var(--accent); margin: 4px 0 2px; }
.words .small { color: var(--muted); }
.scroll { overflow-x: auto; position: relative; }
.scroll svg { display: block; height: auto; max-width: none; }
figure .scroll { margin: 8px 0 4px; }
table {
  border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums;
  overflow-wrap: break-word;
}
th, td { text-align: left; vertical-align: top; padding: 9px 12px; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { padding-left: 10px; }
thead th {
  font-size: 12.5px; font-weight: 600; color: var(--muted); white-space: nowrap;
  border-bottom: 2px solid var(--line); vertical-align: bottom;
}
tbody th { font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
.num { text-align: right; white-space: nowrap; }
.day { white-space: nowrap; }
.agenda .reason { min-width: 330px; }
.agenda tbody th { min-width: 150px; }
.tone-muted { color: var(--muted); }
.tone-good { background: var(--good-soft); color: var(--good); font-weight: 600; }
.tone-warn { background: var(--warn-soft); color: var(--warn); font-weight: 600; }
.tone-bad { background: var(--bad-soft); color: var(--bad); font-weight: 600; }
.tone-bad .sub { color: inherit; }
.kind {
  display: inline-block; font-size: 12px; font-weight: 600; line-height: 1.4; padding: 1px 8px;
  border-radius: 9px; background: var(--sunken); color: var(--ink); margin-right: 2px;
}
.kind.kind-notice { background: var(--warn-soft); color: var(--warn); }
.kind.kind-obligation { background: var(--accent-soft); color: var(--accent); }
details { margin-top: 4px; }
details > details, .data { margin-top: 10px; }
summary { cursor: pointer; color: var(--accent); font-size: 13.5px; width: fit-content; padding: 2px 0; }
summary:hover { text-decoration: underline; }
th summary, td > details:only-child { margin-top: 0; }
td > details:only-child > summary { color: inherit; text-decoration: underline dotted; }
.steps { margin: 4px 0 6px; padding-left: 22px; font-size: 13.5px; max-width: 78ch; }
.steps li { margin: 2px 0; }
details > ul:not(.steps) { padding-left: 22px; font-size: 13.5px; }
footer { color: var(--muted); font-size: 13.5px; border-top: 1px solid var(--line); padding-top: 14px; }
footer h2 { font-size: 14px; color: var(--ink); }
footer ul { padding-left: 20px; }
@media screen and (min-width: 1120px) {
  main { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  main > * { grid-column: 1 / -1; }
  main > .narrow { grid-column: auto; }
}
@media screen and (max-width: 640px) {
  body { padding: 18px 14px 36px; }
  h1 { font-size: 24px; }
  main section { padding: 16px 14px; border-radius: 8px; }
  .cards { grid-template-columns: 1fr 1fr; gap: 10px; }
  .card { padding: 10px 12px; }
  .card .value { font-size: 20px; }
  .decision { flex-direction: column; gap: 6px; }
  .when { width: auto; flex-direction: row; flex-wrap: wrap; align-items: baseline; gap: 2px 8px; }
  .badge { margin-top: 0; }
  .scroll table { min-width: 540px; }
  .scroll .agenda { min-width: 0; }
  .agenda, .agenda tbody { display: block; }
  .agenda thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .agenda tbody tr {
    display: grid; grid-template-columns: 1fr 1fr;
    padding: 10px 0; border-bottom: 1px solid var(--line);
  }
  .agenda tbody tr > * { border: 0; padding: 2px 0; min-width: 0; }
  .agenda tbody .day.tone-bad { padding-left: 8px; }
  .agenda tbody th, .agenda tbody .who, .agenda tbody .reason { grid-column: 1 / -1; }
  .agenda tbody th { font-size: 15.5px; padding-top: 6px; }
  .agenda tbody th .sub { display: inline; margin-left: 6px; }
  .agenda tbody .who { color: var(--muted); }
  .agenda [data-label]::before { content: attr(data-label); display: block; font-size: 12.5px; color: var(--muted); }
}
@media print {
  @page { size: A4; margin: 14mm 13mm 16mm; }
  html { background: none; font-size: 10.5pt; }
  body { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  main section { border: 0; border-radius: 0; padding: 0; margin-bottom: 18pt; }
  h1 { font-size: 20pt; } h2 { font-size: 14pt; break-after: avoid; }
  .intro { break-after: avoid; break-inside: avoid; } tbody tr:first-child { break-before: avoid; }
  .cards { grid-template-columns: repeat(4, 1fr); } .card .value { font-size: 14pt; }
  .scroll { overflow: visible; }
  .scroll svg { width: 100%; }
  .narrow { break-inside: avoid; }
  .narrow .scroll svg { width: 130mm; }
  figure > .data { display: none; }
  .agenda, .agenda tbody { display: block; }
  .agenda thead { display: none; }
  .agenda tbody tr { display: grid; grid-template-columns: 34mm 34mm 1fr 1fr; border-bottom: .5pt solid var(--line); }
  .agenda tbody tr > * { border: 0; }
  .agenda tbody .reason { grid-column: 1 / -1; padding-top: 0; }
  .agenda .reason summary { display: none; }
  .agenda [data-label]::before { content: attr(data-label); display: block; font-size: 7.5pt; color: var(--muted); }
  table { font-size: 8.5pt; } thead { display: table-header-group; } tr { break-inside: avoid; }
  th, td { padding: 4pt 5pt; } .agenda .reason { min-width: 0; } .agenda tbody th { min-width: 0; }
  .steps, .small { font-size: 8.5pt; }
  figure { break-inside: avoid-page; } .data { break-inside: auto; }
  details::details-content { content-visibility: visible; block-size: auto; display: block; }
  summary { list-style: none; color: var(--muted); }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
"""The classes of the page."""
